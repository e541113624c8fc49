"""Tasks of every feature, imported here for Celery."""

from reports.forecast import tasks as forecast
from reports.load import tasks as load
from reports.paper_list import tasks as paper_list
from reports.subscriptions import tasks as subscriptions
