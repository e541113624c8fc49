"""The tasks of every feature, for Celery."""

from counters.capacity import tasks as capacity
from counters.service import tasks as service
