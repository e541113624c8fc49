"""An office with a drive-thru lane."""

from datetime import time

from counters.drive_thru.models import DriveThruRule
from offices.hours.models import AdmissionRule
from tests.builders import INSTRUMENT, SINCE
from tests.counters.world import World


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
