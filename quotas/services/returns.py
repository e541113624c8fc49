"""Giving places back, and handing them to those who wait for one."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import InvalidInput
from offices.models import Office
from offices.permissions import Right, check_right
from quotas.errors import PlaceNotHeld, RuleOverlaps
from quotas.models import NOW, Place, ReturnRule, RuleChange, is_given_back, place_sql
from quotas.selectors.returns import ReturnTerms, return_terms

ONE_DAY: Final = timedelta(days=1)
FIELDS: Final = (
    "rest_from_minutes", "rest_until_minutes", "answer_hours", "offers_at_most", "quiet_from", "quiet_until",
)  # fmt: skip
_secret = secrets.SystemRandom()
# What `hours_given_back` counts, and only as many as were asked for.
TAKE_GIVEN_BACK: Final = f"""
WITH picked AS MATERIALIZED (
  SELECT id FROM quotas_place
   WHERE slot_id = %(slot)s AND {place_sql(is_given_back(NOW))}
   ORDER BY id LIMIT %(n)s FOR NO KEY UPDATE SKIP LOCKED)
UPDATE quotas_place SET holder = %(holder)s, cooldown_until = NULL FROM picked
 WHERE quotas_place.id = picked.id AND (SELECT count(*) FROM picked) = %(n)s
RETURNING quotas_place.id
"""  # noqa: S608 - no input in it
LOCK_HELD: Final = """
SELECT id FROM quotas_place WHERE id = ANY(%(places)s) AND holder = %(holder)s AND withdrawn_at IS NULL
 ORDER BY id FOR NO KEY UPDATE
"""
HAND_OVER: Final = """
UPDATE quotas_place SET holder = wanted.holder
  FROM unnest(%(places)s::bigint[], %(holders)s::uuid[]) AS wanted (id, holder)
 WHERE quotas_place.id = wanted.id
"""


def free_place(*, place_id: int, holder: UUID, now: datetime) -> None:
    """Let go of a place. Raises PlaceNotHeld. See `free_places`."""
    free_places(place_ids=[place_id], holder=holder, now=now)


def free_places(*, place_ids: Collection[int], holder: UUID, now: datetime) -> None:
    """Let go of places. Each rests for a secret span of its own before everyone may take it again.

    Needs no lock of its own: the condition on the holder decides. Raises PlaceNotHeld.
    """
    rows = Place.objects.filter(pk__in=place_ids).select_related("slot__office").order_by("pk")
    terms: dict[int, ReturnTerms] = {}
    for place in rows:
        slot = place.slot
        if slot.pk not in terms:
            terms[slot.pk] = return_terms(slot.office, lane=slot.lane_id, day=slot.day)
        changed = Place.objects.filter(pk=place.pk, holder=holder).update(
            holder=None, cooldown_until=_rests_until(terms[slot.pk], now)
        )
        if not changed:
            raise PlaceNotHeld


def rest_places(*, place_ids: Collection[int], now: datetime) -> None:
    """Let free places rest as if they had just been given back: those who wait are asked first."""
    rows = Place.objects.free().filter(pk__in=place_ids).select_related("slot__office")
    for place in rows:
        slot = place.slot
        terms = return_terms(slot.office, lane=slot.lane_id, day=slot.day)
        Place.objects.free().filter(pk=place.pk).update(cooldown_until=_rests_until(terms, now))


def take_given_back(*, slot_id: int, count: int, holder: UUID, now: datetime) -> list[int]:
    """Take so many places of an hour that were given back, for one holder; [] when there are too few.

    Runs inside the caller's transaction. A rival who has locked one keeps it.
    """
    values: dict[str, Any] = {"slot": slot_id, "n": count, "holder": holder, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(TAKE_GIVEN_BACK, values)
        return sorted(row[0] for row in cursor.fetchall())


def hand_over_places(*, place_ids: Sequence[int], holder: UUID, to: Sequence[UUID]) -> None:
    """Put other holders in the place of one, place by place, in the caller's transaction.

    Raises PlaceNotHeld when one of them is held no more, or was withdrawn meanwhile.
    """
    values: dict[str, Any] = {"places": list(place_ids), "holder": holder, "holders": list(to)}
    with connection.cursor() as cursor:
        cursor.execute(LOCK_HELD, values)
        if len(cursor.fetchall()) < len(place_ids):
            raise PlaceNotHeld
        cursor.execute(HAND_OVER, values)


def _rests_until(terms: ReturnTerms, now: datetime) -> datetime:
    """Draw the moment at which a place shows again; a rest of nothing is over at once."""
    low, high = terms.rest_from.total_seconds(), terms.rest_until.total_seconds()
    return now + timedelta(seconds=_secret.uniform(low, high))


@busy_on_timeout()
def change_returns(*, row: ReturnRule, by: User, now: datetime) -> RuleChange:
    """Put new terms for places given back (an unsaved row of an office) in force from their first day on.

    The row in force before ends the day before. Raises InvalidInput or RuleOverlaps.
    """
    with constraints_as_errors({"return_rule_never_overlaps": RuleOverlaps}), transaction.atomic():
        office = Office.objects.select_for_update(no_key=True).get(pk=row.office_id or 0)
        check_right(by, Right.CHANGE_RETURNS, office=office, now=now)
        _refuse(row, office, now)
        rows = ReturnRule.objects.filter(office=office, lane=row.lane_id)
        old = rows.in_force(row.valid_from).first()
        if old is not None and old.valid_from < row.valid_from:
            old.valid_until = row.valid_from - ONE_DAY
            old.save(update_fields=["valid_until"])
        row.save(force_insert=True)
        return RuleChange.objects.create(
            office=office, lane_id=row.lane_id, kind=RuleChange.Kind.RETURNS, by=by, at=now,
            starts_on=row.valid_from, instrument=row.instrument,
            before={} if old is None else _told(old), after=_told(row),
        )  # fmt: skip


def _told(row: ReturnRule) -> dict[str, str]:
    return {
        name: f"{value:%H:%M}" if name.startswith("quiet") else str(value)
        for name, value in ((name, getattr(row, name)) for name in FIELDS)
    }


def _refuse(row: ReturnRule, office: Office, now: datetime) -> None:
    fields: dict[str, list[str]] = {}
    if row.rest_from_minutes > row.rest_until_minutes:
        fields["rest_until_minutes"] = [_("Istirahat paling lama tidak boleh di bawah yang paling sebentar.")]  # fmt: skip
    if not row.instrument.strip():
        fields["instrument"] = [_("Tulis surat keputusan atau edaran yang menetapkannya.")]
    if row.valid_from <= office.local_day(now):
        fields["valid_from"] = [
            _("Aturan baru berlaku paling cepat besok: hari ini sudah dijanjikan kepada orang.")
        ]
    if fields:
        raise InvalidInput(fields=fields)
