"""Places held for those who won them, until they claim them."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.conf import settings

from booking.bookings import services as bookings
from booking.bookings.requests import BookingRequest
from booking.bookings.rights import LotteryWin
from booking.draw import Given
from booking.models import Draw, DrawEntry, DrawMember
from booking.nights import Night, after_civil, last_civil
from offices.models import Office
from quotas.models import ReleaseWindow, Slot
from quotas.selectors.returns import return_terms


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
    parties = bookings.create_bookings(requests=requests, right=right, by=None, now=now)
    for one, row, party in zip(given, winners, parties, strict=True):
        row.outcome, row.slot, row.party = DrawEntry.Outcome.WON, slots[one.slot], party
        row.claim_until = claim_until


def _claim_until(window: ReleaseWindow, office: Office, now: dt.datetime) -> dt.datetime:
    """Return when a win is passed on: the night does not count, nor does a win end in it."""
    terms = return_terms(office, lane=window.lane_id, day=window.first_day)
    night = Night(terms.quiet_from, terms.quiet_until, office.zone)
    until = after_civil(now, dt.timedelta(hours=settings.DRAW_CLAIM_HOURS), night)
    latest = last_civil(window.closes_at, night)
    return min(until, latest if latest > now else window.closes_at)
