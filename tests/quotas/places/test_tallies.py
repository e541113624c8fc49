"""The counts of the database equal the rows, whatever happened to a place."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import translation

from offices.directory.models import Office, ServiceGroup
from offices.staff.models import Role
from offices.switch.services import stop_bookings
from quotas.calendar.selectors import day_slots, nearest_open_slots
from quotas.places.models import RESERVED, Place, ReleaseWindow, Slot
from quotas.places.tallies import (
    CountedSlot,
    Tally,
    open_slots,
    slots_of_day,
    tallies_of_days,
    undrawn_windows,
)
from tests.booking.closures.test_services import TUESDAY, close, make_week
from tests.booking.lottery.lottery_world import make_draw_office
from tests.builders import NOW, make_officer, make_open_office, make_service_type
from tests.remembered import remembered

NO_PLACE = (
    "Saat ini tidak ada tempat yang dapat dipesan; tempat yang dibatalkan masuk ke daftar tunggu"
)
pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
# The possible states of a place, in turn, so that each slot has another mixture.
FATES: tuple[dict[str, Any], ...] = (
    {},
    {"withdrawn_at": NOW},
    {"holder": True},
    {"holder": True, "withdrawn_at": NOW},
    {"cooldown_until": NOW + HOUR},
    {"cooldown_until": NOW},
    {"cooldown_until": RESERVED},
    {"opens_at": NOW + HOUR, "closes_at": NOW + 2 * HOUR},
    {"opens_at": NOW, "closes_at": NOW + 2 * HOUR},
    {"opens_at": NOW - 2 * HOUR, "closes_at": NOW - HOUR},
    {"opens_at": NOW - HOUR, "closes_at": NOW},
)


@remembered
def lived_in() -> Office:
    return share_out(make_open_office(places=75))


@remembered
def divided() -> Office:
    """Tuesday is closed except for one service."""
    office = make_week()
    office.service_types.add(*(make_service_type(code) for code in ("new", "replacement")))
    close(office, open_services=(make_service_type("replacement"),))
    return share_out(office)


@remembered
def with_lottery() -> Office:
    return share_out(make_draw_office(places=12))


@remembered
def stopped() -> Office:
    office = share_out(make_week(), *FATES[:3])
    by = make_officer(office, Role.SUPERVISOR)
    return stop_bookings(office_id=office.pk, reason="listrik padam", by=by, now=NOW)


@remembered
def empty() -> Office:
    """All its places are withdrawn."""
    return share_out(make_week(), {"withdrawn_at": NOW})


def share_out(office: Office, *fates: dict[str, Any]) -> Office:
    """Give the places different states in turn. Nobody takes places reserved for some services."""
    turns = fates or FATES
    for turn, place in enumerate(Place.objects.filter(slot__office=office).order_by("pk")):
        fate = dict(turns[turn % len(turns)])
        if fate.pop("holder", False) and not place.is_limited:
            fate["holder"] = uuid4()
        if fate:
            Place.objects.filter(pk=place.pk).update(**fate)
    return office


def counted_by_hand(places: list[Place], now: datetime) -> Tally:
    free = [p for p in places if not p.holder and not (p.cooldown_until and p.cooldown_until > now)]
    running = [p for p in places if p.opens_at <= now < p.closes_at]
    return Tally(
        places=len(places),
        open_left=len([p for p in free if p in running]),
        left=len([p for p in free if p.closes_at > now]),
        running=len(running),
        coming_at=min((p.opens_at for p in places if p.opens_at > now), default=None),
        opened_at=min(p.opens_at for p in places),
        closes_at=max(p.closes_at for p in places),
        window_id=max(p.window_id for p in places),
        limited=len([p for p in places if p.is_limited]),
    )


def hours_by_hand(office: Office, now: datetime, **chosen: Any) -> list[CountedSlot]:
    slots = Slot.objects.filter(office=office, **chosen).order_by("starts_at", "pk")
    of_office = (office.time_zone, office.booking_stopped_reason)
    return [
        CountedSlot(
            slot.pk,
            slot.day,
            slot.starts_at,
            slot.ends_at,
            slot.lane_id,
            tuple(slot.only_services),
            *of_office,
            counted_by_hand(places, now),
        )
        for slot in slots
        if (places := list(slot.places.offered()))
    ]


WORLDS = pytest.mark.parametrize("make", [lived_in, divided, with_lottery, stopped, empty])
MOMENTS = [NOW - HOUR, NOW, NOW + HOUR, NOW + timedelta(days=9)]


def citizens() -> int:
    return ServiceGroup.objects.get(code="citizens").pk


@WORLDS
def test_slots_of_a_day_match_a_simple_count(make: Callable[[], Office]) -> None:
    office = make()
    days = Slot.objects.filter(office=office).order_by("day").values_list("day", flat=True)
    for day in days.distinct()[:4]:
        for now in MOMENTS:
            for lane in ("online", "walk_in"):
                rows = slots_of_day(office.pk, lane, citizens(), day, now=now)
                assert rows == hours_by_hand(office, now, lane=lane, day=day)


@WORLDS
def test_open_slots_match_a_simple_count(make: Callable[[], Office]) -> None:
    office = make()
    for now in MOMENTS:
        coming = hours_by_hand(office, now, lane="online", starts_at__gt=now)
        rows = open_slots(office.pk, "online", citizens(), now=now)
        assert rows == [row for row in coming if row.tally.open_left]


@WORLDS
@pytest.mark.parametrize("kind", [None, "new", "replacement"])
def test_days_of_a_period_match_a_simple_count(
    make: Callable[[], Office], kind: str | None
) -> None:
    office = make()
    service = make_service_type(kind).pk if kind else None
    slots = Slot.objects.serving(service).filter(office=office, lane="online")
    span = (TUESDAY - timedelta(days=5), TUESDAY + timedelta(days=2))
    for now in MOMENTS:
        expected = {}
        for day in set(slots.filter(day__range=span).values_list("day", flat=True)):
            places = list(Place.objects.offered().filter(slot__in=slots.filter(day=day)))
            if places:
                expected[day] = counted_by_hand(places, now)
        rows = tallies_of_days(office.pk, "online", citizens(), span, service=service, now=now)
        assert rows == expected


@pytest.mark.parametrize("kept", [True, False])
def test_reserved_windows_wait_for_their_lottery(kept: bool) -> None:
    office = make_draw_office()
    window = ReleaseWindow.objects.get(office=office, mode="draw")
    if not kept:
        Place.objects.filter(window=window).update(cooldown_until=None)
    waits = {window.pk: window.opens_at}
    opened = waits if kept else {}

    def waiting(now: datetime) -> dict[int, datetime]:
        return undrawn_windows(office.pk, "online", now=now)

    assert waiting(NOW) == waits
    assert waiting(window.opens_at) == opened
    assert waiting(window.closes_at) == {}
    ReleaseWindow.objects.filter(pk=window.pk).update(drawn_at=NOW)
    assert waiting(window.opens_at) == {}


def test_other_offices_lanes_and_groups_are_not_counted() -> None:
    mine, other = make_week(), lived_in()
    foreigners = ServiceGroup.objects.create(code="foreigners", name="WNA", name_en="Foreigners")
    assert len(slots_of_day(mine.pk, "online", citizens(), TUESDAY, now=NOW)) == 2
    assert slots_of_day(mine.pk, "walk_in", citizens(), TUESDAY, now=NOW) == []
    assert slots_of_day(mine.pk, "online", foreigners.pk, TUESDAY, now=NOW) == []
    ids = {row.id for row in open_slots(mine.pk, "online", citizens(), now=NOW)}
    assert not Slot.objects.filter(pk__in=ids, office=other).exists()


# --- The description of a slot ------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fate", "status", "left", "reason"),
    [
        ({}, "open", 6, "Sisa 6 tempat, sampai Senin 30 Nov pukul 16.00 WIB"),
        ({"holder": True}, "full", 0, NO_PLACE),
        ({"cooldown_until": NOW + HOUR}, "full", 0, NO_PLACE),
        ({"opens_at": NOW + HOUR}, "not_yet_open", 6, "Dibuka Senin 23 Nov pukul 11.00 WIB"),
        (
            {"opens_at": NOW - HOUR, "closes_at": NOW},
            "closed",
            0,
            "Pemesanan ditutup Senin 23 Nov pukul 10.00 WIB",
        ),
    ],
)
def test_a_slot_describes_its_state(
    fate: dict[str, Any], status: str, left: int, reason: str
) -> None:
    office = share_out(make_week(), fate)
    group = ServiceGroup.objects.get(code="citizens")
    for view in day_slots(office, day=TUESDAY, group=group, now=NOW):
        assert (view.status, view.left, view.places, view.reason) == (status, left, 6, reason)


def test_texts_use_the_readers_language() -> None:
    office, group = stopped(), ServiceGroup.objects.get(code="citizens")
    for language, start in (("id", "Kantor ini"), ("en", "This office")):
        with translation.override(language):
            views = day_slots(office, day=TUESDAY, group=group, now=NOW)
            assert {view.status for view in views} == {"closed"}
            assert all(view.reason.startswith(start) for view in views)
            assert all(view.reason.endswith("listrik padam") for view in views)
    assert nearest_open_slots(office, group=group, after=NOW, now=NOW) == []
