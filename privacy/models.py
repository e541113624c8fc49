"""Models of every feature, imported here for Django."""

from privacy.retention import models as retention
