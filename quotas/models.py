"""The models of every feature, for Django."""

from quotas.places import models as places
from quotas.policies import models as policies
from quotas.waiting_room import models as waiting_room
from quotas.watches import models as watches
