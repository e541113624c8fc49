"""Requests about one's own data: carried out at once, answered in time, escalated when late."""

import json
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Consent, User
from accounts.services import give_consent, has_consented
from booking.bookings.changes import cancel_booking
from booking.bookings.models import Booking
from booking.people.errors import ProcessingRestricted
from booking.people.models import Applicant
from core.errors import InvalidInput, NotAllowed, NotFound
from notices.models import Message
from notices.services import deliver_due
from offices.directory.models import Office
from offices.staff.models import Role
from ops.verification.services import verify
from privacy.holdings.rendering import as_json, as_pdf
from privacy.holdings.selectors import held, subject_of_account, subject_of_person
from privacy.requests import services
from privacy.requests.errors import NobodyHere, OfficersAccount, RequestAnswered, StillNeeded
from privacy.requests.models import DataRequest, RequestStatus
from privacy.requests.services import DeskIdentity
from tests.builders import (
    NOW,
    make_booking,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
    make_user,
    person_data,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)
UNSENT = 9


@pytest.fixture
def account() -> User:
    return make_user("siti@contoh.id")


@pytest.fixture
def office() -> Office:
    return make_open_office(places=20)


def document_of(person: Applicant) -> DeskIdentity:
    return DeskIdentity("nik", person.identity_number, "", "KTP asli")


def kinds_to(address: str) -> list[str]:
    return list(
        Message.objects.filter(address=address)
        .order_by("created_at", "id")
        .values_list("kind", flat=True)
    )


# --- Copy -----------------------------------------------------------------------------------------
def test_a_copy_contains_the_bookings_with_their_history(account: User) -> None:
    person = make_person(account, full_name="Siti Rahmawati")
    booking = make_booking(make_open_slot(), person=person)
    cancel_booking(booking_id=booking.pk, by=account, now=LATER)
    stranger = make_booking(make_open_slot())
    tables = {
        table["table"]: table["rows"]
        for table in json.loads(as_json(held(subject_of_account(account), now=NOW), now=NOW))[
            "tables"
        ]
    }
    assert tables["booking.Applicant"][0]["identity_number"] == person.identity_number
    assert [row["code"] for row in tables["booking.Booking"]] == [booking.code]
    assert [row["new"] for row in tables["booking.BookingEvent"]] == ["booked", "cancelled"]
    assert {row["by"] for row in tables["booking.BookingEvent"]} == {"Anda"}
    assert {row["kind"] for row in tables["notices.Message"]} >= {"booking_confirmed"}
    text = json.dumps(tables)
    assert stranger.code not in text
    assert account.password not in text
    assert person.person_key not in text


def test_a_copy_at_the_desk_contains_the_person_in_every_account() -> None:
    first = make_person(full_name="Siti Rahmawati")
    make_person(full_name="Siti R", identity_number=first.identity_number)
    make_person(full_name="Orang Lain")
    tables = {table.name: table for table in held(subject_of_person(first.person_key), now=NOW)}
    names = [row["full_name"] for row in tables["booking.Applicant"].values]
    assert names == ["Siti Rahmawati", "Siti R"]
    assert "accounts.User" not in tables


def test_a_copy_is_also_a_pdf(account: User) -> None:
    make_booking(make_open_slot(), person=make_person(account, full_name="Nguyễn Łukasz"))
    content = as_pdf(held(subject_of_account(account), now=NOW), now=NOW)
    assert content.startswith(b"%PDF")


# --- Deletion -------------------------------------------------------------------------------------
def test_a_deleted_account_keeps_the_ledger_without_a_name(account: User) -> None:
    booking = make_booking(make_open_slot(), person=make_person(account))
    cancel_booking(booking_id=booking.pk, by=account, now=LATER)
    services.delete_own_account(account=account, now=LATER)
    account.refresh_from_db()
    assert account.email == f"erased-{account.pk}@erased.invalid"
    assert (account.full_name, account.is_active) == ("", False)
    kept = Booking.objects.get(pk=booking.pk)
    assert (kept.code, kept.person_key) == (booking.code, booking.person_key)
    assert kept.applicant.full_name == ""
    # The only message left to the address is the answer.
    assert kinds_to("siti@contoh.id") == ["privacy_answered"]
    row = DataRequest.objects.get(account=account)
    assert row.status == RequestStatus.DONE
    assert "tetap tersimpan tanpa nama" in row.answer
    assert {one.law for one in verify(now=LATER) if one.breaches} <= {UNSENT}


def test_a_deletion_withdraws_open_requests_and_erases_their_texts(
    account: User, office: Office
) -> None:
    row = ask(account, office)
    services.delete_own_account(account=account, now=LATER)
    row.refresh_from_db()
    assert (row.status, row.text) == (RequestStatus.WITHDRAWN, "")


def test_the_answer_reaches_the_address_that_the_account_had(account: User, mailbox: Any) -> None:
    services.delete_own_account(account=account, now=NOW)
    deliver_due(now=NOW)
    [email] = mailbox.emails
    assert "Yang dihapus" in email.text
    # The text is not kept in the message log.
    assert Message.objects.get(kind="privacy_answered").body == ""


def test_a_live_booking_prevents_the_deletion_and_says_so(account: User) -> None:
    booking = make_booking(make_open_slot(), person=make_person(account))
    with pytest.raises(StillNeeded) as refusal:
        services.delete_own_account(account=account, now=NOW)
    assert "Batalkan jadwalnya" in str(refusal.value)
    booking.applicant.refresh_from_db()
    assert booking.applicant.full_name


def test_one_person_is_deleted_and_the_others_stay(account: User) -> None:
    gone, stays = make_person(account), make_person(account)
    services.delete_own_person(account=account, applicant_id=gone.pk, now=NOW)
    gone.refresh_from_db()
    stays.refresh_from_db()
    assert (gone.full_name, gone.erased_at) == ("", NOW)
    assert stays.full_name


def test_nobody_deletes_another_accounts_person(account: User) -> None:
    with pytest.raises(NotFound):
        services.delete_own_person(account=account, applicant_id=make_person().pk, now=NOW)


def test_an_officer_cannot_delete_the_own_account(office: Office) -> None:
    with pytest.raises(OfficersAccount):
        services.delete_own_account(account=make_officer(office), now=NOW)


def test_a_deleted_number_can_be_registered_again(account: User) -> None:
    person = make_person(account)
    number = person.identity_number
    services.delete_own_person(account=account, applicant_id=person.pk, now=NOW)
    again = make_person(account, identity_number=number)
    assert again.person_key == person.person_key


# --- Restriction and objection ---------------------------------------------------------------------
def test_restricted_people_cannot_book_until_it_ends(account: User) -> None:
    person, slot = make_person(account), make_open_slot()
    services.restrict_own(account=account, now=NOW)
    with pytest.raises(ProcessingRestricted):
        make_booking(slot, person=person)
    services.resume_own(account=account, now=NOW)
    assert make_booking(slot, person=person).pk


def test_objecting_stops_reminders(account: User) -> None:
    give_consent(user_id=account.pk, purpose=Consent.Purpose.REMINDERS, now=NOW)
    services.object_to_reminders(account=account, now=NOW)
    assert not has_consented(account.pk, Consent.Purpose.REMINDERS)
    assert DataRequest.objects.get().kind == "object"


# --- Requests that officers answer ------------------------------------------------------------------
def ask(account: User, office: Office) -> DataRequest:
    return services.ask_for_correction(
        account=account, office_id=office.pk, text="Nama saya Siti, bukan Sita.", now=NOW
    )


def test_a_supervisor_corrects_and_answers_in_time(account: User, office: Office) -> None:
    person = make_person(account, full_name="Sita Rahmawati")
    make_booking(make_open_slot(office=office), person=person)
    row = ask(account, office)
    assert row.due_at == NOW + timedelta(hours=72)
    supervisor = make_officer(office, Role.SUPERVISOR)
    changed = services.correct_person(
        request_id=row.pk,
        applicant_id=person.pk,
        data=person_data(full_name="Siti Rahmawati", identity_number=person.identity_number),
        by=supervisor,
        now=LATER,
    )
    assert changed == ["full_name"]
    services.answer_request(
        request_id=row.pk, is_granted=True, answer="Nama diperbaiki.", by=supervisor, now=LATER
    )
    person.refresh_from_db()
    assert person.full_name == "Siti Rahmawati"
    row.refresh_from_db()
    assert (row.status, row.answer, row.answered_by) == ("done", "Nama diperbaiki.", supervisor)
    reasons = row.history.values_list("reason", flat=True)
    assert "nama lengkap" in reasons
    assert not any("Rahmawati" in reason for reason in reasons)
    assert kinds_to(account.email)[-2:] == ["privacy_received", "privacy_answered"]


def test_a_refusal_needs_a_reason(account: User, office: Office) -> None:
    row = ask(account, office)
    supervisor = make_officer(office, Role.SUPERVISOR)
    with pytest.raises(InvalidInput):
        services.answer_request(
            request_id=row.pk, is_granted=False, answer=" ", by=supervisor, now=LATER
        )


def test_a_request_is_answered_once(account: User, office: Office) -> None:
    row = ask(account, office)
    answer = {
        "request_id": row.pk,
        "is_granted": True,
        "answer": "Sudah.",
        "by": make_officer(office, Role.SUPERVISOR),
        "now": LATER,
    }
    services.answer_request(**answer)
    with pytest.raises(RequestAnswered):
        services.answer_request(**answer)


@pytest.mark.parametrize("role", [Role.COUNTER, Role.GATE, Role.NATIONAL])
def test_only_supervisors_and_data_protection_officers_answer(
    account: User, office: Office, role: Role
) -> None:
    row = ask(account, office)
    officer = make_officer(None if role.is_national else office, role)
    with pytest.raises(NotAllowed):
        services.answer_request(
            request_id=row.pk, is_granted=True, answer="Sudah.", by=officer, now=LATER
        )


def test_another_offices_supervisor_cannot_answer(account: User, office: Office) -> None:
    row = ask(account, office)
    supervisor = make_officer(make_open_office(), Role.SUPERVISOR)
    with pytest.raises(NotAllowed):
        services.answer_request(
            request_id=row.pk, is_granted=True, answer="Sudah.", by=supervisor, now=LATER
        )


def test_a_request_can_be_withdrawn_by_its_account_only(account: User, office: Office) -> None:
    row = ask(account, office)
    with pytest.raises(NotFound):
        services.withdraw_request(request_id=row.pk, account=make_user(), now=LATER)
    services.withdraw_request(request_id=row.pk, account=account, now=LATER)
    row.refresh_from_db()
    assert row.status == RequestStatus.WITHDRAWN


# --- At the desk ------------------------------------------------------------------------------------
def at_desk(office: Office, person: Applicant, kind: str = "delete") -> DataRequest:
    return services.record_at_desk(
        office_id=office.pk,
        kind=kind,
        identity=document_of(person),
        text="",
        by=make_officer(office, Role.GATE),
        now=NOW,
    )


def test_a_deletion_at_the_desk_covers_every_account(office: Office) -> None:
    first = make_person()
    second = make_person(identity_number=first.identity_number)
    row = at_desk(office, first)
    first.refresh_from_db()
    assert first.full_name  # nothing happens before the answer
    services.answer_request(
        request_id=row.pk,
        is_granted=True,
        answer="",
        by=make_officer(office, Role.SUPERVISOR),
        now=LATER,
    )
    for person in (first, second):
        person.refresh_from_db()
        assert person.erased_at == LATER
    row.refresh_from_db()
    assert row.answer.startswith("Yang dihapus")


def test_the_desk_needs_a_document_and_a_known_number(office: Office) -> None:
    person = make_person()
    gate = make_officer(office, Role.GATE)
    values = {"office_id": office.pk, "kind": "export", "text": "", "by": gate, "now": NOW}
    with pytest.raises(InvalidInput):
        services.record_at_desk(
            identity=DeskIdentity("nik", person.identity_number, "", " "), **values
        )
    with pytest.raises(NobodyHere):
        services.record_at_desk(
            identity=DeskIdentity("passport", "C01X00T47", "DE", "Paspor"), **values
        )


# --- Deadlines --------------------------------------------------------------------------------------
def test_supervisors_are_reminded_a_day_before_and_others_when_late(
    account: User, office: Office
) -> None:
    supervisor = make_officer(office, Role.SUPERVISOR)
    protection = make_officer(None, Role.DATA_PROTECTION_OFFICER)
    ask(account, office)
    assert services.remind_and_escalate(now=NOW + timedelta(hours=47)) == 0
    assert services.remind_and_escalate(now=NOW + timedelta(hours=48)) == 1
    assert services.remind_and_escalate(now=NOW + timedelta(hours=49)) == 0
    assert kinds_to(supervisor.email) == ["privacy_due"]
    assert kinds_to(protection.email) == []
    assert services.remind_and_escalate(now=NOW + timedelta(hours=73)) == 1
    assert services.remind_and_escalate(now=NOW + timedelta(hours=74)) == 0
    assert kinds_to(supervisor.email) == ["privacy_due"] * 2
    assert kinds_to(protection.email) == ["privacy_due"]


def test_an_answered_request_is_not_escalated(account: User, office: Office) -> None:
    supervisor = make_officer(office, Role.SUPERVISOR)
    row = ask(account, office)
    services.answer_request(
        request_id=row.pk, is_granted=True, answer="Sudah.", by=supervisor, now=LATER
    )
    assert services.remind_and_escalate(now=NOW + timedelta(hours=80)) == 0
