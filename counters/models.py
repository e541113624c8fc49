"""Models of every feature, imported here for Django."""

from counters.pickup import models as pickup
from counters.production import models as production
from counters.screening import models as screening
from counters.visits import models as visits
from counters.walk_in import models as walk_in
