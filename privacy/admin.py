"""Admin lists of every feature, imported here for Django."""

from privacy.reads import admin as reads
from privacy.retention import admin as retention
