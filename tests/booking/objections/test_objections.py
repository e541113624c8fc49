"""Objections to a lost lottery and to a move without a place: made once, answered in time by a person."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from booking.lottery.models import DrawEntry
from booking.objections.errors import NoObjection, ObjectionDecided, ObjectionMade
from booking.objections.models import Objection
from booking.objections.services import decide_objection, object_to_lottery, object_to_move
from core.errors import InvalidInput, NotAllowed, NotFound
from counters.today.todo import todo_of
from notices.models import Message
from offices.promises import ANSWER_OBJECTION
from offices.staff.models import Role
from tests.booking.lottery.lottery_world import (
    LOTTERY_TIME,
    draw_in,
    enter,
    enter_family,
    hold,
    make_draw_office,
)
from tests.builders import make_booking, make_officer, make_open_office, make_open_slot, make_user
from tests.outbox import text_of

pytestmark = pytest.mark.django_db
LATER = LOTTERY_TIME + timedelta(hours=1)


@pytest.fixture
def lost() -> DrawEntry:
    """A family of five in a lottery with one place a day."""
    draw = draw_in(make_draw_office(places=1))
    entry = enter_family(draw, 5)
    enter(draw)
    hold(draw)
    entry.refresh_from_db()
    assert entry.outcome == DrawEntry.Outcome.LOST
    return entry


def objection_to(entry: DrawEntry) -> Objection:
    text = "Saya ikut sejak Senin."
    return object_to_lottery(code=entry.code, text=text, by=entry.account, now=LATER)


def test_a_lost_lottery_is_objected_to_once_with_a_deadline(lost: DrawEntry) -> None:
    made = objection_to(lost)
    assert (made.office, made.answer_by - made.made_at) == (lost.draw.office, ANSWER_OBJECTION)
    with pytest.raises(ObjectionMade):
        objection_to(lost)


def test_only_the_account_objects_and_only_without_a_place(lost: DrawEntry) -> None:
    with pytest.raises(NotFound):
        object_to_lottery(code=lost.code, text="x", by=make_user(), now=LATER)
    won = lost.draw.entries.exclude(pk=lost.pk).get()
    with pytest.raises(NoObjection):
        objection_to(won)
    for text in ("", "x" * 501):
        with pytest.raises(InvalidInput):
            object_to_lottery(code=lost.code, text=text, by=lost.account, now=LATER)


def test_a_supervisor_decides_once_and_the_account_gets_a_message(
    lost: DrawEntry,
) -> None:
    made = objection_to(lost)
    stranger = make_officer(make_open_office(), Role.SUPERVISOR)
    with pytest.raises(NotAllowed):
        decide_objection(objection_id=made.pk, is_upheld=True, answer="Ya", by=stranger, now=LATER)
    officer = make_officer(made.office, Role.SUPERVISOR)
    with pytest.raises(InvalidInput):
        decide_objection(objection_id=made.pk, is_upheld=True, answer=" ", by=officer, now=LATER)
    answer = "Undian dihitung ulang dan hasilnya sama."
    decide_objection(objection_id=made.pk, is_upheld=False, answer=answer, by=officer, now=LATER)
    message = Message.objects.get(kind="objection_answered")
    assert message.address == lost.account.email
    assert answer in text_of(message)
    with pytest.raises(ObjectionDecided):
        decide_objection(objection_id=made.pk, is_upheld=True, answer="Ya", by=officer, now=LATER)


def test_a_booking_without_a_new_place_is_objected_to() -> None:
    booking = make_booking(make_open_slot())
    with pytest.raises(NoObjection):
        object_to_move(code=booking.code, text="x", by=booking.account, now=LATER)


def test_todo_lists_objections_and_marks_late_ones(lost: DrawEntry) -> None:
    made = objection_to(lost)
    words = [
        (entry["state"], entry["text"])
        for now in (LATER, made.answer_by + timedelta(minutes=1))
        for entry in todo_of(made.office, now=now, may_act=True, query="")
        if entry["word"] == "Keputusan"
    ]
    assert words == [("risk", "1 keberatan"), ("late", "1 keberatan")]


def test_the_database_accepts_only_whole_decisions(lost: DrawEntry) -> None:
    made = objection_to(lost)
    with pytest.raises(IntegrityError, match="objection_decided_whole"), transaction.atomic():
        Objection.objects.filter(pk=made.pk).update(decision="upheld")
    with pytest.raises(IntegrityError, match="objection_one_subject"), transaction.atomic():
        Objection.objects.filter(pk=made.pk).update(entry=None)


def test_the_pages_of_both_sides(lost: DrawEntry, client: Client) -> None:
    client.force_login(lost.account)
    entry_page = client.get(reverse("booking:draw_entry", args=[lost.code])).content.decode()
    address = reverse("booking:object_to_lottery", args=[lost.code])
    assert address in entry_page
    page = client.post(address, {"text": "Saya ikut sejak Senin."}, follow=True)
    assert "Saya ikut sejak Senin." in page.content.decode()
    officer = make_officer(lost.draw.office, Role.SUPERVISOR)
    client.force_login(officer)
    made = Objection.objects.get()
    shown = client.get(reverse("objections:objection", args=[made.pk])).content.decode()
    assert "Saya ikut sejak Senin." in shown
    client.post(
        reverse("objections:objection", args=[made.pk]), {"answer": "Benar.", "uphold": "1"}
    )
    made.refresh_from_db()
    assert (made.decision, made.decided_by) == ("upheld", officer)
