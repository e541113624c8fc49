"""The tasks of every feature, for Celery."""

from quotas.places import tasks as places
from quotas.waiting_room import tasks as waiting_room
from quotas.windows import tasks as windows
