"""Reads of complaints."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from booking.codes import clean_code
from core.errors import NotFound
from counters.complaints.models import Complaint
from offices.directory.models import Office
from offices.directory.selectors import local_date


@dataclass(frozen=True)
class ComplaintCounts:
    """An office's complaints of some days: made, answered in time, answered late, and overdue.

    A complaint that is not answered and whose deadline is over counts as overdue.
    """

    made: int
    in_time: int
    late: int
    overdue: int


def complaint_with(number: str) -> Complaint:
    """Return the complaint with a number. Raises NotFound."""
    row = Complaint.objects.select_related("office").filter(number=clean_code(number)[:12]).first()
    if row is None:
        raise NotFound
    return row


def complaints_at(office: Office) -> QuerySet[Complaint]:
    """Return an office's complaints: open ones by their deadline, then the latest answered."""
    rows = Complaint.objects.filter(office=office).select_related("answered_by")
    return rows.order_by(F("answered_at").desc(nulls_first=True), "answer_by", "pk")


def is_overdue(complaint: Complaint, *, now: dt.datetime) -> bool:
    """True if nobody answered in time."""
    return complaint.answered_at is None and now > complaint.answer_by


def counts_of(
    offices: Sequence[Office], first: dt.date, last: dt.date, *, now: dt.datetime
) -> Mapping[int, ComplaintCounts]:
    """Count each office's complaints made from the first to the last local day. One query."""
    rows = (
        Complaint.objects.filter(office__in=offices)
        .alias(made_on=local_date("made_at"))
        .filter(made_on__range=(first, last))
        .values_list("office")
        .annotate(
            made=Count("pk"),
            in_time=Count("pk", filter=Q(answered_at__lte=F("answer_by"))),
            late=Count("pk", filter=Q(answered_at__gt=F("answer_by"))),
            overdue=Count("pk", filter=Q(answered_at__isnull=True, answer_by__lt=now)),
        )
        .order_by()
    )
    counts = {office: ComplaintCounts(*numbers) for office, *numbers in rows}
    return {office.pk: counts.get(office.pk, ComplaintCounts(0, 0, 0, 0)) for office in offices}
