"""Satisfaction by office and month."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Avg, Count
from django.db.models.functions import TruncMonth

from counters.survey.elements import ELEMENTS, grade_of, index_of
from counters.survey.models import SurveyAnswer, SurveyInvitation
from offices.directory.models import Office
from offices.directory.selectors import local_date

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


def satisfaction_by_month(
    offices: Sequence[Office], first: dt.date, last: dt.date
) -> Mapping[int, list[Satisfaction]]:
    """Return each office's months with an invitation or an answer, from the first to the last day.

    Earliest month first. Two queries.
    """
    begins = first.replace(day=1)
    invited = {
        (office, month): n
        for office, month, n in SurveyInvitation.objects.filter(office__in=offices)
        .alias(sent_on=local_date("sent_at"))
        .filter(sent_on__range=(begins, last))
        .annotate(sent_month=TruncMonth("sent_on"))
        .values_list("office", "sent_month")
        .annotate(n=Count("pk"))
        .order_by()
    }
    answers = SurveyAnswer.objects.filter(office__in=offices, month__range=(begins, last))
    # Prefixed, because an annotation may not have the name of a field.
    means = {f"mean_{name}": Avg(name) for name in ELEMENTS}
    rows: dict[tuple[int, dt.date], dict[str, Any]] = {
        (row["office"], row["month"]): dict(row)
        for row in answers.values("office", "month").annotate(n=Count("pk"), **means).order_by()
    }
    by_office: dict[int, list[Satisfaction]] = {office.pk: [] for office in offices}
    for key in sorted(invited.keys() | rows.keys()):
        row = rows.get(key)
        by_office[key[0]].append(
            Satisfaction(
                month=key[1],
                invited=invited.get(key, 0),
                answers=row["n"] if row else 0,
                means={name: float(row[f"mean_{name}"]) for name in ELEMENTS} if row else {},
            )
        )
    return by_office
