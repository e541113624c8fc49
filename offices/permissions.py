"""Rights of officers and the table of roles that have them.

`manage.py permission_table` renders the table as docs/permissions.md.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Final

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import User
from accounts.services import has_second_factor
from core.clock import local_day
from core.errors import NotAllowed
from offices.directory.models import Office
from offices.staff.models import Role, StaffRole
from offices.staff.selectors import all_roles_of, roles_of


class Right(Enum):
    """One thing that an officer may do, with its description for docs/permissions.md."""

    # Serving people
    SERVE_GATE = "Check people in, admit walk-ins, read and print the day's list"
    SCREEN_PEOPLE = "Check people at the gate by the protocol, record the task force's decisions"
    ADMIT_OFFICIAL_GUEST = "Admit an official guest to the priority lane"
    SERVE_COUNTER = "Take a counter, call the next person and serve them"
    CALL_OUT_OF_ORDER = "Call somebody out of order, with a reason"
    END_VISIT = "Record that somebody left, or showed a ticket in another name"
    BOOK_AT_DESK = "Book, move and cancel for a person at the desk; complete their application"
    PRODUCE_PASSPORTS = "Record passports as printed, checked, ready or misprinted"
    HAND_OVER_PASSPORTS = "Hand passports over"
    RECORD_OUTAGE = "Record that a device or counter is out of order, and that it works again"
    READ_CONTESTS = "Read contested identity numbers"
    DECIDE_CONTEST = "Decide contested identity numbers"
    # Managing an office
    READ_TODAY = "Read the office's day: queue, risks, counters"
    FREE_COUNTER = "Close a counter that its officer left open"
    CLOSE_DAY = (
        "Close the day: decide about every visit that is still open, of this or an earlier day"
    )
    MANAGE_KIOSKS = "Issue and revoke kiosks"
    ENTER_FROM_PAPER = "Enter what was written on paper, with its real times"
    STOP_BOOKINGS = "Stop and resume new online bookings"
    READ_LOAD = "Read capacity and rosters"
    CHANGE_ROSTER = "Change the roster, record absences, add overtime"
    ADD_EVENING_PLACES = "Add places after closing time"
    READ_RULES = "Read the rules of quotas and releases, and where each place went"
    MAKE_DECREES = "Change rules of all offices of a region or of the nation by one decree"
    LOAD_PRESET = "Load a preset: an office's quotas, releases, attendance, admission, passports, check at the gate"
    CHANGE_QUOTA = "Change a lane's quota"
    CHANGE_RELEASE = "Change when a lane's places are released"
    CHANGE_RETURNS = "Change the terms for places given back"
    CHANGE_PROTOCOL = "Switch the check at the gate on and off, and say what is checked"
    CHANGE_REBOOKING = "Change how often people may book again after they cancelled"
    CHANGE_DAY_RULES = (
        "Change the rules of the office's day: check-in, call order, kiosk, accelerated service"
    )
    CHANGE_ATTENDANCE = "Change which share of the officers may be in the office"
    CHANGE_ADMISSION = "Change whether walk-ins, companions and the drive-thru lane are admitted"
    CHANGE_NO_SHOW = "Change the restriction after missed appointments"
    CHANGE_LIMITS = "Change how many bookings one account, telephone or device may have"
    CHANGE_PRODUCTS = "Change which passports the office makes"
    CHANGE_ROLL_OVER = "Change how unused places roll over to another lane"
    ADD_PLACES = "Add places to a slot that is open"
    READ_CLOSURES = "Read closures and how far people have been moved"
    CLOSE_OFFICE = "Close an office, hall or lane, reopen it, record who was informed"
    ANNOUNCE_HOLIDAY = "Announce a holiday of the office"
    ANNOUNCE_REGIONAL_HOLIDAY = "Announce a holiday of a region"
    ANNOUNCE_NATIONAL_HOLIDAY = "Announce a holiday of the nation"
    READ_LOTTERIES = "Read the lotteries"
    RECORD_PUBLIC_VALUE = "Enter and confirm the public value of a lottery"
    READ_RESTRICTIONS = "Read restrictions after missed bookings, and appeals"
    LIFT_RESTRICTION = "Answer appeals: lift or keep a restriction"
    DECIDE_OBJECTION = "Answer objections to a lottery or to a move without a new place"
    DECIDE_ABSENCE = "Decide whether absent people could have been served"
    READ_REFUSALS = "Read which bookings were refused, and the full reasons"
    READ_BROKER_SIGNALS = "Read signals of brokers"
    REVIEW_BROKER_SIGNAL = "Review a signal of brokers: record its outcome and the reason"
    READ_COMPLAINTS = "Read complaints about the office"
    ANSWER_COMPLAINT = "Answer complaints about the office"
    READ_PAYMENTS = "Read payments, and those that need a decision"
    DECIDE_PAYMENT = "Decide about late, double, short and wrong payments; refund them"
    IMPORT_SETTLEMENT = "Import the bank's settlement file"
    READ_INSPECTIONS = "Read the findings of inspections, with deadlines and answers"
    RECORD_FINDING = "Record what an inspection found; close it or return the answer"
    ANSWER_FINDING = "Answer a finding of an inspection"
    MANAGE_OFFICERS = "Invite, suspend and reset the officers of the office"
    READ_REPORTS = "Read reports"
    READ_OFFICERS_WORK = (
        "Read how long officers' work took, compared with what their mix of services takes"
    )
    READ_EVIDENCE = "Read the evidence report and download it"
    RECORD_DATA_REQUEST = "Record a person's request about their own data at the desk"
    READ_DATA_REQUESTS = "Read requests about personal data and how long data are kept"
    ANSWER_DATA_REQUEST = "Answer requests about personal data"
    # Lists
    READ_LISTS = "Read the lists of the office's data"
    CHANGE_LISTS = "Change the lists of reference data and staff roles"
    READ_BOOKINGS = "Read the lists of bookings and applicants"
    READ_MESSAGES = "Read the log of messages sent"
    READ_ALL_MESSAGES = "Read messages that belong to no office"
    SEND_MESSAGES_AGAIN = "Send undelivered messages again"
    READ_ACCOUNTS = "Read accounts and consents"
    CHANGE_ACCOUNTS = "Create and change accounts"
    READ_AUDIT = "Read the audit logs: changes to officers, changes made in lists"


_SUPERVISOR: Final = frozenset({Role.SUPERVISOR})
_GATE: Final = _SUPERVISOR | {Role.GATE}
_COUNTER: Final = _SUPERVISOR | {Role.COUNTER}
_PICKUP: Final = _SUPERVISOR | {Role.PICKUP}
_NATIONAL: Final = frozenset({Role.NATIONAL})
_OVERSIGHT: Final = _SUPERVISOR | {Role.REGIONAL, Role.NATIONAL}
_AUDIT: Final = frozenset({Role.NATIONAL, Role.DATA_PROTECTION_OFFICER})

ROLES_WITH: Final[Mapping[Right, frozenset[Role]]] = {
    Right.SERVE_GATE: _GATE,
    Right.SCREEN_PEOPLE: _GATE,
    Right.ADMIT_OFFICIAL_GUEST: _SUPERVISOR,
    Right.SERVE_COUNTER: _COUNTER,
    Right.CALL_OUT_OF_ORDER: _COUNTER,
    Right.END_VISIT: _GATE | _COUNTER,
    Right.BOOK_AT_DESK: _GATE | _COUNTER,
    Right.PRODUCE_PASSPORTS: _PICKUP,
    Right.HAND_OVER_PASSPORTS: _PICKUP,
    Right.RECORD_OUTAGE: _COUNTER | _PICKUP,
    Right.READ_CONTESTS: _COUNTER | _OVERSIGHT,
    Right.DECIDE_CONTEST: _COUNTER,
    Right.READ_TODAY: _OVERSIGHT,
    Right.FREE_COUNTER: _SUPERVISOR,
    Right.CLOSE_DAY: _SUPERVISOR,
    Right.MANAGE_KIOSKS: _SUPERVISOR,
    Right.ENTER_FROM_PAPER: _SUPERVISOR,
    Right.STOP_BOOKINGS: _SUPERVISOR,
    Right.READ_LOAD: _OVERSIGHT,
    Right.CHANGE_ROSTER: _SUPERVISOR,
    Right.ADD_EVENING_PLACES: _SUPERVISOR,
    Right.READ_RULES: _OVERSIGHT,
    Right.MAKE_DECREES: frozenset({Role.REGIONAL, Role.NATIONAL}),
    Right.LOAD_PRESET: _SUPERVISOR | _NATIONAL,
    Right.CHANGE_QUOTA: _SUPERVISOR,
    Right.CHANGE_RELEASE: _SUPERVISOR,
    Right.CHANGE_RETURNS: _SUPERVISOR,
    Right.CHANGE_PROTOCOL: _SUPERVISOR,
    Right.CHANGE_REBOOKING: _SUPERVISOR,
    Right.CHANGE_DAY_RULES: _SUPERVISOR,
    Right.CHANGE_ATTENDANCE: _SUPERVISOR,
    Right.CHANGE_ADMISSION: _SUPERVISOR,
    Right.CHANGE_NO_SHOW: _SUPERVISOR,
    Right.CHANGE_LIMITS: _SUPERVISOR,
    Right.CHANGE_PRODUCTS: _SUPERVISOR,
    Right.CHANGE_ROLL_OVER: _SUPERVISOR,
    Right.ADD_PLACES: _SUPERVISOR,
    Right.READ_CLOSURES: _OVERSIGHT,
    Right.CLOSE_OFFICE: _SUPERVISOR,
    Right.ANNOUNCE_HOLIDAY: _OVERSIGHT,
    Right.ANNOUNCE_REGIONAL_HOLIDAY: frozenset({Role.REGIONAL}),
    Right.ANNOUNCE_NATIONAL_HOLIDAY: _NATIONAL,
    Right.READ_LOTTERIES: _OVERSIGHT,
    Right.RECORD_PUBLIC_VALUE: _OVERSIGHT,
    Right.READ_RESTRICTIONS: _OVERSIGHT,
    Right.LIFT_RESTRICTION: _SUPERVISOR,
    Right.DECIDE_OBJECTION: _SUPERVISOR,
    Right.DECIDE_ABSENCE: _SUPERVISOR,
    Right.READ_REFUSALS: _OVERSIGHT,
    Right.READ_BROKER_SIGNALS: _OVERSIGHT,
    Right.REVIEW_BROKER_SIGNAL: _SUPERVISOR,
    Right.READ_COMPLAINTS: _OVERSIGHT,
    Right.ANSWER_COMPLAINT: _SUPERVISOR,
    Right.READ_PAYMENTS: _OVERSIGHT,
    Right.DECIDE_PAYMENT: _SUPERVISOR | _NATIONAL,
    Right.IMPORT_SETTLEMENT: _SUPERVISOR | _NATIONAL,
    Right.READ_INSPECTIONS: _OVERSIGHT,
    Right.RECORD_FINDING: frozenset({Role.REGIONAL, Role.NATIONAL}),
    Right.ANSWER_FINDING: _SUPERVISOR,
    Right.MANAGE_OFFICERS: _SUPERVISOR,
    Right.READ_REPORTS: _OVERSIGHT,
    Right.READ_OFFICERS_WORK: _SUPERVISOR,
    Right.READ_EVIDENCE: _OVERSIGHT,
    Right.RECORD_DATA_REQUEST: _GATE | _COUNTER,
    Right.READ_DATA_REQUESTS: _OVERSIGHT | _AUDIT,
    Right.ANSWER_DATA_REQUEST: _SUPERVISOR | {Role.DATA_PROTECTION_OFFICER},
    Right.READ_LISTS: _OVERSIGHT,
    Right.CHANGE_LISTS: _NATIONAL,
    Right.READ_BOOKINGS: _GATE | _COUNTER | _OVERSIGHT,
    Right.READ_MESSAGES: _OVERSIGHT | _AUDIT,
    Right.READ_ALL_MESSAGES: _AUDIT,
    Right.SEND_MESSAGES_AGAIN: _SUPERVISOR | _NATIONAL,
    Right.READ_ACCOUNTS: _NATIONAL,
    Right.CHANGE_ACCOUNTS: _NATIONAL,
    Right.READ_AUDIT: _AUDIT,
}


def is_officer(user: User) -> bool:
    """True if the account is active, staff, and has the second factor where one is required."""
    return bool(
        user.is_authenticated and user.is_active and user.is_staff and has_second_factor(user)
    )


def has_right(user: User, right: Right, *, office: Office, now: datetime) -> bool:
    """True if the user is an officer and has a role with this right at the office today (local date)."""
    if not is_officer(user):
        return False
    if user.is_superuser:
        return True
    rows = roles_of(user, day=office.local_day(now))
    return any(row.role in ROLES_WITH[right] and _covers(row, office) for row in rows)


def check_right(user: User | None, right: Right, *, office: Office, now: datetime) -> None:
    """Raise NotAllowed unless the user has the right at this office today."""
    if user is None or not has_right(user, right, office=office, now=now):
        raise NotAllowed


def check_national_right(user: User | None, right: Right, *, now: datetime) -> None:
    """Raise NotAllowed unless a national role gives the user the right today (date of the capital)."""
    if user is None or not is_officer(user):
        raise NotAllowed
    rows = roles_of(user, day=local_day(now, settings.TIME_ZONE))
    has_it = any(Role(row.role).is_national and row.role in ROLES_WITH[right] for row in rows)
    if not (user.is_superuser or has_it):
        raise NotAllowed


def offices_with(user: User, *rights: Right, now: datetime) -> QuerySet[Office]:
    """Return the offices where the user has one of the rights today (each office's local date)."""
    if user.is_superuser and is_officer(user):
        return Office.objects.all()
    roles = _roles_with(*rights)
    ids = [office.pk for office, own in roles_by_office(user, now=now) if own & roles]
    return Office.objects.filter(pk__in=ids)


def list_offices_with(user: User, *rights: Right, now: datetime) -> list[Office]:
    """Return the offices of `offices_with`, each with its region, by name."""
    roles = _roles_with(*rights)
    return sorted(
        (
            office
            for office, own in roles_by_office(user, now=now)
            if user.is_superuser or own & roles
        ),
        key=lambda office: office.name,
    )


def roles_by_office(user: User, *, now: datetime) -> list[tuple[Office, frozenset[Role]]]:
    """Return the offices that the user's roles may cover, with the roles in force there today.

    Today is each office's local date. An officer's request computes the list once.
    """
    if not is_officer(user):
        return []
    kept = user.kept_in_request
    if kept is None:
        return _roles_by_office(user, now=now)
    if "roles_by_office" not in kept:
        kept["roles_by_office"] = _roles_by_office(user, now=now)
    pairs: list[tuple[Office, frozenset[Role]]] = kept["roles_by_office"]
    return pairs


def _roles_by_office(user: User, *, now: datetime) -> list[tuple[Office, frozenset[Role]]]:
    rows = all_roles_of(user)
    if user.is_superuser or any(row.office_id is None for row in rows):
        offices = list(Office.objects.select_related("region"))
    else:
        offices = list({row.office_id: row.office for row in rows if row.office}.values())
    return [
        (
            office,
            frozenset(
                Role(row.role)
                for row in rows
                if row.is_in_force(office.local_day(now)) and _covers(row, office)
            ),
        )
        for office in offices
    ]


def workplace(user: User, *rights: Right, now: datetime) -> Office | None:
    """Return the office of the user's newest posting today that has one of the rights."""
    roles = _roles_with(*rights)
    rows = [row for row in all_roles_of(user) if row.role in roles and row.office is not None]
    for row in sorted(rows, key=lambda row: (row.valid_from, row.pk), reverse=True):
        office = row.office
        if office is not None and row.is_in_force(office.local_day(now)):
            return office
    return None


def _roles_with(*rights: Right) -> frozenset[Role]:
    return frozenset[Role]().union(*(ROLES_WITH[right] for right in rights))


def _covers(row: StaffRole, office: Office) -> bool:
    if row.office_id is not None:
        return row.office_id == office.pk
    return row.region_id is None or row.region_id == office.region_id


def permission_table() -> str:
    """Return the table as Markdown: a line for each right, a column for each role."""
    names = [str(role.value).replace("_", " ") for role in Role]
    lines = [
        "# Permissions",
        "",
        "Rendered from `offices/permissions.py` by `manage.py permission_table`; do not edit by hand.",
        "",
        "Gate, counter, pickup and supervisor officers have their rights at their own office, regional officers at the",
        "offices of their region, national officers and data protection officers everywhere. An officer is active, staff,",
        "in a role that is in force today by the office's calendar, and has passed the second factor in this session where",
        "one is required. Superusers have every right.",
        "",
        f"| Right | | {' | '.join(names)} |",
        f"|---|---|{'---|' * len(names)}",
    ]
    for right, roles in ROLES_WITH.items():
        marks = " | ".join("yes" if role in roles else "" for role in Role)
        lines.append(f"| `{right.name}` | {right.value} | {marks} |")
    return "\n".join(lines) + "\n"
