"""Hours that can be booked for collecting a passport, and the lists of a day."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.crypto import keyed_hash
from core.scans import LONGEST, readings
from core.text import compact_code
from counters.drive_thru.errors import NotAPlate, NotInLane, PassportElsewhere
from counters.drive_thru.models import (
    LIVE,
    DriveThruHour,
    DriveThruRule,
    DriveThruStatus,
    DriveThruVisit,
    PickupPlace,
)
from counters.production.models import BookStatus, PassportBook
from counters.production.selectors import books_of, collect_until, collection_rule_on
from offices.directory.models import Office
from offices.hours.selectors import admission_on, working_hours
from quotas.plan.decrees import AdmissionDecree, Decree

# An Indonesian plate: one or two letters, up to four digits, up to three letters. Others exist
# (diplomats, other countries), so that anything of letters and digits is accepted.
PLATE: Final = re.compile(r"[A-Z0-9]{3,10}")


@dataclass(frozen=True)
class OfferedHour:
    """An hour that can be booked. Times are moments; `left` counts vehicles, or people at the desk."""

    where: PickupPlace
    starts_at: datetime
    ends_at: datetime
    places: int
    left: int


def pickup_rule_on(office: Office, day: date) -> DriveThruRule | None:
    """Return the rule for the hours of a day; None where the office has none."""
    return DriveThruRule.objects.in_force(day).filter(office=office).first()


def drive_thru_rule_on(office: Office, day: date) -> DriveThruRule | None:
    """Return the lane's hours of a day; None where the office has no lane on it."""
    return pickup_rule_on(office, day) if has_lane(office, day) else None


def places_on(office: Office, day: date) -> list[PickupPlace]:
    """Return where hours can be booked on a day."""
    rule = pickup_rule_on(office, day)
    if rule is None:
        return []
    is_open = {PickupPlace.DRIVE_THRU: has_lane(office, day), PickupPlace.DESK: rule.desk_places}
    return [where for where, value in is_open.items() if value]


def has_lane(office: Office, day: date) -> bool:
    """True if passports are handed over in a drive-thru lane on the day."""
    admission = admission_on(office, day)
    return admission is not None and admission.has_drive_thru


def hours_of(
    office: Office, day: date, where: PickupPlace = PickupPlace.DRIVE_THRU
) -> list[OfferedHour]:
    """Return every bookable hour of a day at a place with what is left; empty on days off."""
    rule = pickup_rule_on(office, day)
    if rule is None or where not in places_on(office, day) or working_hours(office, day) is None:
        return []
    most = rule.desk_places if where == PickupPlace.DESK else rule.places
    starts = [start for start, _end in _spans(rule, office, day)]
    rows = DriveThruHour.objects.filter(office=office, where=where, starts_at__in=starts)
    stored = {row.starts_at: row for row in rows}
    hours = []
    for start, end in _spans(rule, office, day):
        row = stored.get(start)
        taken = row.taken if row else 0
        places = max(most, taken)
        hours.append(OfferedHour(where, start, end, places, places - taken))
    return hours


def _spans(rule: DriveThruRule, office: Office, day: date) -> Iterator[tuple[datetime, datetime]]:
    start, last = office.at(day, rule.opens), office.at(day, rule.closes)
    length = timedelta(minutes=rule.minutes)
    while start + length <= last:
        yield start, start + length
        start += length


def offered_hours(book: PassportBook, *, now: datetime) -> list[OfferedHour]:
    """Return the hours in which a ready passport can be collected, full ones too, by place and time.

    From now until the last day on which it can be collected, at most as many days ahead as the rule
    of today says.
    """
    office, today = book.office, book.office.local_day(now)
    rule = pickup_rule_on(office, today)
    if rule is None or book.status != BookStatus.READY:
        return []
    last = min(
        today + timedelta(days=rule.days_ahead - 1),
        collect_until(book, collection_rule_on(office, today)),
    )
    days = [today + timedelta(days=ahead) for ahead in range((last - today).days + 1)]
    return [
        hour
        for where in (PickupPlace.DRIVE_THRU, PickupPlace.DESK)
        for day in days
        for hour in hours_of(office, day, where)
        if hour.ends_at > now
    ]


def live_visit(book: PassportBook) -> DriveThruVisit | None:
    """Return the hour that is booked for a passport, or None."""
    rows = DriveThruVisit.objects.filter(book=book, status__in=LIVE)
    return rows.select_related("hour").first()


def lane_list(
    office: Office, day: date, where: PickupPlace = PickupPlace.DRIVE_THRU
) -> QuerySet[DriveThruVisit]:
    """Return the visits of a day at a place by hour, without cancelled ones."""
    start = office.at(day, time.min)
    return (
        DriveThruVisit.objects.filter(
            hour__office=office,
            hour__where=where,
            hour__starts_at__gte=start,
            hour__starts_at__lt=start + timedelta(days=1),
        )
        .exclude(status=DriveThruStatus.CANCELLED)
        .select_related("hour", "book__applicant", "book__visit__booking", "book__service_type")
        .order_by("hour__starts_at", "booked_at", "pk")
    )


def retrieval_list(office: Office, day: date) -> list[DriveThruVisit]:
    """Return the visits whose passport is to be taken from its shelf, by shelf (A2 before A10)."""
    rows = lane_list(office, day).filter(status__in=LIVE, book__status=BookStatus.READY)
    return sorted(rows, key=lambda visit: (_shelf_order(visit.book.shelf), visit.hour.starts_at))


def _shelf_order(shelf: str) -> list[tuple[int, str]]:
    parts = re.findall(r"[0-9]+|[^0-9]+", shelf)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def read_plate(text: str) -> str:
    """Return a typed plate in its stored form, "" for none. Raises NotAPlate."""
    plate = compact_code(text).upper()
    if plate and not (plate.isascii() and PLATE.fullmatch(plate)):
        raise NotAPlate(fields={"plate": [NotAPlate.message]})
    return plate


def plate_key(plate: str) -> str:
    """Return the keyed hash of a plate; "" for none."""
    return keyed_hash("plate", plate) if plate else ""


def find_in_lane(office: Office, text: str, *, now: datetime) -> list[PassportBook]:
    """Return the passports of a code, QR code or plate; several for one vehicle.

    Raises NotInLane, PassportElsewhere.
    """
    codes = readings(text)
    book = PassportBook.objects.filter(visit__booking__code__in=codes).order_by("-pk").first()
    if book is not None and book.office_id != office.pk:
        raise PassportElsewhere(office=book.office.name)
    if book is not None:
        return [books_of(office).get(pk=book.pk)]
    plate = compact_code(text).upper() if len(text) <= LONGEST else ""
    visits = lane_list(office, office.local_day(now)).filter(status__in=LIVE)
    ids = (
        visits.filter(plate_key=plate_key(plate)).values_list("book_id", flat=True) if plate else []
    )
    books = list(books_of(office).filter(pk__in=ids).order_by("pk"))
    if not books:
        raise NotInLane
    return books


def people_of_closed_lane(
    office: Office, before: Decree | None, decree: Decree, _now: datetime
) -> Iterator[str]:
    """Yield a sentence about the hours that are booked in a lane which a new rule closes."""
    has_had_lane = isinstance(before, AdmissionDecree) and before.has_drive_thru
    if not isinstance(decree, AdmissionDecree) or decree.has_drive_thru or not has_had_lane:
        return
    since = office.at(decree.valid_from, time())
    booked = DriveThruVisit.objects.filter(
        hour__office=office,
        hour__where=PickupPlace.DRIVE_THRU,
        hour__starts_at__gte=since,
        status=DriveThruStatus.BOOKED,
    ).count()
    yield _("%(n)d pengambilan drive-thru sudah dipesan mulai hari itu. Hubungi pemesannya.") % {
        "n": booked
    }
