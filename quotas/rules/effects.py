"""Who is affected by a rule that makes no places: attendance, admission, limits and the like.

Apps above register what they know: `register_effects(NoShowDecree, reader)`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from offices.directory.models import Lane, Office
from quotas.capacity.selectors import office_days
from quotas.places.models import Place
from quotas.plan.decrees import AdmissionDecree, AttendanceDecree, Decree, OfficeDecree
from quotas.policies.selectors import in_force_before
from quotas.rules.history import changed_lines, terms_of
from quotas.rules.preview import WEEKS, Caution, end_of

SPAN: Final = timedelta(weeks=WEEKS) - timedelta(days=1)
WALK_IN: Final = "walk_in"


@dataclass(frozen=True)
class AttendanceDay:
    """What the counters can serve on a day before and after, and how many people are booked."""

    day: date
    before: int
    after: int
    booked: int

    @property
    def excess(self) -> int:
        """People who are booked beyond what the counters will serve, and were not before."""
        return max(0, self.booked - self.after) - max(0, self.booked - self.before)


@dataclass(frozen=True)
class TermsPreview:
    """What a rule without places does to one office, in the eight weeks from its first day.

    `changes` are (label, before, after) of each changed term, `effects` sentences about the people.
    """

    office: Office
    changes: list[tuple[str, str, str]]
    effects: list[str]
    days: list[AttendanceDay] = field(default_factory=list)
    last_day: date | None = None
    ended_by: str = ""
    cautions: list[Caution] = field(default_factory=list)
    affected: int = 0


Reader = Callable[[Office, Decree | None, Decree, datetime], Iterable[str]]
READERS: Final[dict[type[Decree], list[Reader]]] = {}


def register_effects(kind: type[Decree], reader: Reader) -> None:
    """Add sentences about the people concerned to the preview of a kind of decree."""
    readers = READERS.setdefault(kind, [])
    if reader not in readers:
        readers.append(reader)


def preview_terms(office: Office, *, decree: Decree, now: datetime) -> TermsPreview:
    """Return what changes, who is booked from the first day on, and how the change affects them."""
    before = in_force_before(decree, office)
    booked = _booked(office, decree.valid_from)
    people = sum(booked.values())
    effects = [_about_booked(people), *_about_admission(office, before, decree, people)]
    for reader in READERS.get(type(decree), ()):
        effects += reader(office, before, decree, now)
    days = _days(office, before, decree, booked)
    last_day, ended_by = end_of(decree)
    excess = sum(day.excess for day in days)
    cautions = [_beyond_capacity(days)] if excess > 0 else []
    return TermsPreview(
        office=office,
        changes=changed_lines(type(decree), terms_of(before or _default(decree)), terms_of(decree)),
        effects=effects,
        days=days,
        last_day=last_day,
        ended_by=ended_by,
        cautions=cautions,
        affected=people,
    )


def _default(decree: Decree) -> Decree | None:
    """Return the terms that apply without a rule, if the kind has them."""
    kind = type(decree)
    if not issubclass(kind, OfficeDecree) or not kind.has_defaults():
        return None
    return kind(valid_from=decree.valid_from)


def _booked(office: Office, first: date) -> dict[date, int]:
    """Return the number of people with a place on each day of the eight weeks."""
    days = Place.objects.filter(
        slot__office=office, slot__day__range=(first, first + SPAN), holder__isnull=False
    ).values_list("slot__day", flat=True)
    counts: dict[date, int] = {}
    for day in days:
        counts[day] = counts.get(day, 0) + 1
    return counts


def _about_booked(people: int) -> str:
    if not people:
        return _("Belum ada orang yang punya jadwal sejak hari itu.")
    sentence = ngettext(
        "%(n)d orang sudah punya jadwal dalam delapan minggu sejak hari itu; jadwalnya tetap.",
        "%(n)d orang sudah punya jadwal dalam delapan minggu sejak hari itu; jadwalnya tetap.",
        people,
    )
    return sentence % {"n": people}


def _about_admission(
    office: Office, before: Decree | None, decree: Decree, people: int
) -> list[str]:
    if not isinstance(decree, AdmissionDecree):
        return []
    old = before if isinstance(before, AdmissionDecree) else None
    sentences = []
    if not decree.admits_companions and (old is None or old.admits_companions) and people:
        sentences.append(
            _("%(n)d orang itu datang tanpa pendamping; halaman kantor memberitahukannya.")
            % {"n": people}
        )
    if not decree.admits_walk_ins and (old is None or old.admits_walk_ins):
        free = Place.objects.free().filter(
            slot__office=office,
            slot__lane=WALK_IN,
            slot__day__range=(decree.valid_from, decree.valid_from + SPAN),
        )
        sentences.append(
            _("%(n)d tempat jalur %(lane)s yang sudah disiapkan tidak diberikan lagi.")
            % {"n": free.count(), "lane": Lane.objects.filter(pk=WALK_IN).first() or WALK_IN}
        )
    return sentences


def _days(
    office: Office, before: Decree | None, decree: Decree, booked: dict[date, int]
) -> list[AttendanceDay]:
    """Return the open days of the eight weeks with the counters' capacity under both percentages."""
    if not isinstance(decree, AttendanceDecree):
        return []
    old = before.percent if isinstance(before, AttendanceDecree) else Decimal(100)
    first, last = decree.valid_from, decree.valid_from + SPAN
    return [
        AttendanceDay(
            row.day,
            row.with_percent(old).capacity,
            row.with_percent(decree.percent).capacity,
            booked.get(row.day, 0),
        )
        for row in office_days(office, first=first, last=last)
        if row.reason is None
    ]


def _beyond_capacity(days: list[AttendanceDay]) -> Caution:
    worst = max(days, key=lambda day: day.excess)
    values: tuple[tuple[str, Any], ...] = (
        ("capacity", worst.after),
        ("needed", worst.booked),
        ("day", worst.day),
    )
    return Caution("above_capacity", "attendance", values)
