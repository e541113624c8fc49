"""The fields of each section of a scenario file, read into values of the models."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings

from offices.directory.models import ZONE_NAMES, Device, Fee, Lane, Stage
from offices.limits.models import BookingLimit
from offices.staff.models import Role
from quotas.plan.decrees import (
    MONTHLY,
    WEEKLY,
    Decree,
    QuotaDecree,
    ReleaseDecree,
    ReturnDecree,
    Tranches,
    ranges,
)
from quotas.policies.models import ReleaseRule
from scenarios.nodes import Section

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SCOPES = ("office", "region", "nation")
Values = dict[str, Any]


def _dated(at: Section) -> Values:
    values: Values = {
        "valid_from": at.day("valid_from"),
        "valid_until": at.day("valid_until", required=False),
        "instrument": at.text("instrument", longest=200),
    }
    first, last = values["valid_from"], values["valid_until"]
    if first and last and last < first:
        at.mistake("valid_until", f"ends before it begins ({first}); write a day from then on")
    return values


def _named(at: Section, *, code: int = 20) -> Values:
    return {
        "code": at.slug("code", longest=code),
        "name": at.text("name", longest=80),
        "name_en": at.text("name_en", longest=80),
    }


def region(at: Section) -> Values:
    return {"code": at.slug("code", longest=20), "name": at.text("name", longest=80)}


def lane(at: Section) -> Values:
    values = _named(at)
    values["booked_at"] = at.choice("booked_at", Lane.BookedAt.values)
    values["series"] = at.choice("series", [chr(sign) for sign in range(ord("A"), ord("Z") + 1)])
    return values


def service_type(at: Section) -> Values:
    return {
        **_named(at),
        "group": at.slug("group", longest=20),
        "due_working_days": at.integer("due_working_days", 1, 365, required=False),
        "makes_passport": at.boolean("makes_passport", default=True),
        "documents": [_finished(row, _document) for row in at.sections("documents")],
        "stages": [_finished(row, _stage) for row in at.sections("stages")],
    }


def _finished(at: Section, shape: Callable[[Section], Values]) -> Values:
    values = shape(at)
    at.finish()
    return values


def _document(at: Section) -> Values:
    return {
        "code": at.slug("code", longest=40),
        "name": at.text("name", longest=120),
        "name_en": at.text("name_en", longest=120),
        "is_required": at.boolean("required", default=True),
    }


def _stage(at: Section) -> Values:
    return {"stage": at.choice("stage", Stage.values), "minutes": at.integer("minutes", 1, 480)}


def fee(at: Section) -> Values:
    product = at.choice("product", Fee.Product.values)
    return {"product": product, "amount": at.integer("amount", 0, 100_000_000), **_dated(at)}


def call_reason(at: Section) -> Values:
    return {**_named(at), "needs_note": at.boolean("needs_note", default=False), **_dated(at)}


def office(at: Section) -> Values:
    return {
        "code": at.slug("code", longest=12),
        "name": at.text("name", longest=80),
        "region": at.slug("region", longest=20),
        "time_zone": at.choice("time_zone", list(ZONE_NAMES)),
        "address": at.text("address", longest=200),
        "phone": at.text("phone", longest=30, required=False),
        "service_types": at.slugs("service_types"),
        "parent": at.slug("parent", longest=12, required=False),
    }


def hall(at: Section) -> Values:
    return {
        "code": at.slug("code", longest=20),
        "name": at.text("name", longest=80),
        "name_en": at.text("name_en", longest=80, required=False),
        "floor": at.text("floor", longest=10),
        "groups": at.slugs("groups"),
        "lanes": at.slugs("lanes"),
    }


def counter(at: Section) -> Values:
    return {
        "hall": at.slug("hall", longest=20),
        "number": at.integer("number", 1, 999),
        "is_one_stop": at.boolean("one_stop", default=True),
        "stages": at.choices("stages", Stage.values),
    }


def device(at: Section) -> Values:
    values = {
        "name": at.text("name", longest=60),
        "kind": at.choice("kind", Device.Kind.values),
        "hall": at.slug("hall", longest=20, required=False),
        "counter": at.integer("counter", 1, 999, required=False),
        "minutes_a_visit": at.integer("minutes", 1, 480, required=False),
    }
    _whole_counter(at, values)
    return values


def _whole_counter(at: Section, values: Values) -> None:
    if bool(values["hall"]) != bool(values["counter"]):
        at.mistake(
            "counter", "a counter is named by its hall and its number; write both or neither"
        )


def roster_shift(at: Section) -> Values:
    values: Values = {
        "officer": at.email("officer"),
        "hall": at.slug("hall", longest=20, required=False),
        "counter": at.integer("counter", 1, 999, required=False),
        "first_day": at.day("first_day"),
        "days": at.integer("days", 1, 92, default=1),
        "starts": at.clock("from"),
        "ends": at.clock("to"),
    }
    _whole_counter(at, values)
    if values["starts"] >= values["ends"]:
        at.mistake("to", f"{values['ends']:%H:%M} is not after {values['starts']:%H:%M}")
    return values


def outage(at: Section) -> Values:
    at.known.add("until")
    values: Values = {
        "device": at.text("device", longest=60),
        "first_day": at.day("first_day"),
        "starts": at.clock("from"),
        "ends": at.clock("until") if at.has("until") else None,
        "reason": at.text("reason", longest=200),
    }
    if values["ends"] is not None and values["ends"] <= values["starts"]:
        at.mistake("until", f"ends before it starts ({values['starts']:%H:%M})")
    return values


def stage_time(at: Section) -> Values:
    none = Decimal(0)
    values: Values = {
        "service_type": at.slug("service_type", longest=20),
        "stage": at.choice("stage", Stage.values),
        "mean": at.decimal("mean", 0, 480, default=none),
        "p50": at.decimal("p50", 0, 480, default=none),
        "p80": at.decimal("p80", 0, 480, default=none),
        "n": at.integer("n", 1, 1_000_000),
    }
    if not values["mean"] or values["p80"] < values["p50"]:
        at.mistake("mean", "write mean, p50 and p80 in minutes, p80 no less than p50")
    return values


def opening_hours(at: Section) -> Values:
    values = {
        "weekdays": [WEEKDAYS.index(name) + 1 for name in at.choices("weekdays", WEEKDAYS)],
        "opens": at.clock("opens"),
        "closes": at.clock("closes"),
        "breaks": [_finished(row, _break) for row in at.sections("breaks")],
        **_dated(at),
    }
    if values["opens"] >= values["closes"]:
        at.mistake("closes", f"{values['closes']:%H:%M} is not after {values['opens']:%H:%M}")
    for row in values["breaks"]:
        if not values["opens"] <= row["first"] < row["last"] <= values["closes"]:
            at.mistake("breaks", "a break ends after it begins and lies within the opening hours")
    return values


def _break(at: Section) -> Values:
    return {
        "first": at.clock("from"),
        "last": at.clock("to"),
        "name": at.text("name", longest=60),
        "name_en": at.text("name_en", longest=60),
    }


def holiday(at: Section) -> Values:
    return {
        "day": at.day("day"),
        "name": at.text("name", longest=160),
        "name_en": at.text("name_en", longest=160),
    }


def attendance(at: Section) -> Values:
    return {"percent": at.decimal("percent", 0, 100, default=Decimal(100)), **_dated(at)}


def admission(at: Section) -> Values:
    return {
        "admits_walk_ins": at.boolean("walk_ins"),
        "admits_companions": at.boolean("companions"),
        "has_drive_thru": at.boolean("drive_thru", default=False),
        **_dated(at),
    }


def limit(at: Section) -> Values:
    return {
        "scope": at.choice("scope", SCOPES, default="office"),
        "subject": at.choice("subject", BookingLimit.Subject.values),
        "within_days": at.integer("within_days", 1, 366, required=False),
        "most": at.integer("most", 1, 10_000),
        **_dated(at),
    }


def no_show(at: Section) -> Values:
    return {
        "scope": at.choice("scope", SCOPES, default="office"),
        "no_shows": at.integer("no_shows", 1, 100, default=1),
        "within_days": at.integer("within_days", 1, 366, default=90),
        "restricted_days": at.integer("restricted_days", 1, 366),
        **_dated(at),
    }


def products(at: Section) -> Values:
    return {
        "scope": at.choice("scope", SCOPES, default="office"),
        "products": at.choices("products", Fee.Product.values),
        **_dated(at),
    }


def protocol(at: Section) -> Values:
    return {
        "scope": at.choice("scope", SCOPES, default="office"),
        "name": at.text("name", longest=120),
        "name_en": at.text("name_en", longest=120),
        "items": [_finished(row, _item) for row in at.sections("items")],
        **_dated(at),
    }


def _item(at: Section) -> Values:
    return {"name": at.text("name", longest=120), "name_en": at.text("name_en", longest=120)}


def _scoped(at: Section) -> Values:
    scope = at.choice("scope", SCOPES, default="office")
    return {"scope": scope, "lane": at.slug("lane", longest=20)}


def _number(at: Section, kind: type[Decree], name: str, *, required: bool = True) -> int | None:
    """Read a whole number within the bounds of the decree; its default when absent."""
    bounds, default = ranges(kind)[name], getattr(kind, name, None)
    return at.integer(name, bounds.least, bounds.most, default=default, required=required)


def policy(at: Section) -> Values:
    bounds = ranges(QuotaDecree)["percent"]
    return {
        **_scoped(at),
        "group": at.slug("group", longest=20),
        "base": _number(at, QuotaDecree, "base"),
        "percent": at.decimal("percent", bounds.least, bounds.most, default=QuotaDecree.percent),
        "cap": _number(at, QuotaDecree, "cap", required=False),
        "slot_minutes": _number(at, QuotaDecree, "slot_minutes"),
        "hours": at.spans("hours"),
        **_dated(at),
    }


def release_rule(at: Section) -> Values:
    kind = at.choice("kind", ReleaseRule.Kind.values)
    return {
        **_scoped(at),
        "group": at.slug("group", longest=20, required=False),
        "kind": kind,
        "mode": at.choice("mode", ReleaseRule.Mode.values, default=ReleaseDecree.mode),
        "has_waiting_room": at.boolean("waiting_room", default=ReleaseDecree.has_waiting_room),
        "opens_time": at.clock("opens"),
        "closes_time": at.clock("closes"),
        "closes_after_days": _number(at, ReleaseDecree, "closes_after_days", required=False),
        "closes_before_days": _number(at, ReleaseDecree, "closes_before_days", required=False),
        **_dated(at),
        **_rhythm(at, kind),
    }


def return_rule(at: Section) -> Values:
    """Read a rule for freed places; absent fields have the defaults."""
    values: Values = _scoped(at)
    for name in ranges(ReturnDecree):
        values[name] = _number(at, ReturnDecree, name)
    for name in ("quiet_from", "quiet_until"):
        values[name] = at.clock(name, default=getattr(ReturnDecree, name))
    return {**values, **_dated(at)}


def _rhythm(at: Section, kind: str) -> Values:
    values: Values = {"tranches": _tranches(at)}
    if kind == WEEKLY:
        weekday = at.choice("weekday", WEEKDAYS)
        values["weekday"] = WEEKDAYS.index(weekday) + 1 if weekday else None
        values["weeks_ahead"] = _number(at, ReleaseDecree, "weeks_ahead")
        values["covers_days"] = _number(at, ReleaseDecree, "covers_days")
    elif kind == MONTHLY:
        values["month_days"] = tuple(at.integers("month_days", -31, 31))
        values["months_ahead"] = _number(at, ReleaseDecree, "months_ahead")
        values["counts_working_days"] = at.boolean("working_days", default=False)
    else:
        values["days_ahead"] = _number(at, ReleaseDecree, "days_ahead")
    return values


def _tranches(at: Section) -> Tranches:
    """Read the tranches of a day: percent, and how far ahead they open."""
    rows = [_finished(row, _tranche) for row in at.sections("tranches")]
    return tuple((row["percent"], row["ahead"]) for row in rows if row["ahead"] is not None)


def _tranche(at: Section) -> Values:
    return {
        "percent": at.decimal("percent", 0, 1000, default=Decimal(0)),
        "ahead": at.integer("ahead", 0, 180),
    }


def staff(at: Section) -> Values:
    return {
        "full_name": at.text("name", longest=120),
        "email": at.email("email"),
        "role": at.choice("role", Role.values),
        "language": at.choice("language", dict(settings.LANGUAGES), default=settings.LANGUAGE_CODE),
        "valid_from": at.day("valid_from"),
        "valid_until": at.day("valid_until", required=False),
    }


SECTIONS: dict[str, Callable[[Section], Values]] = {
    "regions": region,
    "groups": _named,
    "lanes": lane,
    "service_types": service_type,
    "fees": fee,
    "call_reasons": call_reason,
    "halls": hall,
    "counters": counter,
    "devices": device,
    "opening_hours": opening_hours,
    "holidays": holiday,
    "attendance": attendance,
    "admission": admission,
    "limits": limit,
    "no_shows": no_show,
    "products": products,
    "protocols": protocol,
    "policies": policy,
    "release_rules": release_rule,
    "returns": return_rule,
    "staff": staff,
    "roster": roster_shift,
    "outages": outage,
    "stage_times": stage_time,
}
