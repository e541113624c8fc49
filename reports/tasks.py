"""The tasks of every feature, for Celery."""

from reports.paper_list import tasks as paper_list
