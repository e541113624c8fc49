"""Places held for those who won them, until they claim them."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.conf import settings

from booking.draw import Given
from booking.models import (
    Booking,
    BookingEvent,
    Draw,
    DrawEntry,
    DrawMember,
    Party,
    PassportApplication,
    Status,
)
from booking.nights import Night, after_civil, last_civil
from core.ids import new_id
from offices.models import Office
from quotas.models import ReleaseWindow, Slot
from quotas.selectors.returns import return_terms
from quotas.services import take_drawn


def hold_places(
    draw: Draw,
    rows: Mapping[str, DrawEntry],
    given: Sequence[Given],
    members: Mapping[int, Sequence[DrawMember]],
    *,
    now: dt.datetime,
) -> None:
    """Hold a place for everyone of each entry that won, under the window's lock: bookings that expire.

    Writes hour, party and deadline into the rows, which the caller saves. Raises Busy, and the
    constraint of one live booking a person when somebody booked elsewhere meanwhile.
    """
    claim_until = _claim_until(draw.window, draw.office, now)
    slots = Slot.objects.select_related("office").in_bulk({one.slot for one in given})
    winners = [rows[one.code] for one in given]
    parties = Party.objects.bulk_create(_party(row, now) for row in winners)
    bookings: list[Booking] = []
    for one, row, party in zip(given, winners, parties, strict=True):
        row.outcome, row.slot, row.party = DrawEntry.Outcome.WON, slots[one.slot], party
        row.claim_until = claim_until
        bookings += [_booking(draw, row, member, now) for member in members[row.pk]]
    attach_applications(bookings)
    by_slot: dict[int, list[Booking]] = defaultdict(list)
    for booking in bookings:
        by_slot[booking.slot_id].append(booking)
    for slot_id in sorted(by_slot):
        same = by_slot[slot_id]
        holders = [booking.pk for booking in same]
        places = take_drawn(window_id=draw.window_id, slot_id=slot_id, holders=holders, now=now)
        for booking, place_id in zip(same, places, strict=True):
            booking.place_id = place_id
    bookings.sort(key=lambda booking: booking.person_key)
    Booking.objects.bulk_create(bookings, batch_size=500)
    BookingEvent.objects.bulk_create(
        [
            BookingEvent(
                booking=booking, kind=BookingEvent.Kind.MADE, new=Status.HELD,
                place_to_id=booking.place_id, by_id=booking.account_id, at=now,
            )
            for booking in bookings
        ],
        batch_size=500,
    )  # fmt: skip


def _party(row: DrawEntry, now: dt.datetime) -> Party:
    return Party(
        account_id=row.account_id,
        key=_key(row),
        body_hash=hashlib.sha256(row.code.encode()).hexdigest(),
        created_at=now,
    )


def _key(row: DrawEntry) -> str:
    return f"draw:{row.code}"


def _booking(draw: Draw, row: DrawEntry, member: DrawMember, now: dt.datetime) -> Booking:
    assert row.slot_id is not None
    assert row.party is not None
    return Booking(
        id=new_id(),
        account_id=row.account_id,
        applicant=member.applicant,
        person_key=member.person_key,
        party=row.party,
        service_type_id=row.service_type_id,
        office_id=draw.office_id,
        slot_id=row.slot_id,
        status=Status.HELD,
        via=Booking.Via.DRAW,
        placed_at=now,
        expires_at=row.claim_until,
        key=_key(row),
    )


def attach_applications(bookings: Sequence[Booking]) -> None:
    """Take along what is prepared for the service."""
    rows = PassportApplication.objects.filter(
        applicant__in=[booking.applicant_id for booking in bookings]
    )
    prepared = {(row.applicant_id, row.service_type_id): row.pk for row in rows}
    for booking in bookings:
        key = (booking.applicant_id, booking.service_type_id)
        booking.application_id = prepared.get(key)


def _claim_until(window: ReleaseWindow, office: Office, now: dt.datetime) -> dt.datetime:
    """Return when a win is passed on: the night does not count, nor does a win end in it."""
    terms = return_terms(office, lane=window.lane_id, day=window.first_day)
    night = Night(terms.quiet_from, terms.quiet_until, office.zone)
    until = after_civil(now, dt.timedelta(hours=settings.DRAW_CLAIM_HOURS), night)
    latest = last_civil(window.closes_at, night)
    return min(until, latest if latest > now else window.closes_at)
