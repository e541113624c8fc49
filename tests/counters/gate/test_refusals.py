"""A ticket presented by another person is refused and recorded; the named person can still come."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from booking.bookings.models import BookingEvent
from booking.statuses import Status
from core.errors import InvalidInput
from counters.gate import services as gate_services
from counters.gate.models import GateRefusal
from counters.queue import services as queue_services
from counters.service import services as service_services
from counters.visits.errors import VisitChanged
from counters.visits.models import StageRun, VisitStatus
from offices.reasons.models import Reason
from ops.verification.services import verify
from tests.builders import make_reason
from tests.counters.world import World, make_world, who

pytestmark = pytest.mark.django_db
REASON = "KTP atas nama lain"


@pytest.fixture
def world() -> World:
    return make_world()


def breaches(now: datetime) -> list[int]:
    return [finding.law for finding in verify(now=now) if finding.breaches and finding.law != 9]


def test_a_refusal_at_the_gate_is_recorded_without_ending_the_booking(world: World) -> None:
    booking = world.book(9)
    now = world.at(9)
    gate_services.refuse_ticket(
        booking_id=booking.pk, office_id=world.office.pk, reason=REASON, by=world.gate, now=now
    )
    booking.refresh_from_db()
    assert booking.status == Status.BOOKED
    line = booking.history.get(kind=BookingEvent.Kind.REFUSED)
    assert (line.reason, line.by) == (REASON, world.gate)
    visit = gate_services.check_in(
        office_id=world.office.pk, code=booking.code, by=world.gate, now=world.at(9, 20)
    )
    assert visit.status == VisitStatus.WAITING
    assert breaches(world.at(9, 20)) == []


def test_a_reason_is_required(world: World) -> None:
    booking = world.book(9)
    with pytest.raises(InvalidInput):
        gate_services.refuse_ticket(
            booking_id=booking.pk,
            office_id=world.office.pk,
            reason=" ",
            by=world.gate,
            now=world.at(9),
        )


def test_a_refusal_at_the_counter_ends_the_visit(world: World) -> None:
    visit = world.arrive(9)
    session = world.sit()
    called = queue_services.call_next(session_id=session.pk, by=session.officer, now=world.at(9, 5))
    assert called is not None
    service_services.start_service(**who(called, session), now=world.at(9, 6))
    gate_services.refuse_visit(
        visit_id=visit.pk, reason=REASON, by=session.officer, now=world.at(9, 8)
    )
    visit.refresh_from_db()
    assert (visit.status, visit.ended_at) == (VisitStatus.REFUSED, world.at(9, 8))
    assert StageRun.objects.get().result == StageRun.Result.ABANDONED
    visit.booking.refresh_from_db()
    assert visit.booking.status == Status.LEFT
    with pytest.raises(VisitChanged):
        gate_services.refuse_visit(
            visit_id=visit.pk, reason=REASON, by=world.gate, now=world.at(9, 9)
        )
    # The named person comes later with the card.
    again = gate_services.check_in(
        office_id=world.office.pk, code=visit.booking.code, by=world.gate, now=world.at(10)
    )
    assert (again.pk, again.status) == (visit.pk, VisitStatus.WAITING)
    assert breaches(world.at(10)) == []


def test_the_gate_screen_shows_what_to_compare_and_refuses(
    world: World, set_clock: Callable[[datetime], None]
) -> None:
    booking = world.book(9)
    set_clock(world.at(9))
    client = Client()
    client.force_login(world.gate)
    card = f"/admin/gate/{booking.pk}/"
    page = client.get(card).content.decode()
    number = booking.applicant.identity_number
    assert f"{number[:4]} •••• •••• {number[-4:]}" in page
    assert number not in page
    make_reason("name_other_card", Reason.Use.GATE_REFUSAL, name="Kartu atas nama lain")
    answers = {"kind": "name", "reason": "name_other_card", "note": "KTP luar kota"}
    assert client.post(f"{card}refuse/", answers).status_code == 302
    assert "Kartu atas nama lain: KTP luar kota" in client.get(card).content.decode()
    row = GateRefusal.objects.get()
    assert (row.kind, row.reason.code, row.booking, row.by) == (
        "name",
        "name_other_card",
        booking,
        world.gate,
    )


def test_the_counter_screen_refuses_its_own_visit(
    world: World, set_clock: Callable[[datetime], None]
) -> None:
    visit = world.arrive(9)
    session = world.sit()
    set_clock(world.at(9, 5))
    queue_services.call_next(session_id=session.pk, by=session.officer, now=world.at(9, 5))
    client = Client()
    client.force_login(session.officer)
    assert "Nama tidak cocok" in client.get("/admin/counter/").content.decode()
    assert client.get("/admin/counter/?ask=refuse").status_code == 200
    client.post(f"/admin/counter/visits/{visit.pk}/refuse/", {"text": REASON})
    visit.refresh_from_db()
    assert visit.status == VisitStatus.REFUSED
