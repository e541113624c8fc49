"""Reads of bookings, and which changes are still possible."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import has_confirmed_address
from booking.bookings.errors import (
    BookingChanged,
    BookingEnded,
    NoChangeLeft,
    TooLate,
    WrongDay,
    WrongOffice,
)
from booking.bookings.models import Booking, BookingEvent, DisplacedBooking, Party
from booking.codes import clean_code
from booking.statuses import LIVE, Status
from core.db import shared_read
from core.errors import DomainError, NotFound
from core.formats import day_and_hours
from notices import links
from offices.directory.models import Lane, Office, ServiceType
from offices.limits.models import PaymentRule
from offices.limits.selectors import rebooking_rule_on
from quotas.places.models import Slot, is_left_at_office
from quotas.windows.selectors import is_opening_near

MAX_CHANGES: Final = 1
HOURS_AT_OFFICE: Final = 6
CODES: Final = "SELECT code FROM booking_booking WHERE party_id = %s ORDER BY place_id, code"


def counts_as_own_cancellation(booking: Booking, *, by: User) -> bool:
    """True if cancelling counts for the rebooking rule: by the account, and the office had not moved the booking.

    An officer cancels an assisted booking at its person's request.
    """
    is_moved = booking.status == Status.DISPLACED or booking.via == Booking.Via.MOVED_BY_OFFICE
    is_own = booking.account_id == by.pk or booking.via == Booking.Via.ASSISTED
    return is_own and not is_moved


def must_confirm_address(
    account_id: int, *, office: Office | None = None, now: dt.datetime
) -> bool:
    """True if the account has to confirm its address before it books again.

    Without an office, by the rule of the office where the account cancelled last. False within a quarter of an hour
    of an opening: the page does not ask for it in the release minute, although booking still checks it.
    """
    if has_confirmed_address(account_id) or is_opening_near(now=now):
        return False
    cancelled = Booking.objects.filter(account_id=account_id, own_cancelled_at__isnull=False)
    latest = cancelled.select_related("office").order_by("-own_cancelled_at").first()
    place = latest.office if office is None and latest is not None else office
    if place is None:
        return False
    rule = rebooking_rule_on(place, place.local_day(now))
    return rule.requires_confirmation(has_cancelled=latest is not None)


def is_unreached(account_id: int, *, now: dt.datetime) -> bool:
    """True if a page should say that reminders cannot reach the account's unconfirmed address.

    False around an opening, like `must_confirm_address`.
    """
    return not has_confirmed_address(account_id) and not is_opening_near(now=now)


# --- Bookings ------------------------------------------------------------------------------------
def with_all() -> QuerySet[Booking]:
    """Return bookings with everything a ticket shows, in one statement."""
    return Booking.objects.select_related(
        "applicant",
        "office",
        "slot__office",
        "slot__lane",
        "slot__group",
        "service_type__group",
        "application",
        "place",
        "party",
    )


def bookings_of(account_id: int) -> QuerySet[Booking]:
    """Return an account's bookings, latest slot first."""
    return with_all().filter(account_id=account_id).order_by("-slot__starts_at", "pk")


def live_bookings_of(account_id: int, applicant_ids: Sequence[int]) -> QuerySet[Booking]:
    """Return the account's own live bookings of these people."""
    rows = Booking.objects.filter(
        account_id=account_id, applicant__in=applicant_ids, status__in=LIVE
    )
    return rows.select_related("applicant").order_by("code")


def booking_of(account_id: int, code: str) -> Booking:
    """Return one of the account's bookings. Raises NotFound, also for another account's booking."""
    rows = Booking.objects.select_related("applicant", "application")
    booking = rows.filter(account_id=account_id, code=clean_code(code)).first()
    if booking is None:
        raise NotFound
    _attach_hour(booking)
    return booking


def _attach_hour(booking: Booking) -> None:
    """Attach the cached slot: joining its tables for each reader took longer."""
    bookable = bookable_slot(booking.slot_id)
    assert bookable is not None  # guaranteed by the foreign key
    booking.slot, booking.office = bookable.slot, bookable.slot.office
    service = next((row for row in bookable.services if row.pk == booking.service_type_id), None)
    if service is not None:
        booking.service_type = service


def party_of(account_id: int, code: str) -> Party:
    """Return one of the account's families by its code. Raises NotFound."""
    code = clean_code(code)
    party = Party.objects.filter(account_id=account_id, code=code).first() if code else None
    if party is None:
        raise NotFound
    return party


def codes_of(party: Party) -> Sequence[str]:
    """Return the codes of a party's bookings, in the order of their places."""
    if party.made_codes:
        return party.made_codes
    with connection.cursor() as cursor:
        cursor.execute(CODES, [party.pk])
        return [code for (code,) in cursor.fetchall()]


def company_of(booking: Booking) -> Sequence[Booking]:
    """Return the other bookings of the same party; usually none."""
    others = Booking.objects.filter(party_id=booking.party_id).exclude(pk=booking.pk)
    if not others.exists():
        return []
    return [row for row in bookings_in(booking.party) if row.pk != booking.pk]


def bookings_in(party: Party) -> Sequence[Booking]:
    """Return a party's bookings, in the order of their place numbers."""
    return list(with_all().filter(party=party).order_by("place_id", "code"))


def history_of(booking: Booking) -> QuerySet[BookingEvent]:
    """Return a booking's history, oldest first."""
    rows = booking.history.order_by("at", "pk")
    if booking.changes_used:
        rows = rows.select_related("place_from__slot__office", "place_to__slot__office")
    return rows


def day_list(office: Office, day: dt.date) -> QuerySet[Booking]:
    """Return all bookings expected at an office on a day, by slot and place."""
    return (
        with_all()
        .filter(office=office, slot__day=day, place__isnull=False)
        .order_by("slot__starts_at", "place_id")
    )


def overdue_hold_ids(now: dt.datetime) -> list[UUID]:
    """Return the ids of expired holds. Lottery holds are excluded: they pass on by rank."""
    held = Booking.objects.filter(status=Status.HELD, expires_at__lte=now)
    held = held.exclude(via=Booking.Via.DRAW)
    return list(held.order_by("expires_at").values_list("pk", flat=True))


# Corrections included: a person recorded as absent, or as having left, may still be here.
CAN_COME: Final = (
    Status.BOOKED,
    Status.CHECKED_IN,
    Status.SERVED,
    Status.NO_SHOW,
    Status.LEFT,
)


def find_for_check_in(office: Office, code: str, now: dt.datetime) -> Booking:
    """Return the booking of a ticket, if it is for this office and today.

    Bookings already checked in or served are returned too, so that a second scan shows the first.
    Raises NotFound, BookingEnded, WrongOffice or WrongDay; the message says where and when it is.
    """
    booking = with_all().filter(code=clean_code(code)).first()
    return _that_can_come(booking, office, now)


def lock_for_check_in(office: Office, code: str, now: dt.datetime) -> Booking:
    """Lock the booking of a ticket and return it as `find_for_check_in` does, in one statement."""
    rows = with_all().filter(code=clean_code(code))
    booking = rows.select_for_update(no_key=True, of=("self",)).first()
    if booking is None:
        # A booking that moved while its lock was awaited is lost by the join (docs/concurrency.md).
        Booking.objects.select_for_update(no_key=True).filter(code=clean_code(code)).first()
        booking = rows.first()
    return _that_can_come(booking, office, now)


def _that_can_come(booking: Booking | None, office: Office, now: dt.datetime) -> Booking:
    if booking is None:
        raise NotFound(_("Kode ini tidak dikenal. Periksa setiap karakter, atau cari dengan NIK."))
    if booking.status not in CAN_COME:
        raise BookingEnded(status=booking.get_status_display())
    if booking.office_id != office.pk:
        raise WrongOffice(office=booking.office.name, when=when(booking.slot, booking.office))
    # A visit that lacked a document continues on another day under the same booking.
    if booking.slot.day != office.local_day(now) and booking.status != Status.CHECKED_IN:
        raise WrongDay(when=when(booking.slot, booking.office))
    return booking


@shared_read(times=10)
def when(slot: Slot, office: Office) -> str:
    """Format a slot's day and time in the reader's language and the office's time zone."""
    return day_and_hours(slot.starts_at, slot.ends_at, office)


# --- Possible changes ------------------------------------------------------------------------------
def changes_left(booking: Booking) -> int:
    """Return how many times the applicant may still reschedule."""
    return max(0, MAX_CHANGES - booking.changes_used)


def why_not_cancel(booking: Booking, now: dt.datetime) -> DomainError | None:
    """Return why the booking cannot be cancelled, or None: free until the visit begins or the slot is over."""
    if booking.status == Status.CHECKED_IN:
        return TooLate(_("Kunjungan ini sudah dimulai. Bicaralah dengan petugas di loket."))
    if booking.status not in {Status.HELD, Status.BOOKED, Status.DISPLACED}:
        return BookingChanged()
    if booking.status != Status.DISPLACED and booking.slot.ends_at <= now:
        return TooLate(
            _("Jadwal ini sudah lewat sehingga tidak dapat dibatalkan lagi. Buatlah jadwal baru.")
        )
    return None


def why_not_reschedule(booking: Booking, now: dt.datetime) -> DomainError | None:
    """Return why the booking cannot be rescheduled, or None: once, until the day before in office time.

    A displaced booking may be rescheduled, and one moved by the office may be once more.
    """
    if booking.status == Status.CHECKED_IN:
        return TooLate(_("Kunjungan ini sudah dimulai. Bicaralah dengan petugas di loket."))
    if booking.status == Status.DISPLACED:
        return None
    if booking.status != Status.BOOKED:
        return BookingChanged()
    if booking.office.local_day(now) >= booking.slot.day:
        return TooLate()
    if not changes_left(booking) and free_move_of(booking) is None:
        return NoChangeLeft()
    return None


def free_move_of(booking: Booking) -> DisplacedBooking | None:
    """Return the office's unanswered move of a booking, or None."""
    if booking.status != Status.DISPLACED and booking.via != Booking.Via.MOVED_BY_OFFICE:
        return None
    rows = booking.displacements.filter(answered_at__isnull=True).select_related("displacement")
    return rows.order_by("-pk").first()


def hours_at_office(
    office: Office,
    *,
    group_id: int,
    service_id: int | None,
    now: dt.datetime,
    limit: int = HOURS_AT_OFFICE,
) -> list[Slot]:
    """Return the next online hours that an officer can give to a person in the office, earliest first.

    Each has `left`, the places that `take_at_office` would find: the hours of today whose window has
    closed are included, hours whose window has not opened are not.
    """
    left = Count("places", filter=is_left_at_office(now, "places__"))
    rows = Slot.objects.serving(service_id).filter(
        office=office,
        lane__booked_at=Lane.BookedAt.ONLINE,
        group_id=group_id,
        day__gte=office.local_day(now),
        starts_at__gt=now,
    )
    rows = rows.annotate(left=left).filter(left__gt=0).select_related("office", "lane")
    return list(rows.order_by("starts_at", "pk")[:limit])


@dataclass(frozen=True)
class BookableSlot:
    """A bookable slot with office, lane and group, and the services that the office offers.

    `may_be_prepaid` is False if no office asks for the fee before the visit.
    """

    slot: Slot
    services: tuple[ServiceType, ...]
    may_be_prepaid: bool = False

    @property
    def offered(self) -> list[ServiceType]:
        """Return the services of the slot: those of its group, or those a closure reserves it for."""
        mine = (row for row in self.services if row.group_id == self.slot.group_id)
        return [row for row in mine if self.slot.is_for(row.pk)]


@shared_read(times=10, has_text=False)
def bookable_slot(slot_id: int) -> BookableSlot | None:
    """Return the slot's data that do not change during a release, or None if the slot does not exist."""
    is_prepaid = Exists(PaymentRule.objects.filter(timing=PaymentRule.Timing.PREPAID))
    rows = Slot.objects.select_related("office", "group", "lane").annotate(is_prepaid=is_prepaid)
    slot = rows.filter(pk=slot_id).first()
    if slot is None:
        return None
    services = slot.office.service_types.select_related("group").order_by("pk")
    return BookableSlot(slot, tuple(services), slot.is_prepaid)


# A move is announced up to several weeks before the new slot.
MOVE_LINK: Final = links.Purpose("move", "booking:move_link", "booking:move", dt.timedelta(days=60))
links.register(MOVE_LINK)
