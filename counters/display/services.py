"""Check-in at a kiosk: the token decides the office, the day rule whether the gate comes first."""

from dataclasses import dataclass
from datetime import datetime

from booking.bookings.errors import BookingEnded, WrongDay
from booking.bookings.models import Booking
from booking.bookings.selectors import find_for_check_in
from booking.codes import clean_code
from booking.statuses import Status
from counters.gate.services import admit_from_kiosk, refuse_early
from counters.gate.verdict import Timing, timing
from counters.kiosks.errors import TicketEnded, TicketForAnotherDay, UnknownTicket
from counters.kiosks.models import Kiosk
from counters.kiosks.selectors import kiosk_of
from counters.kiosks.services import count_try, forgive_try, record_check_in
from counters.visits.models import UNFINISHED, Visit
from offices.day_rules.selectors import day_rule_on
from offices.limits.selectors import protocol_on


@dataclass(frozen=True)
class KioskAnswer:
    """What a kiosk shows: `in` with a number, `gate` without one, or `served`."""

    state: str
    visit: Visit | None = None


def check_in_at_kiosk(*, token: str, code: str, now: datetime) -> tuple[Kiosk, KioskAnswer]:
    """Check a booking in at the kiosk of its office, or send the person to the gate.

    A family's code sends everybody to the gate, where each is checked in with the identity card.
    A code of another office is answered like an unknown one: a kiosk learns nothing about bookings
    beyond its office. Raises KioskNotPaired, KioskRevoked, TooManyWrongCodes, UnknownTicket,
    TicketEnded, TicketForAnotherDay, TooEarly, Busy.
    """
    kiosk = kiosk_of(token)
    count_try(kiosk_id=kiosk.pk, now=now)
    if family := _family_today(kiosk, code, now=now):
        forgive_try(kiosk_id=kiosk.pk)
        for booking in family:
            record_check_in(booking_id=booking.pk, kiosk=kiosk, is_complete=False, now=now)
        return kiosk, KioskAnswer("gate")
    if not Booking.objects.filter(code=clean_code(code), office=kiosk.office).exists():
        raise UnknownTicket
    forgive_try(kiosk_id=kiosk.pk)
    try:
        booking = find_for_check_in(kiosk.office, code, now)
    except BookingEnded as error:
        raise TicketEnded(**error.values) from error
    except WrongDay as error:
        raise TicketForAnotherDay(**error.values) from error
    return kiosk, _answer(kiosk, booking, now=now)


def _family_today(kiosk: Kiosk, code: str, *, now: datetime) -> list[Booking]:
    """Return the people of a family who are expected at the kiosk's office today."""
    code = clean_code(code)
    today = kiosk.office.local_day(now)
    rows = Booking.objects.filter(
        party__code=code, office=kiosk.office, status=Status.BOOKED, slot__day=today
    )
    return list(rows) if code else []


def _answer(kiosk: Kiosk, booking: Booking, *, now: datetime) -> KioskAnswer:
    office, day = kiosk.office, kiosk.office.local_day(now)
    if booking.status == Status.SERVED:
        return KioskAnswer("served")
    visit = _visit_today(booking, kiosk, now=now)
    if visit is not None:
        return KioskAnswer("in", visit)
    rule = day_rule_on(office, day)
    if booking.status == Status.BOOKED:
        refuse_early(booking, rule, now)
    protocol = protocol_on(office, day)
    is_screened = protocol is not None and bool(protocol.items)
    is_late = timing(booking.slot, rule=rule, arrived=now) == Timing.OVER
    if rule.kiosk_completes and not is_screened and not is_late:
        visit = admit_from_kiosk(booking_id=booking.pk, now=now)
    record_check_in(booking_id=booking.pk, kiosk=kiosk, is_complete=visit is not None, now=now)
    return KioskAnswer("gate") if visit is None else KioskAnswer("in", visit)


def _visit_today(booking: Booking, kiosk: Kiosk, *, now: datetime) -> Visit | None:
    rows = booking.visits.filter(status__in=UNFINISHED, day=kiosk.office.local_day(now))
    return rows.select_related("ticket").first()
