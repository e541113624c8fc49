"""Tasks of every feature, imported here for Celery."""

from reports.forecast import tasks as forecast
from reports.paper_list import tasks as paper_list
