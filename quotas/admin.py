"""The admin lists of every feature, for Django."""

from quotas.policies import admin as policies
from quotas.windows import admin as windows
