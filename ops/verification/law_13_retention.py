"""Law 13: no personal data outlive their retention rule."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from ops.verification.law import QueryLaw
from privacy.retention.selectors import kept_too_long


def _breaches(now: datetime) -> Mapping[str, QuerySet[Any]]:
    return kept_too_long(now=now)


LAW_13: Final = QueryLaw(13, "No personal data outlive their retention rule", _breaches)
