"""Several decrees of one office that begin on one day, such as those of a preset, as one change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from offices.directory.models import Lane, Office
from quotas.plan.decrees import Decree, PlannedDecree
from quotas.policies.models import RuleChange
from quotas.rules.effects import TermsPreview, preview_terms
from quotas.rules.preview import Caution, Preview, end_of, preview_together


@dataclass(frozen=True)
class Ending:
    """A decree that ends, its last day, and the instrument of the later decree that ends it, if one does."""

    title: str
    last_day: date
    ended_by: str


@dataclass(frozen=True)
class ChangePreview:
    """What several decrees do to one office: its lanes, its other terms, and the decrees that end."""

    office: Office
    rules: Preview | None
    terms: list[tuple[str, TermsPreview]]
    endings: list[Ending]

    @property
    def cautions(self) -> list[Caution]:
        rows = [] if self.rules is None else list(self.rules.cautions)
        return rows + [row for _title, one in self.terms for row in one.cautions]

    @property
    def effects(self) -> list[str]:
        """The sentences about the people concerned, each once."""
        return list(dict.fromkeys(text for _title, one in self.terms for text in one.effects))


def preview_change(office: Office, *, decrees: Sequence[Decree], now: datetime) -> ChangePreview:
    """Return the effects of checked decrees of an office, those on its lanes computed together."""
    planned = [decree for decree in decrees if isinstance(decree, PlannedDecree)]
    others = [decree for decree in decrees if not isinstance(decree, PlannedDecree)]
    return ChangePreview(
        office=office,
        rules=preview_together(office, decrees=planned, now=now) if planned else None,
        terms=[
            (_title(decree, {}), preview_terms(office, decree=decree, now=now)) for decree in others
        ],
        endings=list(_endings(decrees)),
    )


def _endings(decrees: Sequence[Decree]) -> Iterator[Ending]:
    lanes = {lane.pk: str(lane) for lane in Lane.objects.all()}
    for decree in decrees:
        last_day, ended_by = end_of(decree)
        if last_day is not None:
            yield Ending(_title(decree, lanes), last_day, ended_by)


def _title(decree: Decree, lanes: dict[str, str]) -> str:
    """Return the kind of a decree, with its lane if it has one."""
    kind = str(RuleChange.Kind(decree.rule).label)
    if not isinstance(decree, PlannedDecree):
        return kind
    return f"{lanes[decree.lane]}, {kind}"
