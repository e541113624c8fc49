"""Hours of collecting a passport: booked, changed and cancelled by the applicant; arrival at the lane."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.models import User
from core import status
from core.db import busy_on_timeout, constraints_as_errors
from counters.drive_thru.errors import DriveThruChanged, HourFull, HourNotOffered, NotReady
from counters.drive_thru.models import (
    LIVE,
    DriveThruHour,
    DriveThruStatus,
    DriveThruVisit,
    PickupPlace,
)
from counters.drive_thru.selectors import OfferedHour, offered_hours, plate_key, read_plate
from counters.production.models import BookStatus, PassportBook
from counters.production.moves import lock_book, lock_own_book
from offices.permissions import Right, check_right


def book_hour(
    *,
    book_id: int,
    starts_at: datetime,
    where: str = PickupPlace.DRIVE_THRU,
    plate: str = "",
    by: User | None,
    follows: UUID | None = None,
    now: datetime,
) -> DriveThruVisit:
    """Book an hour of the lane or the desk for a ready passport, or change the booked one.

    `follows` is the booking whose code and birth date a reader without an account has given
    (`counters.tracking`). The passport's row is locked first, then the hours in the order of their times; the old place is
    freed in the same transaction. Raises NotFound for another account's passport, NotReady,
    HourNotOffered, HourFull, NotAPlate.
    """
    number = read_plate(plate)
    full = {"drive_thru_hour_never_oversold": HourFull}
    with busy_on_timeout(), constraints_as_errors(full), transaction.atomic():
        book = lock_own_book(book_id, by=by, follows=follows)
        if book.status != BookStatus.READY:
            raise NotReady
        offered = next(
            (
                hour
                for hour in offered_hours(book, now=now)
                if (hour.where, hour.starts_at) == (where, starts_at)
            ),
            None,
        )
        if offered is None:
            raise HourNotOffered
        visit = _lock_visit(book)
        if visit is not None and visit.status != DriveThruStatus.BOOKED:
            raise DriveThruChanged
        if visit is not None and (visit.hour.where, visit.hour.starts_at) == (where, starts_at):
            return _put_plate(visit, number)
        hour = _take(book, offered, old=visit.hour if visit else None)
        values = {"plate": number, "plate_key": plate_key(number)}
        if visit is None:
            visit = DriveThruVisit(book=book, hour=hour, booked_at=now, **values)
            return status.create(visit, by=by, now=now, hour=hour)
        status.note(visit, by=by, now=now, hour=hour)
        visit.hour = hour
        visit.save(update_fields=["hour"])
        return _put_plate(visit, number)


def cancel_hour(
    *, book_id: int, by: User | None, follows: UUID | None = None, now: datetime
) -> None:
    """Give the booked hour of a passport back. Raises NotFound, DriveThruChanged."""
    with busy_on_timeout(), transaction.atomic():
        visit = _lock_visit(lock_own_book(book_id, by=by, follows=follows))
        if visit is None or visit.status != DriveThruStatus.BOOKED:
            raise DriveThruChanged
        _end(visit, to=DriveThruStatus.CANCELLED, by=by, now=now)


def record_arrival(*, book_id: int, by: User, now: datetime) -> None:
    """Record that the vehicle of a passport has come; without a booked hour nothing is recorded."""
    with transaction.atomic():
        book = lock_book(book_id)
        check_right(by, Right.HAND_OVER_PASSPORTS, office=book.office, now=now)
        visit = _lock_visit(book)
        if visit is None or visit.status != DriveThruStatus.BOOKED:
            return
        line = {"hour": visit.hour}
        status.move(visit, to=DriveThruStatus.ARRIVED, by=by, now=now, line=line, arrived_at=now)


def close_visit(book: PassportBook, *, collected: bool, by: User | None, now: datetime) -> None:
    """End the booked hour of a locked passport that was handed over, or whose place becomes free."""
    visit = _lock_visit(book)
    if visit is not None:
        to = DriveThruStatus.COLLECTED if collected else DriveThruStatus.CANCELLED
        _end(visit, to=to, by=by, now=now)


def erase_plates(*, visit_ids: Iterable[int]) -> None:
    """Erase the plates of vehicles. That somebody came, and when, stays."""
    DriveThruVisit.objects.filter(pk__in=visit_ids).update(plate="", plate_key="")


def _lock_visit(book: PassportBook) -> DriveThruVisit | None:
    """Lock the booked hour of a locked passport, or return None."""
    rows = DriveThruVisit.objects.filter(book=book, status__in=LIVE).select_related("hour")
    return rows.select_for_update(no_key=True, of=("self",)).first()


def _take(book: PassportBook, offered: OfferedHour, *, old: DriveThruHour | None) -> DriveThruHour:
    """Take a place of an hour and free the old one. Raises HourFull."""
    DriveThruHour.objects.bulk_create(
        [
            DriveThruHour(
                office=book.office,
                where=offered.where,
                starts_at=offered.starts_at,
                ends_at=offered.ends_at,
                places=offered.places,
            )
        ],
        ignore_conflicts=True,
    )
    wanted = {offered.starts_at, *([old.starts_at] if old else [])}
    rows = DriveThruHour.objects.filter(office=book.office, starts_at__in=wanted)
    locked = {
        (row.where, row.starts_at): row
        for row in rows.order_by("starts_at", "where").select_for_update(no_key=True)
    }
    hour = locked[offered.where, offered.starts_at]
    # The rule in force counts, but nobody who has a place loses it.
    places = max(offered.places, hour.taken)
    if hour.taken >= places:
        raise HourFull
    DriveThruHour.objects.filter(pk=hour.pk).update(places=places, taken=F("taken") + 1)
    if old is not None:
        DriveThruHour.objects.filter(pk=old.pk).update(taken=F("taken") - 1)
    return hour


def _put_plate(visit: DriveThruVisit, plate: str) -> DriveThruVisit:
    visit.plate, visit.plate_key = plate, plate_key(plate)
    visit.save(update_fields=["plate", "plate_key"])
    return visit


def _end(visit: DriveThruVisit, *, to: str, by: User | None, now: datetime) -> None:
    status.move(visit, to=to, by=by, now=now, line={"hour": visit.hour})
    if to == DriveThruStatus.CANCELLED:
        DriveThruHour.objects.filter(pk=visit.hour_id).update(taken=F("taken") - 1)
