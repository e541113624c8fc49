"""Tasks of every feature, imported here for Celery."""

from counters.capacity import tasks as capacity
from counters.estimates import tasks as estimates
from counters.service import tasks as service
from counters.survey import tasks as survey
from counters.uncollected import tasks as uncollected
