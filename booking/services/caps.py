"""Bounds on online booking: a missed hour restricts a person, a decree bounds account, telephone and device.

Nobody is ever refused at the desk by these.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.errors import LimitReached, Restricted
from booking.models import LIVE, Applicant, Restriction
from core.templatetags.formats import date_long
from offices.models import BookingLimit, Office
from offices.selectors import limits_on

Subject = BookingLimit.Subject
# Requests that count the same thing come one after the other, or each would find room for itself.
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
Asked = tuple[BookingLimit, Any, int]


def check_caps(
    *,
    account_id: int | None,
    office: Office,
    people: Sequence[Applicant],
    device_key: str,
    now: dt.datetime,
) -> None:
    """Refuse a request by which account, a telephone or the device would book more than the rule lets it.

    Runs inside the transaction that books, after the people are locked and before a place is; one
    statement, and none where no rule is in force. Raises LimitReached.
    """
    limits = limits_on(office, office.local_day(now))
    if not limits or account_id is None:
        return
    asked = _asked(limits, account_id, people, device_key)
    if not asked:
        return
    subjects = sorted({f"{limit.subject}:{value}" for limit, value, _wanted in asked})
    parts: list[str] = []
    values: list[Any] = [subjects]
    for number, (limit, value, _wanted) in enumerate(asked):
        parts.append(COUNT + OF_SUBJECT[Subject(limit.subject)] + _moment_of(limit))
        values += [number, value, _since(limit, now)]
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURNS + " UNION ALL ".join(parts), values)
        counted = dict(cursor.fetchall())
    for number, (limit, _value, wanted) in enumerate(asked):
        if counted[number] + wanted > limit.most:
            raise LimitReached(_sentence(limit))


def refuse_restricted(*, people: Sequence[Applicant], now: dt.datetime) -> None:
    """Raise Restricted when somebody may not book online for a while."""
    names = {person.person_key: person.short_name for person in people}
    standing = Restriction.objects.filter(
        person_key__in=names, lifted_at__isnull=True, until_at__gt=now
    )
    row = standing.select_related("office").order_by("-until_at").first()
    if row is not None:
        raise Restricted(
            name=names[row.person_key],
            until=date_long(row.until_at, row.office),
            instrument=row.instrument,
        )


def _asked(
    limits: Sequence[BookingLimit],
    account_id: int,
    people: Sequence[Applicant],
    device_key: str,
) -> list[Asked]:
    """Return what is to be counted: the rule, whose, and how many more are wanted."""
    phones = Counter(person.phone for person in people if person.phone)
    found: list[Asked] = []
    for limit in limits:
        if limit.subject == Subject.ACCOUNT:
            found.append((limit, account_id, len(people)))
        elif limit.subject == Subject.DEVICE and device_key:
            found.append((limit, device_key, len(people)))
        elif limit.subject == Subject.PHONE:
            found += [(limit, phone, wanted) for phone, wanted in sorted(phones.items())]
    return found


def _moment_of(limit: BookingLimit) -> str:
    if limit.within_days is None:
        return " AND booking.status IN %s"
    return " AND party.created_at > %s"


def _since(limit: BookingLimit, now: dt.datetime) -> Any:
    if limit.within_days is None:
        return tuple(str(status) for status in LIVE)
    return now - dt.timedelta(days=limit.within_days)


def _sentence(limit: BookingLimit) -> str:
    """Say which bound was reached, by which rule, and the way on."""
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
        way_on = _("Pakai atau batalkan dahulu salah satunya, atau datanglah langsung ke kantor.")
    else:
        done = ngettext(
            "sudah memesan %(most)d jadwal dalam %(days)d hari, sebanyak yang boleh",
            "sudah memesan %(most)d jadwal dalam %(days)d hari, sebanyak yang boleh",
            limit.most,
        )
        way_on = _("Tunggu beberapa hari, atau datanglah langsung ke kantor.")
    said = done % {"most": limit.most, "days": limit.within_days or 0}
    return f"{whose} {said} ({limit.instrument}). {way_on}"
