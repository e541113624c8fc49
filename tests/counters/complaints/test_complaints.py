"""Complaints: made without an account, followed by their number, answered once by a supervisor in time."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from core.errors import InvalidInput, NotAllowed, NotFound
from counters.complaints import selectors
from counters.complaints.errors import ComplaintAnswered
from counters.complaints.models import Complaint
from counters.complaints.services import answer_complaint, erase_complaints, make_complaint
from notices.models import Message
from offices.directory.models import Office
from offices.promises import ANSWER_COMPLAINT
from offices.staff.models import Role
from tests.builders import NOW, make_office, make_officer
from tests.outbox import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(set_clock: Any) -> Office:
    set_clock(NOW)
    return make_office()


def complain(office: Office, **changes: Any) -> Complaint:
    values = {
        "about": "waiting",
        "text": "Nomor A012 dilewati.",
        "address": "lapor@contoh.id",
        "language": "id",
    }
    return make_complaint(office=office, now=NOW, **values | changes)


def answer(row: Complaint, by: Any, now: Any = NOW, **changes: Any) -> Complaint:
    values = {"is_founded": True, "answer": "Sudah diperbaiki."} | changes
    return answer_complaint(complaint_id=row.pk, by=by, now=now, **values)


def test_a_complaint_is_made_and_followed_without_an_account(
    client: Client, office: Office
) -> None:
    form = {"office": office.code, "about": "money", "text": "Diminta Rp100.000.", "address": ""}
    page = client.post("/complaints/new/", form, follow=True)
    row = Complaint.objects.get()
    assert row.number in page.content.decode()
    assert row.number not in page.request["PATH_INFO"]
    assert row.answer_by == row.made_at + ANSWER_COMPLAINT
    answer(row, make_officer(office, Role.SUPERVISOR), answer="Petugas itu diperiksa.")
    typed = f"{row.number[:5]}-{row.number[5:]}".lower()
    page = Client().post("/complaints/answer/", {"number": typed})
    assert "Petugas itu diperiksa." in page.content.decode()


def test_the_text_is_encrypted_in_the_database(office: Office) -> None:
    row = complain(office)
    [stored] = Complaint.objects.filter(pk=row.pk).extra(select={"raw": "text"}).values_list("raw")
    assert "A012" not in str(stored)


@pytest.mark.parametrize(
    "changes", [{"text": ""}, {"text": "x" * 2_001}, {"about": "lain"}, {"office": "atlantis"}]
)
def test_a_wrong_form_is_shown_again_with_a_sentence(
    client: Client, office: Office, changes: dict[str, str]
) -> None:
    form = {"office": office.code, "about": "other", "text": "Sesuatu."} | changes
    page = client.post("/complaints/new/", form)
    assert page.status_code == 400
    assert 'role="alert"' in page.content.decode()
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("number", ["ACDEFGHJKM", "", "x" * 100, "' OR 1=1"])
def test_an_unknown_number_gets_a_sentence(client: Client, office: Office, number: str) -> None:
    page = client.post("/complaints/answer/", {"number": number})
    assert page.status_code == 400


def test_the_answer_is_sent_once(office: Office) -> None:
    row, by = complain(office), make_officer(office, Role.SUPERVISOR)
    answer(row, by)
    with pytest.raises(ComplaintAnswered):
        answer(row, by)
    [message] = Message.objects.filter(kind="complaint_answered")
    assert "Sudah diperbaiki." in text_of(message)
    assert row.number not in text_of(message)


def test_nothing_is_sent_without_an_address(office: Office) -> None:
    answer(complain(office, address=""), make_officer(office, Role.SUPERVISOR))
    assert not Message.objects.exists()


@pytest.mark.parametrize("role", [Role.GATE, Role.COUNTER, Role.PICKUP])
def test_only_supervisors_answer(office: Office, role: Role) -> None:
    with pytest.raises(NotAllowed):
        answer(complain(office), make_officer(office, role))


def test_a_supervisor_of_another_office_cannot_answer(office: Office) -> None:
    with pytest.raises(NotAllowed):
        answer(complain(office), make_officer(make_office(), Role.SUPERVISOR))


def test_an_answer_needs_a_text_and_a_complaint(office: Office) -> None:
    by = make_officer(office, Role.SUPERVISOR)
    with pytest.raises(InvalidInput):
        answer(complain(office), by, answer=" ")
    with pytest.raises(NotFound):
        answer_complaint(complaint_id=0, is_founded=True, answer="Ya.", by=by, now=NOW)


def test_the_database_refuses_half_an_answer(office: Office) -> None:
    row = complain(office)
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=row.pk).update(answered_at=NOW)


def test_counts_by_deadline(office: Office) -> None:
    by = make_officer(office, Role.SUPERVISOR)
    answer(complain(office), by)
    answer(complain(office), by, now=NOW + timedelta(days=15))
    complain(office)
    day = office.local_day(NOW)
    later = selectors.counts_of([office], day, day, now=NOW + timedelta(days=20))[office.pk]
    assert (later.made, later.in_time, later.late, later.overdue) == (3, 1, 1, 1)
    assert selectors.counts_of([office], day, day, now=NOW)[office.pk].overdue == 0


def test_a_supervisor_answers_on_the_screen(client: Client, office: Office) -> None:
    row = complain(office)
    client.force_login(make_officer(office, Role.SUPERVISOR))
    assert f"/admin/complaints/{row.pk}/" in client.get("/admin/complaints/").content.decode()
    page = client.post(
        f"/admin/complaints/{row.pk}/", {"answer": "Tidak benar.", "unfounded": "1"}, follow=True
    )
    assert page.status_code == 200
    row.refresh_from_db()
    assert row.is_founded is False


def test_erasing_keeps_what_is_counted(office: Office) -> None:
    row = answer(complain(office), make_officer(office, Role.SUPERVISOR))
    erase_complaints(complaint_ids=[row.pk], now=NOW)
    row.refresh_from_db()
    assert (row.text, row.answer, row.address) == ("", "", "")
    assert row.is_founded is True
