"""An evening: hours past closing for those still waiting, and the officers who stay for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction

from accounts.models import User
from core.errors import NotFound
from offices.models import Office
from offices.services import add_overtime
from quotas.services import add_evening_places


@dataclass(frozen=True)
class Evening:
    """What a supervisor adds to today: places of a lane, who serves them, and why."""

    lane: str
    group_id: int
    starts: time
    ends: time
    count: int
    reason: str
    officer_ids: Sequence[int] = ()


def open_evening(*, office_id: int, evening: Evening, by: User, now: datetime) -> int:
    """Add evening places and roster who stays, both or neither; return how many officers stay.

    Raises NotFound, NotAllowed, InvalidInput, OfficerElsewhere, Busy.
    """
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    today = office.local_day(now)
    with transaction.atomic():
        add_evening_places(
            office_id=office_id, lane=evening.lane, group_id=evening.group_id,
            starts=evening.starts, ends=evening.ends, count=evening.count,
            reason=evening.reason, by=by, now=now,
        )  # fmt: skip
        return add_overtime(
            office_id=office_id, officer_ids=evening.officer_ids,
            starts_at=office.at(today, evening.starts), ends_at=office.at(today, evening.ends),
            reason=evening.reason, by=by, now=now,
        )  # fmt: skip
