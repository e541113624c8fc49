"""Tasks of every feature, imported here for Celery."""

from privacy.retention import tasks as retention
