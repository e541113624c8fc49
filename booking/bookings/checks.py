"""Who may book: every check, the ways of booking (`via`) that it applies to, and their one order.

Each check takes a `Case` and raises its error. What a way is spared is visible in the tables below, nowhere else.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from booking.bookings.limits import check_limits
from booking.bookings.requests import Case
from booking.bookings.rights import OpenWindow, Via
from booking.errors import (
    AlreadyBooked,
    GroupNotServed,
    NotBookableOnline,
    NotOnList,
    Restricted,
    ServiceClosed,
    ServiceNotOffered,
    WrongIdentityKind,
)
from booking.models import Applicant, Restriction
from booking.selectors.services_for import FOREIGNERS, not_made, refused_product
from core.errors import InvalidInput, NotAllowed
from core.templatetags.formats import date_long
from offices.models import Lane
from offices.permissions import Right, check_right
from quotas import reasons
from quotas.errors import WindowClosed
from quotas.services import check_let_in

PARTY_LIMIT: Final = 5
KEY_LENGTH: Final = 64
Check = Callable[[Case], None]


# --- What the request says: nothing is locked yet -------------------------------------------------
def check_shape(case: Case) -> None:
    """One to five different people, and a key that can be one. Raises InvalidInput with its fields."""
    applicant_ids = case.request.applicant_ids
    mistakes: dict[str, list[Any]] = {}
    if not applicant_ids:
        mistakes["applicants"] = [_("Pilih setidaknya satu orang.")]
    elif len(applicant_ids) > PARTY_LIMIT:
        mistakes["applicants"] = [
            _("Sekali memesan paling banyak untuk 5 orang. Kurangi pilihan Anda.")
        ]
    elif len(set(applicant_ids)) < len(applicant_ids):
        mistakes["applicants"] = [
            _("Orang yang sama tertulis dua kali. Pilih setiap orang satu kali.")
        ]
    if not is_key(case.request.key):
        mistakes["key"] = [_("Kunci permintaan berisi 1 sampai 64 tanda.")]
    if mistakes:
        raise InvalidInput(fields=mistakes)


def is_key(key: str) -> bool:
    """True if this can be the key of a request."""
    return 0 < len(key) <= KEY_LENGTH and key.isprintable()


def check_bookable_online(case: Case) -> None:
    """The lane is booked online. Raises NotBookableOnline."""
    if case.slot.lane.booked_at != Lane.BookedAt.ONLINE:
        raise NotBookableOnline


def check_offered(case: Case) -> None:
    """The office offers the service. Raises ServiceNotOffered."""
    if case.service not in case.hour.services:
        raise ServiceNotOffered


def check_group(case: Case) -> None:
    """The slot is for the service's group. Raises GroupNotServed."""
    if case.service.group_id != case.slot.group_id:
        raise GroupNotServed


def check_not_closed(case: Case) -> None:
    """No closure leaves the slot to other services. Raises ServiceClosed."""
    if not case.slot.is_for(case.service.pk):
        raise ServiceClosed


def check_own_account(case: Case) -> None:
    """An account books for itself. Raises NotAllowed."""
    if case.by is None or case.by.pk != case.request.account_id:
        raise NotAllowed


def check_desk_officer(case: Case) -> None:
    """The actor serves people at this office's desk. Raises NotAllowed."""
    check_right(case.by, Right.BOOK_AT_DESK, office=case.office, now=case.now)


def check_admitted(case: Case) -> None:
    """The waiting room, where there is one, has admitted the account. Raises NotLetIn."""
    tokens = case.right.room_tickets if isinstance(case.right, OpenWindow) else ()
    account_id = case.request.account_id or 0
    check_let_in(slot_id=case.slot.pk, account_id=account_id, tokens=tokens, now=case.now)


# --- What the rows say: people, bookings, restrictions, applications, the office ------------------
def check_on_list(case: Case) -> None:
    """Everybody is on the account's list; at the desk nobody has an account. Raises NotOnList."""
    account_id = case.request.account_id
    if len(case.people) < len(case.request.applicant_ids):
        raise NotOnList
    if any(person.is_removed or person.account_id != account_id for person in case.people):
        raise NotOnList


def check_identity_kind(case: Case) -> None:
    """Foreigners come with a passport, citizens with a NIK. Raises WrongIdentityKind."""
    is_for_foreigners = case.service.group.code == FOREIGNERS
    kinds = {person.identity_kind == Applicant.IdentityKind.PASSPORT for person in case.people}
    if kinds != {is_for_foreigners}:
        raise WrongIdentityKind


def check_no_live_booking(case: Case) -> None:
    """Nobody has a live booking. The database decides for rivals who ask at once. Raises AlreadyBooked."""
    if any(person.has_live_booking for person in case.people):
        raise AlreadyBooked


def check_not_restricted(case: Case) -> None:
    """Nobody is restricted after a missed booking. Raises Restricted."""
    restricted = [person for person in case.people if person.is_restricted]
    if restricted:
        refuse_restricted(people=restricted, now=case.now)


def refuse_restricted(*, people: Iterable[Any], now: dt.datetime) -> None:
    """Raise Restricted if one of these people, by `person_key` and `short_name`, may not book online now."""
    names: Mapping[str, str] = {person.person_key: person.short_name for person in people}
    rows = Restriction.objects.filter(
        person_key__in=names, lifted_at__isnull=True, until_at__gt=now
    )
    row = rows.select_related("office").order_by("-until_at").first()
    if row is not None:
        raise Restricted(
            name=names[row.person_key],
            until=date_long(row.until_at, row.office),
            instrument=row.instrument,
        )


def check_not_stopped(case: Case) -> None:
    """The office takes online bookings now. Raises WindowClosed with the office's reason."""
    reason = case.people[0].stopped_reason
    if reason:
        raise WindowClosed(reasons.stopped(reason))


def check_product(case: Case) -> None:
    """The office makes what has been prepared on that day. Raises ProductNotMade."""
    for person in case.people:
        rule = person.product and refused_product(case.office, case.slot.day, person.product)
        if rule:
            raise not_made(case.office, rule)


# --- The tables -----------------------------------------------------------------------------------
FIRST_COME, DESK, OFFER, LOTTERY = Via.FIRST_COME, Via.DESK, Via.WAITING_LIST, Via.DRAW
ALL: Final = frozenset({FIRST_COME, DESK, OFFER, LOTTERY})

# Whoever won a lottery was checked on entering. It passes over those who have booked or left since then and
# publishes that; to refuse anyone for another reason now would change a published result.
REQUEST_CHECKS: Final[tuple[tuple[Check, frozenset[Via]], ...]] = (
    (check_shape, ALL),
    (check_own_account, frozenset({FIRST_COME, OFFER})),
    (check_desk_officer, frozenset({DESK})),
    (check_bookable_online, frozenset({FIRST_COME, OFFER})),
    (check_offered, frozenset({FIRST_COME, DESK, OFFER})),
    (check_group, ALL),
    (check_not_closed, ALL),
    (check_admitted, frozenset({FIRST_COME})),
)
# On rows read, and locked, by one statement. At the desk no limit of online booking applies; an offer that was
# made before the office stopped new bookings stands.
PEOPLE_CHECKS: Final[tuple[tuple[Check, frozenset[Via]], ...]] = (
    (check_on_list, ALL),
    (check_identity_kind, ALL),
    (check_no_live_booking, ALL),
    (check_not_restricted, frozenset({FIRST_COME, OFFER})),
    (check_not_stopped, frozenset({FIRST_COME})),
    (check_product, frozenset({FIRST_COME, OFFER})),
)
# Waits for others who count the same thing, so it comes last, and only where a place may follow.
LIMIT_CHECKS: Final[tuple[tuple[Check, frozenset[Via]], ...]] = (
    (check_limits, frozenset({FIRST_COME, OFFER})),
)


def run_checks(case: Case, table: tuple[tuple[Check, frozenset[Via]], ...]) -> None:
    """Run the checks that apply to the request's way of booking, in the table's order."""
    for check, ways in table:
        if case.right.via in ways:
            check(case)
