"""Lotteries under load and faults: many entrants, two workers, a killed worker, concurrent bookings."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import User
from booking.bookings.errors import AlreadyBooked
from booking.bookings.models import Booking
from booking.lottery import selectors, services
from booking.lottery.errors import DrawClosed
from booking.lottery.models import Draw, DrawEntry, DrawMember
from booking.lottery.proof import check_proof
from booking.lottery.results import hold_due_draws, run_draw
from booking.people.models import Applicant
from booking.statuses import Status
from core.errors import Busy
from notices.models import Message
from offices.directory.models import ServiceType
from ops.verification.services import verify
from quotas.places.models import Place
from tests.booking.lottery.lottery_world import (
    CLOSES,
    LOTTERY_TIME,
    draw_in,
    enter,
    fix_value,
    make_draw_office,
)
from tests.builders import NOW, make_booking, make_open_slot, make_person
from tests.killed_workers import kill_in_the_middle
from tests.retries import press_again

pytestmark = pytest.mark.django_db(transaction=True)


def crowd(draw: Draw, count: int) -> None:
    """Enter many new people as rows; through the service it would take minutes."""
    service = ServiceType.objects.get(code="new")
    users = User.objects.bulk_create(
        User(email=f"massa{n}@contoh.id", full_name="Warga", password="!") for n in range(count)
    )
    people = Applicant.objects.bulk_create(
        Applicant(
            account=user,
            full_name="Warga",
            identity_number=f"{n:016d}",
            person_key=f"{n:064x}",
            birth_date="1990-02-06",
            sex="female",
            created_at=NOW,
        )
        for n, user in enumerate(users)
    )
    entries = DrawEntry.objects.bulk_create(
        DrawEntry(draw=draw, account=user, service_type=service, size=1, entered_at=NOW)
        for user in users
    )
    DrawMember.objects.bulk_create(
        DrawMember(entry=entry, draw=draw, applicant=one, person_key=one.person_key)
        for entry, one in zip(entries, people, strict=True)
    )


def breaches() -> list[Any]:
    findings = verify(now=LOTTERY_TIME)
    return [row for row in findings if row.breaches and row.law != 9]  # no worker delivers here


@pytest.mark.parametrize("entries", [800, pytest.param(5000, marks=pytest.mark.slow)])
def test_many_entries_share_375_places(entries: int) -> None:
    draw = draw_in(make_draw_office(places=75))
    crowd(draw, entries)
    fix_value(draw)
    run_draw(window_id=draw.window_id, now=LOTTERY_TIME)
    assert Booking.objects.filter(via="draw", status=Status.HELD).count() == 375
    assert Message.objects.filter(kind__in=["draw_won", "draw_lost"]).count() == entries
    assert check_proof(selectors.proof_of(Draw.objects.get(pk=draw.pk))) == []
    assert not breaches()


def test_concurrent_workers_run_a_lottery_once(run_together: Any) -> None:
    draw = draw_in(make_draw_office(places=1))
    for _each in range(7):
        enter(draw)
    fix_value(draw)
    run_together(
        [partial(run_draw, window_id=draw.window_id, now=LOTTERY_TIME) for _each in range(4)]
    )
    assert Booking.objects.filter(via="draw").count() == 5
    assert draw.rounds.count() == 1
    assert Message.objects.filter(kind="draw_won").count() == 5


def test_an_entry_during_closing_is_included_or_refused(run_together: Any) -> None:
    draw = draw_in(make_draw_office(places=1))
    # One entry always exists: a list that closes empty needs no value and no lottery.
    first = enter(draw, make_person(), now=CLOSES - timedelta(seconds=2))
    people = [make_person() for _each in range(6)]
    calls = [partial(enter, draw, one, now=CLOSES - timedelta(seconds=1)) for one in people]
    calls.insert(3, partial(press_again, services.close_entries, draw_id=draw.pk, now=CLOSES))
    outcomes = run_together(calls)
    entered = [one for one in outcomes if isinstance(one, DrawEntry)]
    refused = [one for one in outcomes if isinstance(one, DrawClosed)]
    assert len(entered) + len(refused) == 6
    closed = Draw.objects.get(pk=draw.pk)
    assert set(selectors.listed_entries(closed)) == {first, *entered}
    fix_value(draw)
    run_draw(window_id=draw.window_id, now=LOTTERY_TIME)  # its list still matches its commitment


def test_booking_during_the_lottery_gives_one_slot(run_together: Any) -> None:
    draw = draw_in(make_draw_office(places=1))
    people = [make_person() for _each in range(5)]
    for one in people:
        enter(draw, one)
    fix_value(draw)
    slot = make_open_slot(places=10, now=LOTTERY_TIME)
    calls = [partial(make_booking, slot, person=one, now=LOTTERY_TIME) for one in people[:3]]
    outcomes = run_together([*calls, partial(run_draw, window_id=draw.window_id, now=LOTTERY_TIME)])
    assert isinstance(outcomes[-1], Draw | Busy)
    assert all(isinstance(one, Booking | AlreadyBooked | Busy) for one in outcomes[:-1])
    run_draw(window_id=draw.window_id, now=LOTTERY_TIME)
    assert not breaches()
    assert check_proof(selectors.proof_of(Draw.objects.get(pk=draw.pk))) == []


def test_another_worker_runs_the_lottery_after_a_killed_one() -> None:
    draw = draw_in(make_draw_office(places=1))
    for _each in range(7):
        enter(draw)
    fix_value(draw)
    kill_in_the_middle(
        module="booking.lottery.results",
        work=f"run_draw(window_id={draw.window_id}, now=datetime.fromisoformat('{LOTTERY_TIME.isoformat()}'))",
        dies_in="_notify_losers",
    )
    assert not Booking.objects.filter(via="draw").exists()
    assert not Place.objects.filter(holder__isnull=False).exists()
    assert not Message.objects.filter(kind__in=["draw_won", "draw_lost"]).exists()
    hold_due_draws(now=LOTTERY_TIME)
    assert Booking.objects.filter(via="draw", status=Status.HELD).count() == 5
    assert not breaches()
