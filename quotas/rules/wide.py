"""Decrees of a region or of the nation: all offices concerned, one legal basis, exceptions by name.

A quota keeps each office's own base: the decree sets percent and cap, in a row of each office. Every
other rule is one row of the region or nation. An office with a nearer rule follows by a row of its
own with the same terms; an office that is excepted keeps the terms it has.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import InvalidInput, NotAllowed
from offices.directory.models import Office
from offices.permissions import Right, check_national_right, has_right
from quotas.plan.decrees import Decree, PlannedDecree, QuotaDecree
from quotas.policies.errors import ConfirmationNeeded, RuleChanged
from quotas.policies.models import RuleChange
from quotas.policies.selectors import in_force_before, latest_change
from quotas.rules.preview import Caution, end_of
from quotas.rules.services import OVERLAPS, check_decree, effects_of, record_change, write_decree
from quotas.windows.services import prepare_windows


@dataclass(frozen=True)
class WideDecree:
    """A decree without an office, of its `region` or else of the nation, and the excepted offices' ids."""

    decree: Any
    exceptions: frozenset[int] = frozenset()

    def offices(self) -> list[Office]:
        """Return the offices concerned in the order of their ids, in which they are locked."""
        rows = Office.objects.select_related("region").order_by("pk")
        return list(rows.filter(region=self.decree.region) if self.decree.region else rows)


@dataclass(frozen=True)
class OfficePart:
    """What a decree means for one office: the terms before and after, and the row of its own it needs.

    Without `after` the office has nothing that the decree changes.
    """

    office: Office
    is_excepted: bool
    before: Any
    after: Any = None
    own: Any = None


@dataclass(frozen=True)
class OfficePreview:
    """An office's part and its Preview or TermsPreview; None for an exception or an office not concerned."""

    part: OfficePart
    effects: Any = None

    @property
    def cautions(self) -> list[tuple[str, Caution]]:
        """Each caution with the token that names the office too."""
        rows = [] if self.effects is None else self.effects.cautions
        return [(f"{self.part.office.code}/{row.token}", row) for row in rows]


@dataclass(frozen=True)
class WidePreview:
    """All offices concerned, those that change first."""

    offices: list[OfficePreview]
    last_day: Any = None
    ended_by: str = ""

    @property
    def affected(self) -> int:
        return sum(row.effects.affected for row in self.offices if row.effects is not None)

    @property
    def followers(self) -> list[OfficePreview]:
        return [row for row in self.offices if row.effects is not None]

    @property
    def cautions(self) -> list[tuple[str, Caution, Office]]:
        return [
            (token, caution, row.part.office)
            for row in self.offices
            for token, caution in row.cautions
        ]


def latest_change_of(wide_offices: Collection[Office], kind: type[Decree]) -> int:
    """Return the id of the last change of one kind at any of the offices, 0 if there is none."""
    return max((latest_change(office, kind) for office in wide_offices), default=0)


def preview_wide(*, wide: WideDecree, by: User, now: datetime) -> WidePreview:
    """Return the effect on every office concerned. Writes nothing. Raises NotAllowed, InvalidInput."""
    rows = []
    for part in _parts(wide, _checked(wide, by=by, now=now)):
        effects = None
        if part.after is not None and not part.is_excepted:
            effects = effects_of(part.after, office=part.office, now=now)
        rows.append(OfficePreview(part, effects))
    rows.sort(key=lambda row: (row.effects is None, row.part.office.name))
    last_day, ended_by = end_of(wide.decree)
    return WidePreview(rows, last_day, ended_by)


@busy_on_timeout()
def apply_wide(
    *,
    wide: WideDecree,
    by: User,
    now: datetime,
    basis: int | None = None,
    confirmed: Collection[str] = (),
) -> list[RuleChange]:
    """Put a decree in force at all offices concerned, in one transaction; each office's history records it.

    Raises NotAllowed, InvalidInput, RuleChanged, RuleOverlaps, ConfirmationNeeded.
    """
    kind = type(wide.decree)
    with constraints_as_errors(OVERLAPS), transaction.atomic():
        ids = [office.pk for office in wide.offices()]
        list(Office.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
        offices = _checked(wide, by=by, now=now)
        if basis is not None and basis != latest_change_of(offices, kind):
            raise RuleChanged
        cautions = preview_wide(wide=wide, by=by, now=now).cautions
        missing = [token for token, _caution, _office in cautions if token not in confirmed]
        if missing:
            raise ConfirmationNeeded(missing)
        parts = [part for part in _parts(wide, offices) if part.after is not None]
        if not isinstance(wide.decree, QuotaDecree):
            write_decree(wide.decree)
        changes = []
        for part in parts:
            if part.own is not None:
                write_decree(part.own)
            changes.append(
                record_change(part.before, part.after, office=part.office, by=by, now=now)
            )
    if isinstance(wide.decree, PlannedDecree):
        for part in parts:
            prepare_windows(office_id=part.office.pk, now=now)
    return changes


def _checked(wide: WideDecree, *, by: User, now: datetime) -> list[Office]:
    """Return the offices concerned. The officer needs the right at each of them."""
    offices = wide.offices()
    if not offices or not all(
        has_right(by, Right.MAKE_DECREES, office=office, now=now) for office in offices
    ):
        raise NotAllowed
    if wide.decree.region is None:
        check_national_right(by, Right.MAKE_DECREES, now=now)
    latest = max(offices, key=lambda office: office.local_day(now))
    check_decree(wide.decree, office=latest, now=now)
    return offices


def _parts(wide: WideDecree, offices: list[Office]) -> list[OfficePart]:
    return [_part(wide, office) for office in offices]


def _part(wide: WideDecree, office: Office) -> OfficePart:
    own = replace(wide.decree, office=office.pk, region=None)
    before = in_force_before(own, office)
    is_excepted = office.pk in wide.exceptions
    if isinstance(own, QuotaDecree):
        if before is None or is_excepted:
            return OfficePart(office, is_excepted, before)
        own = replace(_copy(before, own), percent=own.percent, cap=own.cap)
        return OfficePart(office, is_excepted, before, after=own, own=own)
    is_nearer = before is not None and (
        before.office is not None
        or (getattr(before, "region", None) is not None and wide.decree.region is None)
    )
    if not is_excepted:
        return OfficePart(office, False, before, after=own, own=own if is_nearer else None)
    if is_nearer:
        return OfficePart(office, True, before)
    kept = _kept(before, own, office)
    return OfficePart(office, True, before, after=kept, own=kept)


def _copy(before: Any, own: Any) -> Any:
    """Return the terms of `before` as a row of the office with the dates and legal basis of `own`."""
    return replace(
        before,
        id=0,
        office=own.office,
        region=None,
        valid_from=own.valid_from,
        valid_until=own.valid_until,
        instrument=own.instrument,
    )


def _kept(before: Any, own: Any, office: Office) -> Any:
    """Return the row by which an excepted office keeps the terms that it has without a rule of its own."""
    if before is not None:
        return _copy(before, own)
    kind = type(own)
    if not hasattr(kind, "has_defaults") or not kind.has_defaults():
        text = _(
            "%(office)s belum punya aturan sendiri yang dapat tetap berlaku. Hapus kantor ini dari pengecualian."
        )
        raise InvalidInput(fields={"exceptions": [text % {"office": office}]})
    return kind(
        office=office.pk,
        valid_from=own.valid_from,
        valid_until=own.valid_until,
        instrument=own.instrument,
    )
