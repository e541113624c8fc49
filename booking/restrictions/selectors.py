"""Reads of restrictions."""

import datetime as dt

from django.db.models import QuerySet

from booking.people.models import Applicant
from booking.restrictions.models import Restriction
from offices.directory.models import Office

OVER_SHOWN = dt.timedelta(days=90)


def restrictions_of(account_id: int, *, now: dt.datetime) -> QuerySet[Restriction]:
    """Return current and recently ended restrictions of the account's people, latest first."""
    mine = Applicant.objects.filter(account_id=account_id, removed_at__isnull=True)
    rows = Restriction.objects.filter(
        person_key__in=mine.values("person_key"), until_at__gt=now - OVER_SHOWN
    )
    return rows.select_related("office", "booking__slot", "applicant").order_by("-made_at", "-pk")


def restrictions_at(office: Office, *, now: dt.datetime) -> QuerySet[Restriction]:
    """Return restrictions from bookings missed at an office, unanswered appeals first."""
    rows = Restriction.objects.filter(office=office, until_at__gt=now)
    return rows.select_related("office", "booking__slot", "applicant", "lifted_by").order_by(
        "lifted_at", "kept_at", "appealed_at", "-made_at"
    )
