"""Some working days of an office in the past, for pictures and reports."""

from datetime import datetime, timedelta
from typing import Final

from counters.production import services as production_services
from counters.production.models import PassportBook
from devtools.trial.office_day import OfficeDay
from offices.directory.models import Office
from offices.hours.selectors import working_hours
from offices.staff.models import Role
from offices.staff.selectors import staff_of
from quotas.windows.services import prepare_windows

MANNED: Final = 3  # of six counters, so that people wait and there is something to see
BOOKED_BEFORE: Final = timedelta(days=4)
PEOPLE_AHEAD: Final = (9, 5, 2)  # an hour's bookings on the next days


def live_through(office: Office, *, days: int, until: datetime) -> None:
    """Play the last working days and today up to `until`: people book, arrive, are served."""
    prepare_windows(office_id=office.pk, now=until - timedelta(days=days + 7))
    today = office.local_day(until)
    for ago in range(days - 1, -1, -1):
        day = today - timedelta(days=ago)
        if working_hours(office, day) is not None:
            _live(OfficeDay(office, day), until=until)


def book_ahead(office: Office, *, until: datetime) -> None:
    """Add bookings on the next days, most on the first."""
    today = office.local_day(until)
    for ahead, people in enumerate(PEOPLE_AHEAD, start=1):
        day = today + timedelta(days=ahead)
        if working_hours(office, day) is None:
            continue
        scene = OfficeDay(office, day)
        for slot in scene.slots():
            scene.book(slot, people=people, now=until)


def _live(scene: OfficeDay, *, until: datetime) -> None:
    is_today = scene.office.local_day(until) == scene.day
    for nth, slot in enumerate(scene.slots()):
        people = 10 if is_today else 6 + (nth + scene.day.day) % 3
        scene.book(slot, people=people, now=scene.opens_at - BOOKED_BEFORE)
    scene.run(
        [scene.arrivals(), *scene.open_counters(MANNED, every=2 * timedelta(minutes=1), free=0)],
        until=min(until, scene.evening()),
        is_over=lambda: scene.now > scene.closes_at and not scene.in_hall,
    )
    if not is_today:
        scene.leave_counters()
    _make_passports(scene.office, until=until)


def _make_passports(office: Office, *, until: datetime) -> None:
    """Print the passports of earlier days, have the supervisor check them, and shelve them."""
    day = office.local_day(until)
    printer = staff_of(office, role=Role.PICKUP, day=day)[0]
    checker = staff_of(office, role=Role.SUPERVISOR, day=day)[0]
    for book in PassportBook.objects.filter(status="ordered", visit__office=office):
        days_ago = (day - office.local_day(book.ordered_at)).days
        if days_ago >= 1:
            production_services.mark_printed(
                book_id=book.pk, book_number=demo_number(book), by=printer, now=until
            )
        if days_ago >= 2:
            production_services.mark_checked(book_id=book.pk, by=checker, now=until)
        if days_ago >= 3:
            production_services.mark_ready(
                book_id=book.pk, shelf=demo_shelf(book), by=printer, now=until
            )


def demo_number(book: PassportBook) -> str:
    """Return the number of a booklet of the demo."""
    return f"X{book.pk:07d}"


def demo_shelf(book: PassportBook) -> str:
    return f"{'ABC'[book.pk % 3]}{1 + book.pk % 9}"
