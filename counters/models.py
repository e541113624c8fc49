"""Models of every feature, imported here for Django."""

from counters.estimates import models as estimates
from counters.pickup import models as pickup
from counters.production import models as production
from counters.visits import models as visits
