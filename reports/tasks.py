"""Tasks of every feature, imported here for Celery."""

from reports.paper_list import tasks as paper_list
