"""Every check of who may book, and the ways of booking (`via`) that it applies to."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from booking.applications.products import not_made, refused_product
from booking.bookings.errors import (
    AcceleratedClosed,
    AddressUnconfirmed,
    AlreadyBooked,
    BookedElsewhere,
    GroupNotServed,
    NotBookable,
    NotBookableOnline,
    RebookingLimit,
    ServiceClosed,
    ServiceNotOffered,
    WaitingRoomInUse,
)
from booking.bookings.models import Booking
from booking.bookings.requests import OPEN_TO_ALL, Case, OpenWindow, Person, Via, read_people
from booking.bookings.selectors import counts_as_own_cancellation
from booking.people.errors import NotOnList, ProcessingRestricted, WrongIdentityKind
from booking.people.guardians import refuse_without_guardian
from booking.people.models import Applicant
from booking.people.selectors import FOREIGNERS, confirmed_keys
from booking.restrictions.errors import LimitReached, Restricted
from booking.restrictions.models import Restriction
from booking.statuses import LIVE
from core.errors import DomainError, InvalidInput, NotAllowed
from core.formats import local_time_long
from offices.day_rules.selectors import day_rule_on
from offices.directory.models import ACCELERATED, Lane, Office
from offices.labels import time_zoned
from offices.limits.models import BookingLimit, RebookingRule
from offices.limits.selectors import limits_on, rebooking_rule_on
from offices.permissions import Right, check_right
from quotas import labels
from quotas.places.errors import WindowClosed
from quotas.waiting_room.services import check_let_in
from quotas.waiting_room.status import room_to_pass

PARTY_LIMIT: Final = 5
KEY_LENGTH: Final = 64
ALMOST_A_MINUTE: Final = dt.timedelta(minutes=1, microseconds=-1)


# --- The tables -----------------------------------------------------------------------------------
FIRST_COME, DESK, OFFER, LOTTERY = Via.FIRST_COME, Via.DESK, Via.WAITING_LIST, Via.DRAW
AT_OFFICE, ASSISTED = Via.AT_OFFICE, Via.ASSISTED
ALL: Final = frozenset({FIRST_COME, DESK, AT_OFFICE, ASSISTED, OFFER, LOTTERY})
# Serialises requests that count towards the same limit; otherwise each would still see one left.
TAKE_TURNS: Final = """
SELECT pg_advisory_xact_lock(hashtextextended(subject, 0)) FROM unnest(%s::text[]) AS subject;
"""
COUNT: Final = "SELECT %s::int AS number, count(*) FROM booking_booking booking "
Check = Callable[[Case], None]
# A person key, and the account that made the booking or entry under it (None: made at the desk).
Holding = tuple[str, int | None]


# --- Checks of the request, before any lock --------------------------------------------------------
def check_shape(case: Case) -> None:
    """One to five different people, and a well-formed key. Raises InvalidInput with its fields."""
    too_many = _("Satu pemesanan paling banyak untuk 5 orang. Kurangi pilihan Anda.")
    mistakes = party_mistakes(case.request.everyone, too_many=too_many)
    if not is_key(case.request.key):
        mistakes["key"] = [_("Kunci permintaan berisi 1 sampai 64 karakter.")]
    if mistakes:
        raise InvalidInput(fields=mistakes)


def party_mistakes(applicant_ids: Sequence[int], *, too_many: Any) -> dict[str, list[Any]]:
    """Return the mistakes of a party by field: nobody, more than five, or somebody twice."""
    if not applicant_ids:
        return {"applicants": [_("Pilih setidaknya satu orang.")]}
    if len(applicant_ids) > PARTY_LIMIT:
        return {"applicants": [too_many]}
    if len(set(applicant_ids)) < len(applicant_ids):
        text = _("Orang yang sama tercantum dua kali. Pilih setiap orang satu kali.")
        return {"applicants": [text]}
    return {}


def is_key(key: str) -> bool:
    """True if this is a well-formed request key."""
    return 0 < len(key) <= KEY_LENGTH and key.isprintable()


def check_bookable_online(case: Case) -> None:
    """The lane is booked online. Raises NotBookableOnline."""
    if case.slot.lane.booked_at not in Lane.IS_ONLINE:
        raise NotBookableOnline


def check_offered(case: Case) -> None:
    """The office offers the service. Raises ServiceNotOffered."""
    if case.service not in case.bookable.services:
        raise ServiceNotOffered


def check_group(case: Case) -> None:
    """The slot belongs to the service's group. Raises GroupNotServed."""
    if case.service.group_id != case.slot.group_id:
        raise GroupNotServed


def check_not_closed(case: Case) -> None:
    """No closure reserves the slot for other services. Raises ServiceClosed."""
    if not case.slot.is_for(case.service.pk):
        raise ServiceClosed


def check_accelerated_in_time(case: Case) -> None:
    """The accelerated lane is booked before its cut-off. Raises AcceleratedClosed."""
    if case.slot.lane_id == ACCELERATED:
        refuse_after_cut_off(case.office, case.slot.day, now=case.now)


def refuse_after_cut_off(office: Office, day: dt.date, *, now: dt.datetime) -> None:
    """Raise AcceleratedClosed after the time until which the accelerated lane takes people on a day."""
    until = day_rule_on(office, day).accelerated_until
    if now >= office.at(day, until):
        raise AcceleratedClosed(until=time_zoned(office, until))


def check_own_account(case: Case) -> None:
    """An account books only for itself. Raises NotAllowed."""
    if case.by is None or case.by.pk != case.request.account_id:
        raise NotAllowed


def check_desk_officer(case: Case) -> None:
    """The actor may book at this office's desk. Raises NotAllowed."""
    check_right(case.by, Right.BOOK_AT_DESK, office=case.office, now=case.now)


def check_admitted(case: Case) -> None:
    """The account has passed the waiting room, if there is one. Raises NotLetIn."""
    tokens = case.right.room_tickets if isinstance(case.right, OpenWindow) else ()
    account_id = case.request.account_id or 0
    check_let_in(slot_id=case.slot.pk, account_id=account_id, tokens=tokens, now=case.now)


def check_no_waiting_room(case: Case) -> None:
    """No waiting room guards the hour now: people queue there themselves. Raises WaitingRoomInUse."""
    if room_to_pass(case.slot.pk, account_id=0, tokens=(), now=case.now) is not None:
        raise WaitingRoomInUse


# --- Checks of rows: people, bookings, restrictions, applications, the office -----------------------
def check_on_list(case: Case) -> None:
    """Everybody is on the account's list; desk applicants have no account. Raises NotOnList."""
    account_id = case.request.account_id
    if len(case.people) < len(case.part.applicant_ids):
        raise NotOnList
    if any(person.is_removed or person.account_id != account_id for person in case.people):
        raise NotOnList


def check_identity_kind(case: Case) -> None:
    """The service fits each person's kind of identity. Raises WrongIdentityKind."""
    is_for_foreigners = case.service.group.code == FOREIGNERS
    kinds = {person.identity_kind == Applicant.IdentityKind.PASSPORT for person in case.people}
    if kinds != {is_for_foreigners}:
        raise WrongIdentityKind


def check_processing(case: Case) -> None:
    """Nobody's data may only be kept, at the person's own request. Raises ProcessingRestricted."""
    for person in case.people:
        if person.is_processing_restricted:
            raise ProcessingRestricted(name=person.short_name)


def check_guardians(case: Case) -> None:
    """A guardian has consented for every child. Raises GuardianConsentMissing."""
    refuse_without_guardian(people=case.people, now=case.now)


def check_no_live_booking(case: Case) -> None:
    """Nobody has a live booking. A database constraint decides between concurrent requests.

    Raises AlreadyBooked, or NotBookable to an account that may not know.
    """
    booked = [person.person_key for person in case.people if person.has_live_booking]
    if not booked:
        return
    if case.account_to_answer is None:
        raise AlreadyBooked
    refuse_booked(booked, account_id=case.account_to_answer)


def check_not_restricted(case: Case) -> None:
    """Nobody is restricted after a missed booking. Raises Restricted or NotBookable."""
    restricted = [person for person in case.people if person.is_restricted]
    if restricted:
        refuse_restricted(people=restricted, account_id=case.account_to_answer, now=case.now)


def check_address_confirmed(case: Case) -> None:
    """The account has confirmed its address, if the office's rule asks for it. Raises AddressUnconfirmed."""
    person = case.people[0]
    if person.has_confirmed_address:
        return
    rule = _rebooking_rule(case)
    if rule.requires_confirmation(has_cancelled=person.account_cancelled_at is not None):
        raise AddressUnconfirmed


def check_rebooking(case: Case) -> None:
    """Neither a person nor the account books again too often after an own cancellation.

    Raises RebookingLimit with the time from which booking is possible, or NotBookable if only bookings of other
    accounts count for the person: the time would say what those accounts did.
    """
    account = case.people[0]
    if not any(person.cancelled_at for person in case.people) and not account.account_cancelled_at:
        return
    rule = _rebooking_rule(case)
    times: list[tuple[dt.datetime, str]] = []
    for person in case.people:
        person_end = rule.bookable_from(
            cancelled_at=person.cancelled_at,
            rebooked_at=person.rebooked_at,
            wanted=1,
            most=rule.per_person,
            now=case.now,
        )
        if person_end is not None:
            if not person.is_own_history and case.account_to_answer is not None:
                raise NotBookable(reason="rebooking_limit")
            times.append((person_end, person.short_name))
    account_end = rule.bookable_from(
        cancelled_at=account.account_cancelled_at,
        rebooked_at=account.account_rebooked_at,
        wanted=len(case.company),
        most=rule.per_account,
        now=case.now,
    )
    if account_end is not None:
        times.append((account_end, ""))
    if times:
        raise _rebooking_refusal(rule, case.office, *max(times))


@dataclass(frozen=True)
class AfterCancelling:
    """What an own cancellation of a booking would mean for the next one. Empty numbers mean no limit."""

    per_person: int | None
    per_account: int | None
    hours: int
    possible_from: dt.datetime | None
    must_confirm_address: bool


def after_cancelling(booking: Booking, *, now: dt.datetime) -> AfterCancelling | None:
    """Return the effect of cancelling a booking now, or None if it does not count as an own cancellation."""
    if booking.account is None or not counts_as_own_cancellation(booking, by=booking.account):
        return None
    rule = rebooking_rule_on(booking.office, booking.office.local_day(now))
    wanted = (booking.applicant_id, booking.service_type_id, booking.office_id)
    person = read_people([wanted], now=now, lock=False)[booking.applicant_id]
    ends = [
        rule.bookable_from(cancelled_at=now, rebooked_at=times, wanted=1, most=most, now=now)
        for times, most in (
            (person.rebooked_at, rule.per_person),
            (person.account_rebooked_at, rule.per_account),
        )
    ]
    return AfterCancelling(
        per_person=rule.per_person,
        per_account=rule.per_account,
        hours=rule.within_hours,
        possible_from=max((_whole_minute(end) for end in ends if end is not None), default=None),
        must_confirm_address=not person.has_confirmed_address
        and rule.requires_confirmation(has_cancelled=True),
    )


def _whole_minute(at: dt.datetime) -> dt.datetime:
    """Round up: pages show minutes, and booking must be possible from the minute shown."""
    return (at + ALMOST_A_MINUTE).replace(second=0, microsecond=0)


def _rebooking_refusal(
    rule: RebookingRule, office: Office, end: dt.datetime, name: str
) -> RebookingLimit:
    """Return the error: whose limit was reached, until when, and what remains possible. `name` is empty for the account."""
    possible_from = _whole_minute(end)
    if name:
        text = ngettext(
            "%(name)s hanya dapat memesan %(most)d kali lagi dalam %(hours)d jam setelah Anda membatalkan jadwal",
            "%(name)s hanya dapat memesan %(most)d kali lagi dalam %(hours)d jam setelah Anda membatalkan jadwal",
            rule.per_person or 0,
        )
    else:
        text = ngettext(
            "Akun ini hanya dapat memesan %(most)d kali lagi dalam %(hours)d jam setelah Anda membatalkan jadwal",
            "Akun ini hanya dapat memesan %(most)d kali lagi dalam %(hours)d jam setelah Anda membatalkan jadwal",
            rule.per_account or 0,
        )
    values = {
        "name": name,
        "most": rule.per_person if name else rule.per_account,
        "hours": rule.within_hours,
        "when": labels.moment(possible_from, office.time_zone),
        "basis": f" ({rule.instrument})" if rule.instrument else "",
    }
    next_step = _now(
        "Anda dapat memesan lagi mulai %(when)s. Daftar tunggu tetap terbuka, dan jadwal yang masih berlaku tetap dapat diubah atau dibatalkan."
    )
    message = f"{text % values}{values['basis']}. {next_step % values}"
    return RebookingLimit(message, possible_from=possible_from.astimezone(office.zone))


def follows_own_cancellation(case: Case, person: Person) -> tuple[bool, bool]:
    """Return whether a booking open to all counts for the person's and for the account's rebooking limit."""
    if case.right.via not in OPEN_TO_ALL or not (
        person.cancelled_at or person.account_cancelled_at
    ):
        return False, False
    rule = _rebooking_rule(case)
    return (
        rule.follows(person.cancelled_at, case.now),
        rule.follows(person.account_cancelled_at, case.now),
    )


def _rebooking_rule(case: Case) -> RebookingRule:
    return rebooking_rule_on(case.office, case.office.local_day(case.now))


def check_not_stopped(case: Case) -> None:
    """The office accepts online bookings now. Raises WindowClosed with the office's reason."""
    reason = case.people[0].stopped_reason
    if reason:
        raise WindowClosed(labels.stopped(reason))


def check_product(case: Case) -> None:
    """The office issues the prepared product on that day. Raises ProductNotMade."""
    for person in case.people:
        rule = person.product and refused_product(case.office, case.slot.day, person.product)
        if rule:
            raise not_made(case.office, rule)


# --- Who may read why a number cannot be booked --------------------------------------------------------
# An account can put any number on its list of people. The reason of a refusal is therefore shown only to the
# account that made the booking or entry behind it, and after an officer has seen the identity card.
def refuse_held(
    held: Iterable[Holding],
    *,
    account_id: int,
    own: Callable[[], DomainError],
    elsewhere: Callable[[], DomainError] | None = None,
) -> None:
    """Raise the full error `own` (or `elsewhere`) if the account may read it, else NotBookable.

    Does nothing if nothing is held.
    """
    rows = list(held)
    if not rows:
        return
    error = own()
    if any(holder_id == account_id for _key, holder_id in rows):
        raise error
    keys = {key for key, _holder_id in rows}
    if keys <= confirmed_keys(account_id, keys):
        error = elsewhere() if elsewhere else error
        raise error
    raise NotBookable(reason=error.code)


def refuse_booked(person_keys: Iterable[str], *, account_id: int) -> None:
    """Raise AlreadyBooked or NotBookable if one of these people has a live booking."""
    rows = Booking.objects.filter(person_key__in=list(person_keys), status__in=LIVE)
    held = rows.values_list("person_key", "account_id")
    refuse_held(held, account_id=account_id, own=AlreadyBooked, elsewhere=BookedElsewhere)


def refuse_restricted(*, people: Iterable[Any], account_id: int | None, now: dt.datetime) -> None:
    """Raise Restricted or NotBookable if one of these people may not book online now.

    Reads `person_key` and `short_name` of each person. An officer (no account) always gets the reason.
    """
    names: Mapping[str, str] = {person.person_key: person.short_name for person in people}
    rows = Restriction.objects.filter(
        person_key__in=names, lifted_at__isnull=True, until_at__gt=now
    )
    restrictions = list(rows.select_related("office", "booking").order_by("-until_at"))
    if restrictions:
        held = [(row.person_key, row.booking.account_id) for row in restrictions]
        own = (row for row in restrictions if row.booking.account_id == account_id)
        shown = next(own, restrictions[0])
        if account_id is None:
            raise _restricted(shown, names)
        refuse_held(held, account_id=account_id, own=lambda: _restricted(shown, names))


def _restricted(row: Restriction, names: Mapping[str, str]) -> Restricted:
    return Restricted(
        name=names[row.person_key],
        until=local_time_long(row.until_at, row.office),
        instrument=row.instrument,
    )


# --- Which checks apply -------------------------------------------------------------------------------
# Lottery winners were checked when they entered. The lottery skips entrants who have since booked or left and
# publishes that; refusing a winner for any other reason now would change a published result.
REQUEST_CHECKS: Final[tuple[tuple[Check, frozenset[Via]], ...]] = (
    (check_shape, ALL),
    (check_own_account, frozenset({FIRST_COME, OFFER})),
    (check_desk_officer, frozenset({DESK, AT_OFFICE, ASSISTED})),
    (check_bookable_online, frozenset({FIRST_COME, AT_OFFICE, ASSISTED, OFFER})),
    (check_offered, frozenset({FIRST_COME, DESK, AT_OFFICE, ASSISTED, OFFER})),
    (check_group, ALL),
    (check_not_closed, ALL),
    (check_accelerated_in_time, frozenset({FIRST_COME, DESK})),
    (check_admitted, frozenset({FIRST_COME})),
    (check_no_waiting_room, frozenset({ASSISTED})),
)
# These run on rows read and locked by one statement. Limits of online booking do not apply at the desk, except to
# bookings of a later day: those take places that everybody can book. An offer made before the office stopped new
# bookings remains valid. What the office offers is not booking again after a cancellation; an offer was also sent to
# the address.
PEOPLE_CHECKS: Final[tuple[tuple[Check, frozenset[Via]], ...]] = (
    (check_on_list, ALL),
    (check_identity_kind, ALL),
    (check_processing, frozenset({FIRST_COME, OFFER})),
    (check_guardians, frozenset({FIRST_COME, OFFER})),
    (check_no_live_booking, ALL),
    (check_not_restricted, frozenset({FIRST_COME, ASSISTED, OFFER})),
    (check_rebooking, frozenset({FIRST_COME, ASSISTED})),
    (check_address_confirmed, frozenset({FIRST_COME})),
    (check_not_stopped, frozenset({FIRST_COME, ASSISTED})),
    (check_product, frozenset({FIRST_COME, AT_OFFICE, ASSISTED, OFFER})),
)

Subject = BookingLimit.Subject
OF_SUBJECT: Final = {
    Subject.ACCOUNT: "JOIN booking_party party ON party.id = booking.party_id WHERE party.account_id = %s",
    Subject.PHONE: (
        "JOIN booking_party party ON party.id = booking.party_id"
        " JOIN booking_applicant person ON person.id = booking.applicant_id"
        " WHERE person.phone = %s AND person.phone <> ''"
        f" AND (booking.account_id IS NOT NULL OR booking.via = '{Via.ASSISTED}')"
    ),
    Subject.DEVICE: (
        "JOIN booking_party party ON party.id = booking.party_id"
        " WHERE party.device_key = %s AND party.device_key <> ''"
    ),
}
# (limit, value that identifies its subject, number of additional bookings)
Counted = tuple[BookingLimit, Any, int]


def check_limits(case: Case) -> None:
    """Raise LimitReached if account, phone number or device would exceed a booking limit.

    Runs after the people are locked and before a place is. One statement, or none if no limit is in force.
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
    """Return what to count: the limit, its subject, and the number of additional bookings."""
    request, people = case.request, case.company
    phones = Counter(person.phone for person in people if person.phone)
    rows: list[Counted] = []
    for limit in limits:
        if limit.subject == Subject.ACCOUNT and request.account_id is not None:
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
    """Return the message: which limit was reached, by which rule, and what to do next."""
    whose = {
        Subject.ACCOUNT: _now("Akun ini"),
        Subject.PHONE: _now("Nomor telepon yang Anda isi"),
        Subject.DEVICE: _now("Perangkat ini"),
    }[Subject(limit.subject)]
    if limit.within_days is None:
        done = ngettext(
            "sudah punya %(most)d jadwal yang masih berlaku, jumlah terbanyak yang diizinkan sekaligus",
            "sudah punya %(most)d jadwal yang masih berlaku, jumlah terbanyak yang diizinkan sekaligus",
            limit.most,
        )
        next_step = _now(
            "Pakai atau batalkan salah satunya lebih dulu, atau datang langsung ke kantor."
        )
    else:
        done = ngettext(
            "sudah memesan %(most)d jadwal dalam %(days)d hari, jumlah terbanyak yang diizinkan",
            "sudah memesan %(most)d jadwal dalam %(days)d hari, jumlah terbanyak yang diizinkan",
            limit.most,
        )
        next_step = _now("Tunggu beberapa hari, atau datang langsung ke kantor.")
    text = done % {"most": limit.most, "days": limit.within_days or 0}
    return f"{whose} {text} ({limit.instrument}). {next_step}"


# Waits for other requests that count the same subject, so it runs last and only if a place may be taken.
LIMIT_CHECKS: Final[tuple[tuple[Check, frozenset[Via]], ...]] = (
    (check_limits, frozenset({FIRST_COME, ASSISTED, OFFER})),
)


def run_checks(case: Case, table: tuple[tuple[Check, frozenset[Via]], ...]) -> None:
    """Run the checks that apply to the request's way of booking, in the table's order."""
    for check, ways in table:
        if case.right.via in ways:
            check(case)
