"""Models of every feature, imported here for Django."""

from counters.authority import models as authority
from counters.closing import models as closing
from counters.complaints import models as complaints
from counters.drive_thru import models as drive_thru
from counters.estimates import models as estimates
from counters.gate import models as gate
from counters.kiosks import models as kiosks
from counters.pickup import models as pickup
from counters.production import models as production
from counters.screening import models as screening
from counters.survey import models as survey
from counters.visits import models as visits
from counters.walk_in import models as walk_in
