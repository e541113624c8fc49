"""Admin classes of every feature, imported here for Django."""

from counters.pickup import admin as pickup
from counters.stations import admin as stations
from counters.visits import admin as visits
