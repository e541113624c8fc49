"""Models of every feature, imported here for Django."""

from reports.forecast import models as forecast
