"""Satisfaction by office and month."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Avg, Count
from django.db.models.functions import TruncMonth

from counters.survey.elements import ELEMENTS, grade_of, index_of
from counters.survey.models import SurveyAnswer, SurveyInvitation
from offices.directory.models import Office

# With fewer answers, a published mean could say what one person answered.
LEAST_ANSWERS: Final = 5


@dataclass(frozen=True)
class Satisfaction:
    """An office's survey of one month; `month` is its first day, `means` are 1 to 4 by element."""

    month: dt.date
    invited: int
    answers: int
    means: Mapping[str, float]

    @property
    def index(self) -> float | None:
        """The satisfaction index, 25 to 100; None with fewer than five answers."""
        return index_of(list(self.means.values())) if self.answers >= LEAST_ANSWERS else None

    @property
    def grade(self) -> str:
        """The class A to D, or an empty text without an index."""
        return "" if self.index is None else grade_of(self.index)

    @property
    def response_rate(self) -> float | None:
        """The share of the month's invitations that were answered, 0 to 1."""
        return min(1.0, self.answers / self.invited) if self.invited else None


def satisfaction_by_month(office: Office, first: dt.date, last: dt.date) -> list[Satisfaction]:
    """Return each month with an invitation or an answer, from the first to the last day, earliest first.

    Two queries.
    """
    invitations = SurveyInvitation.objects.filter(
        office=office,
        sent_at__gte=office.at(first.replace(day=1), dt.time.min),
        sent_at__lt=office.at(last + dt.timedelta(days=1), dt.time.min),
    )
    by_month = invitations.annotate(month=TruncMonth("sent_at", tzinfo=office.zone))
    invited = {
        row["month"].date(): row["n"] for row in by_month.values("month").annotate(n=Count("pk"))
    }
    answers = SurveyAnswer.objects.filter(
        office=office, month__range=(first.replace(day=1), last)
    ).values("month")
    # Prefixed, because an annotation may not have the name of a field.
    means = {f"mean_{name}": Avg(name) for name in ELEMENTS}
    rows: dict[dt.date, dict[str, Any]] = {
        row["month"]: dict(row) for row in answers.annotate(n=Count("pk"), **means)
    }
    return [
        Satisfaction(
            month=month,
            invited=invited.get(month, 0),
            answers=rows[month]["n"] if month in rows else 0,
            means={name: float(rows[month][f"mean_{name}"]) for name in ELEMENTS}
            if month in rows
            else {},
        )
        for month in sorted(invited.keys() | rows.keys())
    ]
