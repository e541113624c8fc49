"""Accepting the advice for next week."""

from datetime import datetime

from accounts.models import User
from core.errors import NotFound
from offices.directory.models import Office
from offices.permissions import Right, check_right
from reports.advice.errors import NothingToAccept
from reports.advice.models import AcceptedAdvice
from reports.advice.rule import expected_promise
from reports.advice.selectors import next_week, read_week


def accept_advice(*, office_id: int, by: User, now: datetime) -> AcceptedAdvice:
    """Store next week's advice and what is expected of it. The quota is changed by its own form.

    Raises NotFound, NotAllowed, NothingToAccept.
    """
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.CHANGE_QUOTA, office=office, now=now)
    week = read_week(office, next_week(office.local_day(now)), now=now)
    if week is None or not week.advice.is_change:
        raise NothingToAccept
    advice = week.advice
    accepted, _is_new = AcceptedAdvice.objects.update_or_create(
        office=office,
        group_id=week.group,
        monday=week.monday,
        defaults={
            "quota_before": advice.now,
            "quota": advice.quota,
            "demand": advice.demand,
            "promise": expected_promise(week.days.values(), advice.quota),
            "accepted_by": by,
            "accepted_at": now,
        },
    )
    return accepted
