"""Admin classes of every feature, imported here for Django."""

from reports.forecast import admin as forecast
