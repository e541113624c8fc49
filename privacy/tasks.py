"""Tasks of every feature, imported here for Celery."""

from privacy.reads import tasks as reads
from privacy.requests import tasks as requests
from privacy.retention import tasks as retention
