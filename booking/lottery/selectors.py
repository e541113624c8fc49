"""Reads of lotteries, and their public data."""

import datetime as dt
from typing import Any

from django.db.models import F, Q, QuerySet

from booking.codes import clean_code
from booking.lottery.models import Draw, DrawEntry
from booking.lottery.proof import FORMAT, Entry, SlotRow, list_head, row_of
from core import beacon
from core.errors import NotFound
from offices.directory.models import Office
from quotas.places.models import ReleaseWindow, Slot


def draw_of(window_id: int) -> Draw:
    """Return a window's lottery. Raises NotFound."""
    draw = Draw.objects.select_related("window", "office").filter(window_id=window_id).first()
    if draw is None:
        raise NotFound
    return draw


def draws_of(office: Office, now: dt.datetime) -> QuerySet[Draw]:
    """Return an office's lotteries for days still to come, next to close first."""
    rows = Draw.objects.filter(office=office, window__last_day__gte=office.local_day(now))
    return rows.select_related("window", "office").order_by("window__opens_at", "pk")


def draws_waiting_for_value(office: Office) -> QuerySet[Draw]:
    """Return an office's lotteries with a sealed list and no confirmed public value."""
    rows = Draw.objects.filter(office=office, closed_at__isnull=False, confirmed_at__isnull=True)
    rows = rows.filter(window__drawn_at__isnull=True)  # a list without entries needs no value
    return rows.select_related("window").order_by("closed_at", "pk")


def slots_of_draw(window: ReleaseWindow) -> list[Slot]:
    """Return the slots of a lottery in the order in which "any" takes them."""
    rows = Slot.objects.serving(None).filter(places__window=window)
    rows = rows.select_related("group").distinct()
    return list(rows.order_by("starts_at", "pk"))


def listed_entries(draw: Draw) -> QuerySet[DrawEntry]:
    """Return the entries in the sealed list, without those withdrawn before its close."""
    rows = DrawEntry.objects.filter(draw=draw)
    stayed = Q(withdrawn_at__isnull=True)
    if draw.closed_at is not None:
        stayed |= Q(withdrawn_at__gte=draw.closed_at)
    return rows.filter(stayed).select_related("service_type__group").order_by("code")


def as_entry(row: DrawEntry) -> Entry:
    """Return an entry in the form the pure functions use."""
    group = row.service_type.group.code
    return Entry(row.code, row.size, row.weight, group, tuple(row.choices), row.takes_any)


def head_of(draw: Draw) -> str:
    """Return the first line of a lottery's list."""
    window = draw.window
    return list_head(
        window=window.pk,
        office=draw.office.code,
        first_day=window.first_day.isoformat(),
        last_day=window.last_day.isoformat(),
        seed_hash=draw.seed_hash,
    )


def slot_rows(window: ReleaseWindow) -> list[SlotRow]:
    """Return the slots of a lottery in the form the pure functions use."""
    return [SlotRow(slot.pk, slot.group.code) for slot in slots_of_draw(window)]


def beacon_of(draw: Draw) -> dict[str, Any] | None:
    """Return the round of the beacon that a lottery named: number, time, signature once recorded."""
    if draw.beacon_round is None:
        return None
    return {
        "round": draw.beacon_round,
        "published_at": beacon.published_at(draw.beacon_round),
        "signature": draw.beacon_signature or None,
    }


def proof_of(draw: Draw) -> dict[str, Any]:
    """Return the lottery's data that are public now; everything once it is held."""
    window, zone = draw.window, draw.office.zone

    def at(moment: dt.datetime | None) -> str | None:
        return None if moment is None else moment.astimezone(zone).isoformat()

    proof: dict[str, Any] = {
        "format": FORMAT,
        "window": window.pk,
        "office": draw.office.code,
        "first_day": window.first_day.isoformat(),
        "last_day": window.last_day.isoformat(),
        "closes_at": at(window.opens_at),
        "seed_hash": draw.seed_hash,
        "public_source": draw.public_source,
        "list_closed_at": at(draw.closed_at),
        "list_digest": draw.list_digest or None,
        "drawn_at": at(draw.drawn_at),
    }
    named = beacon_of(draw)
    if named is not None:
        proof["beacon"] = {
            "network": "quicknet",
            "chain_hash": beacon.CHAIN_HASH,
            "public_key": beacon.PUBLIC_KEY,
            **named,
            "published_at": at(named["published_at"]),
        }
    return proof if draw.drawn_at is None else proof | _result_of(draw, at)


def _result_of(draw: Draw, at: Any) -> dict[str, Any]:
    entries = list(listed_entries(draw))
    by_rank = sorted(entries, key=lambda row: row.rank or 0)
    return {
        "seed": draw.seed,
        "public_value": draw.public_value,
        "value_typed_at": at(draw.typed_at),
        "value_confirmed_at": at(draw.confirmed_at),
        "slots": [
            {"id": row.pk, "group": row.group.code, "starts_at": at(row.starts_at)}
            for row in slots_of_draw(draw.window)
        ],
        "entries": [row_of(as_entry(row)) for row in entries],
        "ranks": [row.code for row in by_rank],
        "rounds": [
            {"at": at(row.at), "places": row.places, "voids": row.voids, "given": row.given}
            for row in draw.rounds.order_by("number")
        ],
    }


def entries_of(account_id: int) -> QuerySet[DrawEntry]:
    """Return an account's entries, latest first."""
    rows = DrawEntry.objects.filter(account_id=account_id).prefetch_related("members__applicant")
    return rows.select_related(
        "draw__window", "draw__office", "slot", "service_type__group", "party"
    ).order_by(F("entered_at").desc(), "pk")


def hopeful_entries_of(account_id: int, now: dt.datetime) -> QuerySet[DrawEntry]:
    """Return an account's entries that wait for their lottery, or for a place that a winner gives up."""
    waiting = Q(outcome=DrawEntry.Outcome.WAITING)
    passed_on = Q(outcome=DrawEntry.Outcome.LOST)
    rows = entries_of(account_id).filter(waiting | passed_on, withdrawn_at__isnull=True)
    return rows.filter(draw__window__closes_at__gt=now)


def entry_of(account_id: int, code: str) -> DrawEntry:
    """Return one of the account's entries. Raises NotFound, also for another account's entry."""
    entry = entries_of(account_id).filter(code=clean_code(code)).first()
    if entry is None:
        raise NotFound
    return entry
