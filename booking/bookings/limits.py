"""Limits of online booking by decree: on an account, a telephone and a device."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.bookings.requests import Case
from booking.errors import LimitReached
from booking.models import LIVE
from offices.models import BookingLimit
from offices.selectors import limits_on

Subject = BookingLimit.Subject
# Requests that count the same thing come one after the other, or each would still find one left.
TAKE_TURNS: Final = """
SELECT pg_advisory_xact_lock(hashtextextended(subject, 0)) FROM unnest(%s::text[]) AS subject;
"""
OF_SUBJECT: Final = {
    Subject.ACCOUNT: "JOIN booking_party party ON party.id = booking.party_id WHERE party.account_id = %s",
    Subject.PHONE: (
        "JOIN booking_party party ON party.id = booking.party_id"
        " JOIN booking_applicant person ON person.id = booking.applicant_id"
        " WHERE person.phone = %s AND person.phone <> '' AND booking.account_id IS NOT NULL"
    ),
    Subject.DEVICE: (
        "JOIN booking_party party ON party.id = booking.party_id"
        " WHERE party.device_key = %s AND party.device_key <> ''"
    ),
}
COUNT: Final = "SELECT %s::int AS number, count(*) FROM booking_booking booking "
# A limit, whose bookings it counts, and how many more are wanted.
Counted = tuple[BookingLimit, Any, int]


def check_limits(case: Case) -> None:
    """Raise LimitReached when account, telephone or device would book more than the rule allows.

    Runs after the people are locked and before a place is; one statement, and none where no rule is in force.
    """
    office, now = case.office, case.now
    limits = limits_on(office, office.local_day(now))
    counted = _counted(case, limits) if limits else []
    if not counted:
        return
    subjects = sorted({f"{limit.subject}:{value}" for limit, value, _wanted in counted})
    parts: list[str] = []
    values: list[Any] = [subjects]
    for number, (limit, value, _wanted) in enumerate(counted):
        parts.append(COUNT + OF_SUBJECT[Subject(limit.subject)] + _span_of(limit))
        values += [number, value, _since(limit, now)]
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURNS + " UNION ALL ".join(parts), values)
        booked = dict(cursor.fetchall())
    for number, (limit, _value, wanted) in enumerate(counted):
        if booked[number] + wanted > limit.most:
            raise LimitReached(_sentence(limit))


def _counted(case: Case, limits: Sequence[BookingLimit]) -> list[Counted]:
    """Return what is to be counted: the rule, whose bookings, and how many more are wanted."""
    request, people = case.request, case.people
    phones = Counter(person.phone for person in people if person.phone)
    rows: list[Counted] = []
    for limit in limits:
        if limit.subject == Subject.ACCOUNT:
            rows.append((limit, request.account_id, len(people)))
        elif limit.subject == Subject.DEVICE and request.device_key:
            rows.append((limit, request.device_key, len(people)))
        elif limit.subject == Subject.PHONE:
            rows += [(limit, phone, wanted) for phone, wanted in sorted(phones.items())]
    return rows


def _span_of(limit: BookingLimit) -> str:
    if limit.within_days is None:
        return " AND booking.status IN %s"
    return " AND party.created_at > %s"


def _since(limit: BookingLimit, now: dt.datetime) -> Any:
    if limit.within_days is None:
        return tuple(str(status) for status in LIVE)
    return now - dt.timedelta(days=limit.within_days)


def _sentence(limit: BookingLimit) -> str:
    """Return which limit was reached, by which rule, and what to do next."""
    whose = {
        Subject.ACCOUNT: _("Akun ini"),
        Subject.PHONE: _("Nomor telepon yang Anda tulis"),
        Subject.DEVICE: _("Perangkat ini"),
    }[Subject(limit.subject)]
    if limit.within_days is None:
        done = ngettext(
            "sudah punya %(most)d jadwal yang masih berlaku, sebanyak yang boleh sekaligus",
            "sudah punya %(most)d jadwal yang masih berlaku, sebanyak yang boleh sekaligus",
            limit.most,
        )
        next_step = _(
            "Pakai atau batalkan dahulu salah satunya, atau datanglah langsung ke kantor."
        )
    else:
        done = ngettext(
            "sudah memesan %(most)d jadwal dalam %(days)d hari, sebanyak yang boleh",
            "sudah memesan %(most)d jadwal dalam %(days)d hari, sebanyak yang boleh",
            limit.most,
        )
        next_step = _("Tunggu beberapa hari, atau datanglah langsung ke kantor.")
    text = done % {"most": limit.most, "days": limit.within_days or 0}
    return f"{whose} {text} ({limit.instrument}). {next_step}"
