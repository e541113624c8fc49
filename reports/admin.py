"""Admin classes of every feature, imported here for Django."""

from reports.load import admin as load
