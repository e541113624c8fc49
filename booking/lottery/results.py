"""Holding a lottery, holding places for winners, and passing on unclaimed places."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from booking.bookings import services
from booking.bookings.changes import expire_hold, keep_hold
from booking.bookings.errors import ONE_LIVE, AlreadyBooked, BookingChanged
from booking.bookings.messages import queue_confirmed_message
from booking.bookings.models import Booking
from booking.bookings.requests import BookingRequest, LotteryWin
from booking.lottery import proof as pure
from booking.lottery.errors import ClaimOver, DrawNotReady
from booking.lottery.messages import (
    ask_for_value,
    queue_lapsed_message,
    queue_lost_message,
    queue_void_message,
    queue_won_message,
)
from booking.lottery.models import Draw, DrawEntry, DrawLoss, DrawMember, DrawRound
from booking.lottery.proof import Given
from booking.lottery.selectors import as_entry, head_of, listed_entries, slot_rows
from booking.lottery.services import close_entries, prepare_draws
from booking.people.errors import NotOnList
from booking.statuses import LIVE, Status
from core.crypto import seal
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import Busy, NotFound
from core.quiet_hours import QuietHours, add_active_time, last_active
from offices.directory.models import Office
from quotas.places.lottery import (
    lock_window,
    places_to_draw,
    record_lottery,
    release_undrawn,
    reserve_again,
)
from quotas.places.models import ReleaseWindow, Slot
from quotas.places.returns import restart_cooldown
from quotas.policies.selectors import return_terms

T = TypeVar("T")
TRIES: Final = 5
# With less time than this before the window closes nobody could claim: the rest goes first come.
SHORTEST_CLAIM: Final = dt.timedelta(hours=1)
# Supervisors who have not typed the public value are reminded after this time, and then once a day.
REMIND_AFTER: Final = dt.timedelta(hours=3)
# "not_bookable" does not say whether, or in which account, one of the people has a booking.
NOT_BOOKABLE, DATA_CHANGED, WITHDRAWN = "not_bookable", "data_changed", "withdrawn"
ONE_MORE_LOSS: Final = """
INSERT INTO booking_drawloss (office_id, person_key, losses)
SELECT %(office)s, key, 1 FROM unnest(%(keys)s::text[]) AS key ORDER BY key
ON CONFLICT (office_id, person_key) DO UPDATE SET losses = least(booking_drawloss.losses + 1, %(most)s)
"""

Outcome = DrawEntry.Outcome


@dataclass
class DueDraws:
    """Counts of what one run did."""

    prepared: int = 0
    closed: int = 0
    held: int = 0
    passed_on: int = 0


def hold_due_draws(*, now: dt.datetime) -> DueDraws:
    """Prepare, close, hold and pass on every lottery that is due. Safe to run repeatedly.

    A lottery that another worker is holding, or without a confirmed value, waits for the next run.
    """
    done = DueDraws(prepared=prepare_draws(now=now))
    open_lists = Draw.objects.filter(closed_at__isnull=True, window__opens_at__lte=now)
    for draw_id in list(open_lists.values_list("pk", flat=True)):
        with suppress(Busy, DrawNotReady):
            close_entries(draw_id=draw_id, now=now)
            done.closed += 1
    ready = Draw.objects.filter(confirmed_at__isnull=False, drawn_at__isnull=True)
    for window_id in list(ready.values_list("window_id", flat=True)):
        with suppress(Busy, DrawNotReady, AlreadyBooked):
            run_draw(window_id=window_id, now=now)
            done.held += 1
    _remind_of_values(now)
    lapsed = DrawEntry.objects.filter(outcome=Outcome.WON, claim_until__lte=now)
    for window_id in set(lapsed.values_list("draw__window_id", flat=True)):
        with suppress(Busy, AlreadyBooked):
            done.passed_on += pass_on(window_id=window_id, now=now)
    return done


def _remind_of_values(now: dt.datetime) -> None:
    waiting = Draw.objects.filter(
        closed_at__lte=now - REMIND_AFTER,
        confirmed_at__isnull=True,
        window__drawn_at__isnull=True,
        window__closes_at__gt=now,
    )
    for draw in waiting.select_related("office", "window"):
        assert draw.closed_at is not None
        days = (now - draw.closed_at - REMIND_AFTER) // dt.timedelta(days=1)
        ask_for_value(draw, reminder=days + 1, now=now)


def run_draw(*, window_id: int, now: dt.datetime) -> Draw:
    """Hold a lottery in one transaction under its window's lock. A second run changes nothing.

    Raises NotFound, Busy; DrawNotReady without a confirmed value, or if the list no longer matches its
    seal.
    """
    return _retry_on_conflict(lambda: _run(window_id, now))


def pass_on(*, window_id: int, now: dt.datetime) -> int:
    """Give unclaimed places to the next entries by rank; return how many entries got one."""
    return _retry_on_conflict(lambda: _pass_on(window_id, now))


def claim_entry(*, account_id: int, code: str, now: dt.datetime) -> DrawEntry:
    """Claim a win: its holds become bookings. Claiming twice changes nothing.

    Raises NotFound, ClaimOver, BookingChanged if there is nothing to claim, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        rows = DrawEntry.objects.select_for_update(no_key=True, of=("self",))
        entry = rows.select_related("account").filter(account_id=account_id, code=code).first()
        if entry is None:
            raise NotFound
        if entry.outcome == Outcome.CLAIMED:
            return entry
        is_over = entry.claim_until is not None and entry.claim_until <= now
        if entry.outcome == Outcome.LAPSED or is_over:
            raise ClaimOver
        held = Booking.objects.filter(party=entry.party, status=Status.HELD)
        ids = list(held.order_by("person_key").values_list("pk", flat=True))
        if entry.outcome != Outcome.WON or not ids:
            raise BookingChanged
        bookings = [keep_hold(booking_id=pk, by=entry.account, now=now) for pk in ids]
        entry.outcome = Outcome.CLAIMED
        entry.save(update_fields=["outcome"])
        queue_confirmed_message(bookings, now=now)
        return entry


def _retry_on_conflict(attempt: Callable[[], T]) -> T:
    """Retry with the same ranks if an entrant booked or left the list between our read and our lock."""
    for left in reversed(range(TRIES)):
        try:
            with busy_on_timeout(), constraints_as_errors(ONE_LIVE), transaction.atomic():
                return attempt()
        except (AlreadyBooked, NotOnList):
            if not left:
                raise Busy from None
    raise Busy


def _run(window_id: int, now: dt.datetime) -> Draw:
    window = lock_window(window_id=window_id)
    draw = _locked_draw(window_id)
    if draw.drawn_at is not None:
        return draw
    if draw.confirmed_at is None:
        raise DrawNotReady
    rows = {row.code: row for row in listed_entries(draw).select_related("account")}
    order = _order(draw, rows.values())
    for rank, entry in enumerate(order, start=1):
        rows[entry.code].rank = rank
    given = _give(draw, rows, order, now)
    draw.drawn_at = now
    draw.save(update_fields=["drawn_at"])
    record_lottery(window=window, now=now)
    won = {one.code for one in given}
    _notify_losers(draw, [row for code, row in rows.items() if code not in won], now)
    return draw


def _locked_draw(window_id: int) -> Draw:
    rows = Draw.objects.select_for_update(no_key=True, of=("self",))
    draw = rows.select_related("window", "office").filter(window_id=window_id).first()
    if draw is None:
        raise NotFound
    return draw


def _order(draw: Draw, rows: Iterable[DrawEntry]) -> list[pure.Entry]:
    """Rank the entries. Raises DrawNotReady if the list no longer matches its seal."""
    entries = [as_entry(row) for row in rows]
    if pure.list_digest(head_of(draw), entries) != draw.list_digest or (
        seal(draw.seed) != draw.seed_hash
    ):
        raise DrawNotReady(
            _(
                "Daftar peserta tidak lagi cocok dengan segelnya, sehingga undian dihentikan. "
                "Hubungi pengelola sistem."
            )
        )
    key = pure.draw_key(seed=draw.seed, digest=draw.list_digest, public_value=draw.public_value)
    return pure.ranked(key, entries)


def _give(
    draw: Draw, rows: Mapping[str, DrawEntry], order: Sequence[pure.Entry], now: dt.datetime
) -> list[Given]:
    """Hold one round: determine voids, allocate by rank, save the results."""
    for row in rows.values():
        row.draw = draw
    members = _members(draw)
    voids = _voids([rows[entry.code] for entry in order], members)
    places = places_to_draw(window_id=draw.window_id, now=now)
    given = pure.allocate(order, places=places, slots=slot_rows(draw.window), voids=voids)
    hold_places(draw, rows, given, members, now=now)
    for code, row in rows.items():
        if row.outcome not in (Outcome.WON, Outcome.CLAIMED, Outcome.LAPSED):
            row.outcome = Outcome.VOID if code in voids else Outcome.LOST
    changed = ["rank", "outcome", "slot", "party", "claim_until"]
    DrawEntry.objects.bulk_update(rows.values(), changed, batch_size=500)
    DrawRound.objects.create(
        draw=draw,
        number=draw.rounds.count() + 1,
        at=now,
        places={str(slot): count for slot, count in places.items()},
        voids=voids,
        given=[{"entry": one.code, "slot": one.slot} for one in given],
    )
    winners = [rows[one.code] for one in given]
    keys = [one.person_key for row in winners for one in members[row.pk]]
    DrawLoss.objects.filter(office_id=draw.office_id, person_key__in=keys).update(losses=0)
    is_later = draw.drawn_at is not None
    for row in winners:
        queue_won_message(row, is_later=is_later, now=now)
    # Places that fit no entry now will fit none later, so they are released.
    release_undrawn(window_id=draw.window_id)
    return given


def _members(draw: Draw) -> dict[int, list[DrawMember]]:
    members: dict[int, list[DrawMember]] = defaultdict(list)
    rows = DrawMember.objects.filter(draw=draw).select_related("applicant")
    for member in rows.order_by("person_key"):
        members[member.entry_id].append(member)
    return members


def _voids(
    rows: Sequence[DrawEntry], members: Mapping[int, Sequence[DrawMember]]
) -> dict[str, str]:
    """Return the passed-over entries with their reasons, which the ranks alone do not show."""
    keys = {one.person_key for row in rows for one in members[row.pk]}
    live = set(
        Booking.objects.filter(person_key__in=keys, status__in=LIVE).values_list(
            "person_key", flat=True
        )
    )
    voids = {}
    for row in rows:
        people = members[row.pk]
        if row.withdrawn_at is not None:
            voids[row.code] = WITHDRAWN
        elif any(one.person_key in live for one in people):
            voids[row.code] = NOT_BOOKABLE
        elif any(
            one.applicant.removed_at or one.applicant.person_key != one.person_key for one in people
        ):
            voids[row.code] = DATA_CHANGED
    return voids


def _notify_losers(draw: Draw, rows: Sequence[DrawEntry], now: dt.datetime) -> None:
    """Record the losses for the next lottery's weights, and notify everyone without a place."""
    lost = [row for row in rows if row.outcome == Outcome.LOST]
    members = DrawMember.objects.filter(entry__in=[row.pk for row in lost])
    keys = list(members.values_list("person_key", flat=True))
    values: dict[str, Any] = {
        "office": draw.office_id,
        "keys": keys,
        "most": pure.LARGEST_WEIGHT - 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(ONE_MORE_LOSS, values)
    is_closed = not any(row.places for row in draw.rounds.all())
    for row in lost:
        queue_lost_message(row, is_closed=is_closed, now=now)
    for row in rows:
        if row.outcome == Outcome.VOID and row.withdrawn_at is None:
            queue_void_message(row, now=now)


def _pass_on(window_id: int, now: dt.datetime) -> int:
    window = lock_window(window_id=window_id)
    draw = _locked_draw(window_id)
    freed = _lapse(draw, now)
    if not freed:
        return 0
    if window.closes_at - now < SHORTEST_CLAIM:
        release_undrawn(window_id=window_id)
        return 0
    reserve_again(place_ids=freed)
    rest = listed_entries(draw).select_related("account")
    rest = rest.filter(outcome__in=[Outcome.LOST, Outcome.VOID]).order_by("rank")
    rows = {row.code: row for row in rest}
    given = _give(draw, rows, [as_entry(row) for row in rows.values()], now)
    # Places that no entry wants are offered like any other freed place.
    restart_cooldown(place_ids=freed, now=now)
    return len(given)


def _lapse(draw: Draw, now: dt.datetime) -> list[int]:
    """End expired wins; return the number of freed places."""
    rows = DrawEntry.objects.select_for_update(no_key=True, of=("self",)).filter(
        draw=draw, outcome=Outcome.WON, claim_until__lte=now
    )
    held = Booking.objects.filter(status=Status.HELD)
    entries = list(
        rows.select_related("account", "slot", "draw__office", "draw__window")
        .prefetch_related(Prefetch("party__bookings", queryset=held, to_attr="held"))
        .order_by("rank")
    )
    freed = []
    for entry in entries:
        entry.outcome = Outcome.LAPSED
        entry.save(update_fields=["outcome"])
        for booking in entry.party.held:  # type: ignore[union-attr]
            freed.append(booking.place_id)
            expire_hold(booking_id=booking.pk, now=now)
        queue_lapsed_message(entry, now=now)
    return freed


def hold_places(
    draw: Draw,
    rows: Mapping[str, DrawEntry],
    given: Sequence[Given],
    members: Mapping[int, Sequence[DrawMember]],
    *,
    now: dt.datetime,
) -> None:
    """Create bookings on hold for everyone of each winning entry, under the window's lock.

    Sets slot, party and deadline on the rows, which the caller saves. Raises Busy, AlreadyBooked if somebody
    has booked elsewhere since, and NotOnList.
    """
    if not given:
        return
    claim_until = _claim_until(draw.window, draw.office, now)
    slots = Slot.objects.in_bulk({one.slot for one in given})
    winners = [rows[one.code] for one in given]
    requests = [
        BookingRequest(
            account_id=row.account_id,
            slot_id=one.slot,
            applicant_ids=[member.applicant_id for member in members[row.pk]],
            service_type=row.service_type.code,
            key=f"draw:{row.code}",
        )
        for one, row in zip(given, winners, strict=True)
    ]
    right = LotteryWin(window_id=draw.window_id, expires_at=claim_until)
    parties = services.create_bookings(requests=requests, right=right, by=None, now=now)
    for one, row, party in zip(given, winners, parties, strict=True):
        row.outcome, row.slot, row.party = DrawEntry.Outcome.WON, slots[one.slot], party
        row.claim_until = claim_until


def _claim_until(window: ReleaseWindow, office: Office, now: dt.datetime) -> dt.datetime:
    """Return the deadline for a win. Quiet hours do not count, and it does not end within them."""
    terms = return_terms(office, lane=window.lane_id, day=window.first_day)
    quiet_hours = QuietHours(terms.quiet_from, terms.quiet_until, office.zone)
    until = add_active_time(now, dt.timedelta(hours=settings.DRAW_CLAIM_HOURS), quiet_hours)
    latest = last_active(window.closes_at, quiet_hours)
    return min(until, latest if latest > now else window.closes_at)
