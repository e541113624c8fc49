"""Models of every feature, imported here for Django."""

from counters.pickup import models as pickup
from counters.production import models as production
from counters.queue import models as queue
from counters.screening import models as screening
from counters.visits import models as visits
