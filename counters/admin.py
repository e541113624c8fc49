"""Admin classes of every feature, imported here for Django."""

from counters.drive_thru import admin as drive_thru
from counters.gate import admin as gate
from counters.pickup import admin as pickup
from counters.production import admin as production
from counters.stations import admin as stations
from counters.visits import admin as visits
