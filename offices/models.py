"""Models of every feature, imported here for Django."""

from offices.closures import models as closures
from offices.day_rules import models as day_rules
from offices.directory import models as directory
from offices.hours import models as hours
from offices.inspections import models as inspections
from offices.limits import models as limits
from offices.officers import models as officers
from offices.outages import models as outages
from offices.reads import models as reads
from offices.reasons import models as reasons
from offices.rosters import models as rosters
from offices.staff import models as staff
from offices.switch import models as switch
