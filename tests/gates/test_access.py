"""Law 10: every URL below /admin/ is requested with every role, at the own office and at another.

The answers must match the one table; a URL without an entry here fails. Refusals by the screens are all requested.
Of the pages that open, and of Django's lists, each commit requests another half; `make test-long` requests all.
"""

from dataclasses import dataclass, field
from itertools import product

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client

from accounts.models import User
from offices.directory.models import Office, Region
from offices.permissions import ROLES_WITH, Right
from offices.staff.models import Role
from tests.builders import make_office, make_officer, make_user
from tests.gates.routes import every_route
from tests.gates.visits import EVERY_FACE, is_old_address
from tests.gates.world import World
from tests.sample import is_in_turn

pytestmark = pytest.mark.django_db(transaction=True)
R = Right
NOBODY = "applicant"
ROLES = [*Role.values, NOBODY]
REFUSED = {403, 404}
ANSWERED = {200, 302, 400, 409}


@dataclass(frozen=True)
class Entry:
    """The rights that a URL requires for GET and for POST."""

    reads: Right | None = None
    writes: Right | None = None


SCREENS = {
    "draws:desk": Entry(R.READ_LOTTERIES),
    "draws:value": Entry(None, R.RECORD_PUBLIC_VALUE),
    "draws:round": Entry(None, R.RECORD_PUBLIC_VALUE),
    "counters:complaints": Entry(R.READ_COMPLAINTS),
    "counters:complaint": Entry(R.READ_COMPLAINTS, R.ANSWER_COMPLAINT),
    "counters:satisfaction": Entry(R.READ_REPORTS),
    "payments:payments": Entry(R.READ_PAYMENTS, R.IMPORT_SETTLEMENT),
    "payments:payment": Entry(R.READ_PAYMENTS, R.DECIDE_PAYMENT),
    "payments:settlement": Entry(R.READ_PAYMENTS),
    "objections:objections": Entry(R.READ_RESTRICTIONS),
    "objections:objection": Entry(R.READ_RESTRICTIONS, R.DECIDE_OBJECTION),
    "absences:absences": Entry(R.READ_RESTRICTIONS),
    "absences:absence": Entry(R.READ_RESTRICTIONS, R.DECIDE_ABSENCE),
    "holidays:holidays": Entry(R.READ_CLOSURES),
    "holidays:holiday_new": Entry(R.ANNOUNCE_HOLIDAY, R.ANNOUNCE_HOLIDAY),
    "holidays:holiday_withdraw": Entry(None, R.ANNOUNCE_HOLIDAY),
    "holidays:proposals": Entry(R.ANNOUNCE_NATIONAL_HOLIDAY),
    "holidays:proposal_decide": Entry(None, R.ANNOUNCE_NATIONAL_HOLIDAY),
    "holidays:hours": Entry(R.READ_CLOSURES, R.CLOSE_OFFICE),
    "closures:closures": Entry(R.READ_CLOSURES),
    "closures:closure_new": Entry(R.CLOSE_OFFICE, R.CLOSE_OFFICE),
    "closures:closure": Entry(R.READ_CLOSURES, R.CLOSE_OFFICE),
    "closures:told": Entry(None, R.CLOSE_OFFICE),
    "brokers:contests": Entry(R.READ_CONTESTS),
    "brokers:contest": Entry(R.READ_CONTESTS, R.DECIDE_CONTEST),
    "brokers:contest_at_desk": Entry(R.DECIDE_CONTEST, R.DECIDE_CONTEST),
    "brokers:restrictions": Entry(R.READ_RESTRICTIONS),
    "brokers:restriction": Entry(R.READ_RESTRICTIONS, R.LIFT_RESTRICTION),
    "brokers:evidence": Entry(R.LIFT_RESTRICTION),
    "refusals:refusals": Entry(R.READ_REFUSALS, R.READ_REFUSALS),
    "photos:photo": Entry(R.SERVE_COUNTER),
    "brokers:signals": Entry(R.READ_BROKER_SIGNALS),
    "brokers:signal_seen": Entry(None, R.REVIEW_BROKER_SIGNAL),
    "officers:officers": Entry(R.MANAGE_OFFICERS, R.MANAGE_OFFICERS),
    "officers:officer": Entry(R.MANAGE_OFFICERS),
    "officers:officer_do": Entry(None, R.MANAGE_OFFICERS),
    "officers:inspections": Entry(R.READ_INSPECTIONS, R.RECORD_FINDING),
    "officers:inspection_answer": Entry(None, R.ANSWER_FINDING),
    "officers:inspection_judge": Entry(None, R.RECORD_FINDING),
    "counters:gate": Entry(R.SERVE_GATE, R.SERVE_GATE),
    "counters:gate_walk_in": Entry(R.SERVE_GATE, R.SERVE_GATE),
    "counters:assist": Entry(R.BOOK_AT_DESK, R.BOOK_AT_DESK),
    "counters:assist_ticket": Entry(R.BOOK_AT_DESK),
    "counters:assist_cancel": Entry(None, R.BOOK_AT_DESK),
    "counters:screening": Entry(R.SCREEN_PEOPLE, R.SCREEN_PEOPLE),
    "counters:screening_person": Entry(R.SCREEN_PEOPLE, R.SCREEN_PEOPLE),
    "counters:screening_decide": Entry(None, R.SCREEN_PEOPLE),
    "counters:protocol": Entry(R.READ_RULES, R.CHANGE_PROTOCOL),
    "counters:protocol_off": Entry(None, R.CHANGE_PROTOCOL),
    "counters:gate_card": Entry(R.SERVE_GATE, R.SERVE_GATE),
    "counters:gate_check_in": Entry(None, R.SERVE_GATE),
    "counters:gate_application": Entry(R.SERVE_GATE, R.SERVE_GATE),
    "counters:gate_refuse": Entry(None, R.SERVE_GATE),
    "counters:gate_leave": Entry(None, R.SERVE_GATE),
    "counters:gate_hours": Entry(R.SERVE_GATE, R.SERVE_GATE),
    "counters:gate_turn_away": Entry(R.SERVE_GATE, R.SERVE_GATE),
    "counters:gate_next_hour": Entry(None, R.SERVE_GATE),
    "counters:gate_undo": Entry(None, R.SERVE_GATE),
    "counters:gate_priority": Entry(None, R.SERVE_GATE),
    "counters:kiosks": Entry(R.MANAGE_KIOSKS, R.MANAGE_KIOSKS),
    "counters:kiosk_revoke": Entry(None, R.MANAGE_KIOSKS),
    "counters:from_paper": Entry(R.ENTER_FROM_PAPER, R.ENTER_FROM_PAPER),
    "counters:paper": Entry(R.SERVE_GATE),
    "counters:counter": Entry(R.SERVE_COUNTER, R.SERVE_COUNTER),
    "counters:counter_take": Entry(None, R.SERVE_COUNTER),
    "counters:counter_out_of_order": Entry(R.CALL_OUT_OF_ORDER, R.CALL_OUT_OF_ORDER),
    "counters:counter_do": Entry(None, R.SERVE_COUNTER),
    "counters:counter_work": Entry(None, R.SERVE_COUNTER),
    "counters:counter_visit": Entry(None, R.SERVE_COUNTER),
    "counters:counter_draft": Entry(None, R.SERVE_COUNTER),
    "counters:counter_receipt": Entry(R.SERVE_COUNTER, None),
    "counters:outage": Entry(R.RECORD_OUTAGE, R.RECORD_OUTAGE),
    "counters:outage_end": Entry(None, R.RECORD_OUTAGE),
    "counters:outage_confirm": Entry(None, R.RECORD_OUTAGE),
    "counters:late_reason": Entry(None, R.SERVE_COUNTER),
    "counters:waits": Entry(R.READ_TODAY),
    "counters:late_visit": Entry(None, R.CLOSE_DAY),
    "counters:production": Entry(R.PRODUCE_PASSPORTS, R.PRODUCE_PASSPORTS),
    "counters:production_do": Entry(None, R.PRODUCE_PASSPORTS),
    "counters:production_batch": Entry(None, R.PRODUCE_PASSPORTS),
    "counters:pickup": Entry(R.HAND_OVER_PASSPORTS, R.HAND_OVER_PASSPORTS),
    "counters:hand_over": Entry(R.HAND_OVER_PASSPORTS, R.HAND_OVER_PASSPORTS),
    "counters:pickup_file": Entry(R.HAND_OVER_PASSPORTS),
    "counters:drive_thru": Entry(R.HAND_OVER_PASSPORTS, R.HAND_OVER_PASSPORTS),
    "counters:uncollected": Entry(R.HAND_OVER_PASSPORTS),
    "counters:today": Entry(R.READ_TODAY),
    "counters:today_offices": Entry(R.READ_TODAY),
    "counters:switch": Entry(R.READ_TODAY, R.STOP_BOOKINGS),
    "counters:free_counter": Entry(None, R.FREE_COUNTER),
    "counters:closing": Entry(R.READ_TODAY, R.CLOSE_DAY),
    "counters:closing_informed": Entry(None, R.CLOSE_DAY),
    "counters:capacity": Entry(R.READ_LOAD),
    "counters:evening": Entry(R.READ_LOAD, R.ADD_EVENING_PLACES),
    "counters:roster": Entry(R.READ_LOAD, R.CHANGE_ROSTER),
    "counters:shift_do": Entry(None, R.CHANGE_ROSTER),
    "counters:rules": Entry(R.READ_RULES),
    "counters:rules_places": Entry(R.ADD_PLACES, R.ADD_PLACES),
    "counters:rules_roll_over": Entry(R.CHANGE_ROLL_OVER, R.CHANGE_ROLL_OVER),
    "counters:rules_returns": Entry(R.READ_RULES, R.CHANGE_RETURNS),
    "counters:decrees": Entry(R.MAKE_DECREES),
    "counters:decree": Entry(R.MAKE_DECREES, R.MAKE_DECREES),
    "counters:rules_attendance": Entry(R.READ_RULES, R.CHANGE_ATTENDANCE),
    "counters:rules_admission": Entry(R.READ_RULES, R.CHANGE_ADMISSION),
    "counters:rules_no_show": Entry(R.READ_RULES, R.CHANGE_NO_SHOW),
    "counters:rules_limit": Entry(R.READ_RULES, R.CHANGE_LIMITS),
    "counters:rules_products": Entry(R.READ_RULES, R.CHANGE_PRODUCTS),
    "counters:rules_notice": Entry(R.READ_RULES, R.CHANGE_RELEASE),
    "counters:rules_rebooking": Entry(R.READ_RULES, R.CHANGE_REBOOKING),
    "counters:rules_day": Entry(R.READ_RULES, R.CHANGE_DAY_RULES),
    "counters:rules_ledger": Entry(R.READ_RULES),
    "presets:presets": Entry(R.LOAD_PRESET, R.LOAD_PRESET),
    "counters:rules_quota": Entry(R.CHANGE_QUOTA, R.CHANGE_QUOTA),
    "counters:rules_release": Entry(R.CHANGE_RELEASE, R.CHANGE_RELEASE),
    "protection:requests": Entry(R.READ_DATA_REQUESTS),
    "protection:at_desk": Entry(R.RECORD_DATA_REQUEST, R.RECORD_DATA_REQUEST),
    "protection:request": Entry(R.READ_DATA_REQUESTS, R.ANSWER_DATA_REQUEST),
    "protection:request_file": Entry(None, R.ANSWER_DATA_REQUEST),
    "protection:correct_person": Entry(R.ANSWER_DATA_REQUEST, R.ANSWER_DATA_REQUEST),
    "reports:paper_list": Entry(R.SERVE_GATE),
    "reports:daily_load": Entry(R.READ_REPORTS),
    "reports:promises": Entry(R.READ_REPORTS),
    "reports:reminders": Entry(R.READ_REPORTS),
    "reports:evidence": Entry(R.READ_EVIDENCE),
    "reports:advice": Entry(R.READ_LOAD, R.CHANGE_QUOTA),
    "reports:simulation": Entry(R.READ_LOAD),
    "reports:daily_load_people": Entry(R.READ_REPORTS),
    "reports:subscriptions": Entry(R.READ_REPORTS, R.READ_REPORTS),
    "reports:sent": Entry(R.READ_REPORTS),
    "reports:forecast": Entry(R.READ_REPORTS),
}
# The lotteries of the world belong to a separate office.
OF_ANOTHER_OFFICE = {"draws:value", "draws:round"}
# Pages of every officer: the handbook, and Django's sign-in, home, list of lists, script texts, 404.
FRAME = {
    "handbook:contents",
    "handbook:page",
    "admin:index",
    "admin:login",
    "admin:logout",
    "admin:password_change",
    "admin:password_change_done",
    "admin:autocomplete",
    "admin:jsi18n",
    "admin:view_on_site",
    "admin:app_list",
    "admin/(?P<url>.*)$",
}
LISTS = Entry(R.READ_LISTS, R.CHANGE_LISTS)
READ_ONLY = Entry(R.READ_LISTS)
BOOKINGS = Entry(R.READ_BOOKINGS)
TABLES = {
    "account.emailaddress": Entry(R.READ_ACCOUNTS),
    "accounts.user": Entry(R.READ_ACCOUNTS, R.CHANGE_ACCOUNTS),
    "admin.logentry": Entry(R.READ_AUDIT),
    "booking.applicant": BOOKINGS,
    "booking.booking": BOOKINGS,
    "booking.waitinglistentry": READ_ONLY,
    "counters.countersession": READ_ONLY,
    "counters.drivethruvisit": READ_ONLY,
    "counters.passportbook": READ_ONLY,
    "counters.pickup": READ_ONLY,
    "counters.gaterefusal": READ_ONLY,
    "counters.visit": READ_ONLY,
    "notices.linkanswer": Entry(R.READ_AUDIT),
    "notices.message": Entry(R.READ_MESSAGES),
    "offices.officerevent": Entry(R.READ_AUDIT),
    "offices.personread": Entry(R.READ_AUDIT),
    "privacy.readingday": Entry(R.READ_AUDIT),
    "privacy.retentionrun": Entry(R.READ_AUDIT),
    "offices.outage": READ_ONLY,
    "offices.rostershift": READ_ONLY,
    "offices.stagetime": READ_ONLY,
    "quotas.place": READ_ONLY,
    "quotas.quotapolicy": READ_ONLY,
    "quotas.releaserule": READ_ONLY,
    "quotas.releasewindow": READ_ONLY,
    "quotas.returnrule": READ_ONLY,
    "quotas.slot": READ_ONLY,
    "offices.finding": READ_ONLY,
    "reports.demandday": READ_ONLY,
    "reports.forecastrun": READ_ONLY,
    "offices.holiday": READ_ONLY,
    "quotas.noticerule": READ_ONLY,
    "counters.collectionrule": READ_ONLY,
    "counters.drivethrurule": READ_ONLY,
    "offices.admissionrule": READ_ONLY,
    "offices.attendance": READ_ONLY,
    "offices.bookinglimit": READ_ONLY,
    "offices.dayrule": READ_ONLY,
    "offices.counter": READ_ONLY,
    "offices.hall": READ_ONLY,
    "offices.halllimit": READ_ONLY,
    "offices.noshowrule": READ_ONLY,
    "offices.productrule": READ_ONLY,
    "offices.protocol": READ_ONLY,
    "offices.rebookingrule": READ_ONLY,
    "offices.openinghours": READ_ONLY,
} | dict.fromkeys(
    (
        "notices.channelrule",
        "booking.reminderwording",
        "offices.device",
        "offices.fee",
        "offices.lane",
        "offices.office",
        "offices.paymentrule",
        "offices.reason",
        "offices.region",
        "offices.servicegroup",
        "offices.servicetype",
        "offices.staffrole",
        "privacy.retentionrule",
    ),
    LISTS,
)
# Tables of installed packages: superusers only. Those with secrets of sign-in have no list.
TABLES |= {
    "auth.group": Entry(),
}
# National rows, which every reader of lists can read.
SHARED = {
    "notices.channelrule",
    # Wordings are the same in the whole country.
    "booking.reminderwording",
    "offices.admissionrule",
    "offices.attendance",
    "quotas.noticerule",
    "counters.collectionrule",
    "offices.dayrule",
    "offices.reason",
    "offices.fee",
    "offices.lane",
    "offices.region",
    "offices.servicegroup",
    "offices.servicetype",
    "offices.holiday",
    "offices.bookinglimit",
    "offices.noshowrule",
    "offices.productrule",
    "offices.protocol",
    "offices.rebookingrule",
    "privacy.retentionrule",
    "quotas.quotapolicy",
    "quotas.releaserule",
    "quotas.returnrule",
}


@dataclass(frozen=True)
class Matrix:
    """One office with data behind every URL, its officers, and the same roles elsewhere."""

    world: World
    own: dict[str, Client]
    other: dict[str, Client]
    paths: dict[str, str]


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def elsewhere(role: str, office: Office, region: Region) -> User:
    if role == NOBODY:
        return make_user()
    if role == Role.REGIONAL:
        return make_officer(None, Role.REGIONAL, region=region)
    return make_officer(None if Role(role).is_national else office, Role(role))


@pytest.fixture
def matrix(world: World) -> Matrix:
    paths = dict(
        reversed([(visit.route, visit.path) for face in EVERY_FACE for visit in face(world)])
    )
    office = make_office("lain", region="lain")
    return Matrix(
        world=world,
        own={role: signed_in(world.people[role]) for role in ROLES},
        other={role: signed_in(elsewhere(role, office, office.region)) for role in ROLES},
        paths=paths,
    )


def may(role: str, right: Right | None) -> bool:
    return role != NOBODY and right is not None and Role(role) in ROLES_WITH[right]


def post(client: Client, path: str) -> int:
    """POST an empty form and roll back its effects."""
    with transaction.atomic():
        status = client.post(path).status_code
        transaction.set_rollback(True)
    return status


def expected(entry: Entry, role: str, method: str, *, is_own: bool) -> set[int]:
    """Return the statuses that the table allows an officer of this role."""
    if method == "POST" and entry.writes is None:
        return {405}
    if method == "GET" and entry.reads is None:
        return {405}
    if not may(role, entry.reads) and not may(role, entry.writes):
        return {403}
    if not is_own and not Role(role).is_national:
        return {404}
    return ANSWERED if may(role, entry.writes if method == "POST" else entry.reads) else {403}


def test_every_url_has_an_entry() -> None:
    names = {route.name for route in every_route() if route.pattern.startswith("admin/")}
    tables = {f"{model._meta.app_label}.{model._meta.model_name}" for model in admin.site._registry}
    assert tables == TABLES.keys()
    lists = {
        f"admin:{table.replace('.', '_')}_{page}"
        for table in tables
        for page in ("changelist", "add", "change", "delete", "history")
    }
    more = {route.name for route in every_route() if is_old_address(route.pattern)}
    extra = names - SCREENS.keys() - FRAME - lists - more
    assert not extra, "give these URLs an entry"
    assert SCREENS.keys() <= names
    assert set(ROLES_WITH) == set(Right)


@dataclass
class Findings:
    """Requests whose response differs from the table."""

    is_thorough: bool
    wrong: list[str] = field(default_factory=list)

    def has_turn(self, *case: str) -> bool:
        return self.is_thorough or is_in_turn(" ".join(case), of=2)

    def check(self, client: Client, method: str, path: str, allowed: set[int], what: str) -> None:
        status = client.get(path).status_code if method == "GET" else post(client, path)
        if status not in allowed:
            self.wrong.append(f"{method} {what}: {status}, not in {sorted(allowed)}")


@pytest.fixture
def findings(request: pytest.FixtureRequest) -> Findings:
    return Findings(request.config.getoption("--slow"))


def test_screens_open_by_the_table_at_the_own_office_only(
    matrix: Matrix, findings: Findings
) -> None:
    for name, entry in SCREENS.items():
        path = matrix.paths[name]
        for role, method in product(ROLES, ("GET", "POST")):
            allowed = expected(entry, role, method, is_own=name not in OF_ANOTHER_OFFICE)
            if allowed == {405} and role != Role.SUPERVISOR:
                continue
            if allowed != ANSWERED or findings.has_turn(name, role, method):
                findings.check(matrix.own[role], method, path, allowed, f"{name} {role}")
            if may(role, entry.reads) or may(role, entry.writes):
                allowed = expected(entry, role, method, is_own=False)
                # Where the path contains no object of the office, add the office.
                named = f"{path.partition('?')[0]}?office={matrix.world.office.code}"
                if allowed != ANSWERED or findings.has_turn(name, role, method, "other"):
                    what = f"{name} other {role}"
                    findings.check(matrix.other[role], method, named, allowed, what)
        answer = getattr(Client(), "get" if entry.reads else "post")(path)
        assert answer.status_code == 302, name
        assert answer.headers["Location"].startswith("/akun/"), name
    assert not findings.wrong, "\n".join(findings.wrong)


def test_lists_open_by_the_table(matrix: Matrix, findings: Findings) -> None:
    for table, entry in TABLES.items():
        for page, role in product(("changelist", "change", "history", "add", "delete"), ROLES):
            if not findings.has_turn(table, page, role):
                continue
            path = matrix.paths[f"admin:{table.replace('.', '_')}_{page}"]
            is_read = page in ("changelist", "change", "history")
            # Some rows cannot be added or deleted by hand, or belong to no office of this officer.
            allowed = {200} if page == "changelist" else {200, 302, 403}
            if role == NOBODY:
                allowed = {302, 403}
            elif not may(role, entry.reads if is_read else entry.writes):
                # Django reports a missing row before it checks the right to read its history.
                allowed = REFUSED | ({302} if page == "history" else set())
            findings.check(matrix.own[role], "GET", path, allowed, f"{table} {page} {role}")
        path = matrix.paths[f"admin:{table.replace('.', '_')}_change"]
        for role in Role.values:
            if not may(role, entry.writes) and findings.has_turn(table, role):
                findings.check(matrix.own[role], "POST", path, REFUSED | {302}, f"{table} {role}")
        if table not in SHARED and entry.reads != R.READ_AUDIT:
            findings.check(
                matrix.other["supervisor"], "GET", path, {302, 403, 404}, f"{table} other office"
            )
    assert not findings.wrong, "\n".join(findings.wrong)
