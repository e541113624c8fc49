"""An office with a drive-thru lane."""

from datetime import time, timedelta

from counters.drive_thru.models import DriveThruRule, DriveThruVisit
from counters.drive_thru.services import book_hour
from offices.hours.models import AdmissionRule
from tests.builders import INSTRUMENT, SINCE
from tests.counters.world import DAY, World, make_world


def open_lane(world: World, *, places: int = 2) -> DriveThruRule:
    """Open the lane from 9 to 15 in hours of 60 minutes."""
    AdmissionRule.objects.filter(office=world.office).update(has_drive_thru=True)
    return DriveThruRule.objects.create(
        office=world.office,
        opens=time(9),
        closes=time(15),
        places=places,
        valid_from=SINCE,
        instrument=INSTRUMENT,
    )


def make_drive_thru_visit() -> DriveThruVisit:
    """An hour of the next morning that was booked for a ready passport."""
    world = make_world()
    open_lane(world)
    book = world.ready_book()
    account = book.visit.booking.account
    assert account is not None
    starts_at = world.at(9, day=DAY + timedelta(days=1))
    return book_hour(book_id=book.pk, starts_at=starts_at, by=account, now=world.at(15))
