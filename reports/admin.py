"""Admin classes of every feature, imported here for Django."""

from reports.load import admin as load
from reports.subscriptions import admin as subscriptions
