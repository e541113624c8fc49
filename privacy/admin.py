"""Admin lists of every feature, imported here for Django."""

from privacy.retention import admin as retention
