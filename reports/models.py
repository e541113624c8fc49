"""Models of every feature, imported here for Django."""

from reports.advice import models as advice
from reports.forecast import models as forecast
from reports.load import models as load
from reports.subscriptions import models as subscriptions
