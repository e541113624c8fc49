"""Messages about lotteries: to entrants, and to the supervisors who type the public value."""

import datetime as dt
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext as _

from booking.lottery.models import Draw, DrawEntry
from core.formats import date_span
from notices.kinds import Action, Context, Group, MessageKind, Row, page_url, register
from notices.services import new_message, queue_message, queue_messages
from offices.staff.models import Role
from offices.staff.selectors import staff_of
from quotas.places.labels import slot_snapshot


# --- Message contexts ------------------------------------------------------------------------------
def queue_entered_message(entry: DrawEntry, *, now: dt.datetime) -> None:
    """Queue the confirmation of an entry, with the seal of the seed for checking the lottery later."""
    draw = entry.draw
    values = {"closes_at": draw.window.opens_at, "seed_hash": draw.seed_hash}
    _queue("draw_entered", entry, values, now=now)


def queue_won_message(entry: DrawEntry, *, is_later: bool, now: dt.datetime) -> None:
    """Queue the message about a win and its deadline."""
    assert entry.slot is not None
    values = {
        **_result(entry),
        "slot": slot_snapshot(entry.slot, entry.draw.office),
        "claim_until_at": entry.claim_until,
        "is_later": is_later,
    }
    _queue("draw_won", entry, values, now=now)


def queue_lost_message(entry: DrawEntry, *, is_closed: bool = False, now: dt.datetime) -> None:
    """Queue the message about a loss, by rank or because a closure took every place, and the extra lot next time."""
    _queue("draw_lost", entry, {**_result(entry), "is_closed": is_closed}, now=now)


def queue_void_message(entry: DrawEntry, *, now: dt.datetime) -> None:
    """Queue the message to an entry that was passed over."""
    _queue("draw_void", entry, _result(entry), now=now)


def queue_lapsed_message(entry: DrawEntry, *, now: dt.datetime) -> None:
    """Queue the message that a win was not claimed in time, which has no other consequence."""
    _queue("draw_lapsed", entry, _result(entry), now=now)


def ask_for_value(draw: Draw, *, reminder: int = 0, now: dt.datetime) -> None:
    """Ask the office's supervisors for the public value of a sealed list. Each reminder is sent once."""
    suffix = f":{reminder}" if reminder else ""
    context = {
        **_draw_context(draw),
        "public_source": draw.public_source,
        "list_digest": draw.list_digest,
        "closes_at": draw.window.closes_at,
        "is_reminder": bool(reminder),
        "is_beacon": draw.beacon_round is not None,
    }
    queue_messages(
        new_message(
            kind="draw_needs_value",
            dedupe_key=f"draw_needs_value:{draw.pk}:{supervisor.pk}{suffix}",
            address=supervisor.email,
            language=supervisor.language,
            context=context,
            about_type="draw",
            about_id=draw.pk,
            office_code=draw.office.code,
            now=now,
        )
        for supervisor in staff_of(
            draw.office, role=Role.SUPERVISOR, day=draw.office.local_day(now)
        )
    )


def _draw_context(draw: Draw) -> dict[str, Any]:
    return {
        "office": draw.office.snapshot(),
        "first_on": draw.window.first_day,
        "last_on": draw.window.last_day,
    }


def _result(entry: DrawEntry) -> dict[str, Any]:
    return {"rank": entry.rank, "list_digest": entry.draw.list_digest}


def _queue(kind: str, entry: DrawEntry, values: dict[str, Any], *, now: dt.datetime) -> None:
    draw = entry.draw
    queue_message(
        kind=kind,
        dedupe_key=f"{kind}:{entry.pk}",
        address=entry.account.email,
        language=entry.account.language,
        context={**_draw_context(draw), "code": entry.code, **values},
        about_type="draw_entry",
        about_id=entry.pk,
        office_code=draw.office.code,
        now=now,
    )


# --- Rendering at delivery --------------------------------------------------------------------------
def _draw_rows(context: Context) -> list[Row]:
    return [
        (_("Kantor"), context["office"]["name"]),
        (_("Hari layanan"), date_span(context["first_on"], context["last_on"])),
    ]


def _entered_rows(context: Context) -> list[Row]:
    return [
        *_draw_rows(context),
        (_("Kode undian"), context["code"]),
        (_("Segel angka rahasia"), context["seed_hash"]),
    ]


def _result_rows(context: Context) -> list[Row]:
    rank = context["rank"]
    return [
        *_draw_rows(context),
        (_("Kode undian"), context["code"]),
        *([(_("Urutan"), str(rank))] if rank is not None else []),
        (_("Sidik daftar"), context["list_digest"]),
    ]


def _value_rows(context: Context) -> list[Row]:
    return [
        *_draw_rows(context),
        (_("Sumber nilai publik"), context["public_source"]),
        (_("Sidik daftar"), context["list_digest"]),
    ]


def _open_entry(context: Context) -> Action:
    return _("Lihat pendaftaran undian Anda"), page_url("booking:draw_entry", context["code"])


def _type_value(_context: Context) -> Action:
    return _("Isi nilai publik"), page_url("draws:desk")


DRAW: Final = frozenset({"office", "first_on", "last_on"})
RESULT: Final = DRAW | {"code", "rank", "list_digest"}
_result_kind = partial(MessageKind, rows=_result_rows, action=_open_entry)
register(
    MessageKind(
        name="draw_entered",
        keys=DRAW | {"code", "closes_at", "seed_hash"},
        rows=_entered_rows,
        action=_open_entry,
    ),
    _result_kind(name="draw_won", keys=RESULT | {"slot", "claim_until_at", "is_later"}),
    _result_kind(name="draw_lost", keys=RESULT | {"is_closed"}),
    _result_kind(name="draw_void", keys=RESULT),
    _result_kind(name="draw_lapsed", keys=RESULT),
    MessageKind(
        name="draw_needs_value",
        group=Group.STAFF,
        keys=DRAW | {"public_source", "list_digest", "closes_at", "is_reminder", "is_beacon"},
        rows=_value_rows,
        action=_type_value,
    ),
)
