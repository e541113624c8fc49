"""Findings as their page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch

from offices.directory.models import Office
from offices.inspections.models import Finding, FindingStep

OPEN = "open"
SOON = timedelta(days=7)


@dataclass(frozen=True)
class FindingView:
    """A finding with its steps. `state` is open, answered or closed."""

    finding: Finding
    steps: list[FindingStep]
    state: str
    is_late: bool

    @property
    def is_open(self) -> bool:
        return self.state == OPEN

    @property
    def is_answered(self) -> bool:
        return self.state == FindingStep.Kind.ANSWERED

    @property
    def is_closed(self) -> bool:
        return self.state == FindingStep.Kind.CLOSED


@dataclass
class OfficeFindings:
    """The number of an office's findings: not answered, of these late, and answers to be judged."""

    office: Office
    open: int = 0
    late: int = 0
    answered: int = 0
    next_due: date | None = None


def state_after(kind: str | None) -> str:
    """Return the state after a step; without one, and after a returned answer, a finding is open."""
    return OPEN if kind in (None, FindingStep.Kind.RETURNED) else str(kind)


def findings_of(office: Office, *, today: date) -> list[FindingView]:
    """Return an office's findings, closed ones last, otherwise by deadline."""
    steps = Prefetch("steps", FindingStep.objects.select_related("by").order_by("pk"))
    rows = Finding.objects.filter(office=office).select_related("by").prefetch_related(steps)
    views = [_view(row, today) for row in rows]
    return sorted(views, key=lambda view: (view.is_closed, view.finding.due_on, view.finding.pk))


def _view(row: Finding, today: date) -> FindingView:
    steps = list(row.steps.all())
    state = state_after(steps[-1].kind if steps else None)
    return FindingView(row, steps, state, is_late=state == OPEN and row.due_on < today)


def overview(offices: Iterable[Office], *, today: date) -> list[OfficeFindings]:
    """Return the counts of each office, most urgent first, in two queries."""
    counts = {office.pk: OfficeFindings(office) for office in offices}
    rows = Finding.objects.filter(office__in=counts).prefetch_related("steps")
    for row in rows:
        view, count = _view(row, today), counts[row.office_id]
        count.answered += view.is_answered
        if view.is_open:
            count.open += 1
            count.late += view.is_late
            count.next_due = min(count.next_due or row.due_on, row.due_on)
    return sorted(
        counts.values(), key=lambda one: (-one.late, -one.open, -one.answered, one.office.name)
    )
