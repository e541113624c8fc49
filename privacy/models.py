"""Models of every feature, imported here for Django."""

from privacy.reads import models as reads
from privacy.requests import models as requests
from privacy.retention import models as retention
