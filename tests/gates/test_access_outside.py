"""Law 10 outside /admin/: every verb of every URL by a visitor, the owner, another account and officers.

An officer's account gets there what any other account gets: officers' rights end at /admin/ and the reports.
A URL without an entry here fails. A verb that a URL does not offer is sent by one of visitor, owner and officer, by
another at each commit; `make test-long` sends it by all.
"""

from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import User
from accounts.services import issue_token
from offices.staff.models import Role
from tests.builders import make_office, make_officer, make_user
from tests.gates.routes import every_route
from tests.gates.visits import EVERY_FACE, SIGNPOSTS
from tests.gates.world import World
from tests.sample import one_of

pytestmark = pytest.mark.django_db(transaction=True)

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
GET, POST, BOTH = ("GET",), ("POST",), ("GET", "POST")
# Views of the sign-in library treat PUT as POST.
LIBRARY = ("GET", "POST", "PUT")
NOT_SIGNED_IN = {"page": 302, "api": 401}
NOT_OFFERED = 405
HIDDEN = 404


@dataclass(frozen=True)
class Entry:
    """The verbs that a URL answers, and its users.

    Without `for_accounts` everybody gets the same. `owner` is a user of the world who owns the URL's object: nobody else gets it. `may_differ` is for pages about the own account, which depend on it.
    """

    verbs: tuple[str, ...]
    for_accounts: bool = False
    owner: str = ""
    for_reports: bool = False
    may_differ: bool = False


def everybody(verbs: tuple[str, ...], *names: str, **more: Any) -> dict[str, Entry]:
    return dict.fromkeys(names, Entry(verbs, **more))


def accounts(verbs: tuple[str, ...], *names: str, **more: Any) -> dict[str, Entry]:
    return dict.fromkeys(names, Entry(verbs, for_accounts=True, **more))


TABLE = {
    # Machines and public pages
    **everybody(GET, "healthz", "readyz", "metrics", "api_schema", "api_docs"),
    **everybody(GET, "styleguide", "styleguide_desk", "styleguide_error"),
    **everybody(GET, "mailbox", "mailbox_letter", "mailbox_calendar", "demo", "demo_progress"),
    **everybody(BOTH, "demo_bank"),
    **everybody(GET, "demo_settlement"),
    # The bank signs its notices.
    **everybody(POST, "booking:bank_notice"),
    **everybody(POST, "demo_sign_in", "demo_scene", "demo_gateway"),
    # The gateway's reports are signed.
    **everybody(POST, "notices:gateway_report"),
    **everybody(GET, "booking:home", "booking:offices", "booking:office", "booking:day"),
    **everybody(GET, "booking:finder", "booking:office_standard"),
    **everybody(GET, "booking:releases", "booking:feed", "booking:office_feed"),
    **everybody(GET, "booking:room", "booking:room_status", "booking:room_proof"),
    **everybody(GET, "booking:draw_how", "booking:draw", "booking:draw_proof", "draw_proof"),
    **everybody(BOTH, "feedback:complain", "feedback:complaint_follow"),
    **everybody(BOTH, "feedback:survey", "feedback:survey_stop"),
    # A passport is followed by code and birth date, which open a session for it.
    **everybody(BOTH, "passport:follow", "passport:hour", "passport:letter"),
    **everybody(GET, "passport:status", "passport:letter_print"),
    **everybody(POST, "passport:survey", "passport:leave"),
    **everybody(GET, "feedback:survey_link"),
    **everybody(BOTH, "feedback:survey_stop_link", may_differ=True),
    **everybody(GET, "transparency:index", "transparency:office", "transparency:dictionary"),
    **everybody(GET, "transparency:data_csv", "transparency:data_json"),
    **everybody(GET, "display:board", "display:board_of_hall", "office_board"),
    # A kiosk has a token of its own.
    **everybody(BOTH, "display:kiosk"),
    **everybody(POST, "kiosk_pair", "kiosk_check_in"),
    **everybody(GET, "offices", "office", "releases"),
    **everybody(GET, "office_calls"),
    **everybody(GET, "office_windows", "office_calendar", "office_slots"),
    **everybody(GET, "pages:requirements", "pages:help", "pages:complaints", "pages:privacy"),
    **everybody(
        GET, "pages:accessibility", "pages:manifest", "pages:offline", "pages:service_worker"
    ),
    **everybody(GET, "pages:favicon", "pages:robots"),
    **everybody(POST, "pages:set_language", "pages:set_theme"),
    # Links in messages: anybody with the link
    **everybody(BOTH, "booking:watch", "booking:watch_confirm", "booking:watch_stop"),
    **everybody(GET, "booking:watch_confirm_link", "booking:waiting_stop_link"),
    **everybody(GET, "booking:offer_link", "booking:move_link"),
    # A mail program's one-click
    **everybody(BOTH, "booking:watch_stop_link", "accounts:stop_reminders_link", may_differ=True),
    **everybody(GET, "accounts:confirm_address_link", "accounts:new_password_link"),
    **everybody(BOTH, "accounts:confirm_address", "accounts:new_password", may_differ=True),
    # The owner without a link; others with the link only
    **everybody(BOTH, "booking:waiting_stop", "booking:offer", owner="applicant"),
    # With the link only
    **everybody(BOTH, "booking:move", "accounts:stop_reminders"),
    # Accounts
    **accounts(BOTH, "booking:book", "booking:waiting_join", "booking:draw_enter"),
    **accounts(GET, "booking:bookings", "booking:waiting", "booking:people"),
    **accounts(
        GET, "booking:restrictions", "booking:objections", "booking:contests", "pages:account"
    ),
    **accounts(BOTH, "booking:person_add", "accounts:reminders", "accounts:messages"),
    **accounts(BOTH, "booking:finder_start", may_differ=True),
    **accounts(BOTH, "accounts:address_code", may_differ=True),
    **accounts(GET, "booking:refusals", "privacy:home"),
    **accounts(BOTH, "privacy:download", "privacy:delete", "privacy:correct", may_differ=True),
    **accounts(POST, "privacy:switch"),
    **accounts(POST, "privacy:withdraw", owner="applicant"),
    **accounts(POST, "booking:room_join"),
    **accounts(BOTH, "applicants", "bookings", "waiting_list", "contests", "webhooks"),
    **accounts(GET, "own_entries", "moves", "restrictions", "payments"),
    **accounts(GET, "auth_tokens", may_differ=True),
    **accounts(POST, "draw_entries", "auth_logout", "auth_logout_all"),
    # A move of none of these accounts: nobody finds it.
    **accounts(POST, "move_accept", "move_choose"),
    **everybody(POST, "auth_register", "auth_token", "auth_confirm"),
    # Anybody reads the room's status; an account joins.
    "window_room": Entry(BOTH, may_differ=True),
    # Objects of one account
    **accounts(GET, "booking:ticket", "booking:ticket_calendar", owner="applicant"),
    **accounts(GET, "booking:receipt", "booking:receipt_file", owner="applicant"),
    **accounts(POST, "booking:renew_code", owner="applicant"),
    **accounts(GET, "booking:party", "booking:party_calendar", owner="entrant"),
    **accounts(BOTH, "booking:party_cancel", "booking:party_move", owner="entrant"),
    **accounts(BOTH, "drive_thru:hour", owner="applicant"),
    **accounts(GET, "passport:open", owner="applicant"),
    **accounts(BOTH, "booking:cancel", "booking:reschedule", owner="applicant"),
    **accounts(BOTH, "booking:person", "booking:person_remove", owner="applicant"),
    **accounts(BOTH, "booking:application_for", owner="applicant"),
    **accounts(
        GET, "booking:application", "booking:photos", "booking:photo_file", owner="applicant"
    ),
    **accounts(BOTH, "booking:photo", owner="applicant"),
    **accounts(POST, "booking:photo_remove", owner="applicant"),
    **accounts(POST, "booking:waiting_leave", owner="applicant"),
    **accounts(GET, "booking:draw_entry", owner="entrant"),
    **accounts(POST, "booking:draw_claim", "booking:draw_withdraw", owner="entrant"),
    **accounts(BOTH, "booking:object_to_lottery", owner="entrant"),
    **accounts(BOTH, "booking:object_to_move", owner="applicant"),
    **accounts(BOTH, "booking:appeal", "booking:contest_new", owner="entrant"),
    **accounts(GET, "booking:appeal_evidence", owner="entrant"),
    **accounts(POST, "booking:contest_withdraw", owner="entrant"),
    **accounts(("GET", "PATCH", "DELETE"), "applicant", owner="applicant"),
    **accounts(GET, "booking", owner="applicant"),
    **accounts(GET, "party", "own_entry", owner="entrant"),
    **accounts(POST, "party_cancel", "party_reschedule", owner="entrant"),
    **accounts(POST, "own_entry_withdraw", "own_entry_claim", owner="entrant"),
    **accounts(POST, "restriction_appeal", "contest_withdraw", owner="entrant"),
    **accounts(GET, "contest", owner="entrant"),
    **accounts(GET, "payment", owner="applicant"),
    **accounts(POST, "payment_code", owner="applicant"),
    **accounts(GET, "applications", owner="applicant"),
    **accounts(("PUT",), "application", owner="applicant"),
    **accounts(("DELETE",), "auth_token_row", owner="applicant"),
    **accounts(("GET", "PATCH", "DELETE"), "webhook", owner="applicant"),
    **accounts(POST, "webhook_test", "webhook_secret", owner="applicant"),
    **accounts(POST, "booking_cancel", "booking_reschedule", owner="applicant"),
    **accounts(POST, "offer_accept", "offer_decline", owner="applicant"),
    **accounts(("DELETE",), "waiting_entry", owner="applicant"),
    **accounts(LIBRARY, "mfa_edit_webauthn", owner="keyholder"),
    **accounts((*BOTH, "DELETE"), "mfa_remove_webauthn", owner="keyholder"),
    # Officers' reports by program
    **accounts(GET, "reports_daily_load", for_reports=True),
    # Pages of the sign-in library about the own account
    **everybody(LIBRARY, "account_login", "account_signup", may_differ=True),
    **everybody(LIBRARY, "account_reset_password", may_differ=True),
    **everybody(LIBRARY, "account_request_login_code", "mfa_login_webauthn", may_differ=True),
    **everybody(GET, "account_confirm_email", "account_reset_password_from_key"),
    **everybody(VERBS, "mfa_authenticate"),
    **everybody(GET, "account_inactive", "account_email_verification_sent"),
    **everybody(GET, "account_reset_password_done", "account_reset_password_from_key_done"),
    **everybody(BOTH, "account_logout", may_differ=True),
    **accounts(GET, "mfa_index", "mfa_list_webauthn"),
    **accounts(LIBRARY, "account_email", "usersessions_list"),
    **accounts(LIBRARY, "account_change_password", "account_reauthenticate", may_differ=True),
    **accounts(LIBRARY, "mfa_activate_totp", "mfa_add_webauthn", may_differ=True),
    **accounts(LIBRARY, "mfa_generate_recovery_codes", may_differ=True),
    **accounts(VERBS, "mfa_reauthenticate", "mfa_reauthenticate_webauthn", may_differ=True),
    **accounts(LIBRARY, "mfa_deactivate_totp", owner="guarded"),
    **accounts(GET, "mfa_view_recovery_codes", "mfa_download_recovery_codes", owner="guarded"),
}


class Actor:
    """Sends requests as one user: pages with a session, the API with a token. Effects are rolled back."""

    def __init__(self, user: User | None = None, cookies: dict[str, str] | None = None) -> None:
        self.cookies = cookies or {}
        self.token = issue_token(user_id=user.pk) if user else ""

    def send(self, verb: str, path: str) -> tuple[int, str]:
        """Return the status, and where a redirect leads."""
        client = Client(raise_request_exception=False)
        more: dict[str, Any] = {}
        if path.startswith("/api/"):
            more = {"data": "{}", "content_type": "application/json"}
            if self.token:
                more["headers"] = {"authorization": f"Token {self.token}"}
        else:
            client.cookies.load(self.cookies)
        with transaction.atomic():
            answer = client.generic(verb, path, **more)
            answer.close()
            transaction.set_rollback(True)
        return answer.status_code, answer.get("Location", "")


@dataclass(frozen=True)
class People:
    """The visitor, the users of the world, and an officer of each role here and at another office."""

    world: World
    visitor: Actor
    users: dict[str, Actor]
    other: Actor
    own_officers: dict[str, Actor]
    other_officers: dict[str, Actor]


def _actor(world: World, name: str) -> Actor:
    return Actor(world.people[name], world.session_of(name))


def _stranger(world: World, name: str, user: User) -> Actor:
    world.people[name] = user
    return _actor(world, name)


@pytest.fixture
def people(world: World) -> People:
    office = make_office("lain", region="lain")
    at_other = {
        Role.REGIONAL: lambda: make_officer(None, Role.REGIONAL, region=office.region),
        **{
            role: lambda role=role: make_officer(office, role)
            for role in Role
            if role.is_of_an_office
        },
    }
    return People(
        world=world,
        visitor=Actor(),
        users={
            name: _actor(world, name) for name in ("applicant", "entrant", "keyholder", "guarded")
        },
        other=_stranger(world, "other", make_user()),
        own_officers={role: _actor(world, role) for role in Role.values},
        other_officers={
            role: _stranger(world, f"other {role}", make()) for role, make in at_other.items()
        },
    )


def test_every_url_outside_admin_has_an_entry() -> None:
    names = {route.name for route in every_route() if not route.pattern.startswith("admin/")}
    assert TABLE.keys() == names - SIGNPOSTS.keys()


def test_every_verb_is_answered_by_the_table(
    people: People, request: pytest.FixtureRequest
) -> None:
    """Visitor, owner, another account, an officer here and one elsewhere; the roles take turns."""
    faults: list[str] = []
    is_thorough = request.config.getoption("--slow")
    paths = dict(
        reversed([(visit.route, visit.path) for face in EVERY_FACE for visit in face(people.world)])
    )
    own, others = cycle(people.own_officers.items()), cycle(people.other_officers.items())
    for name, entry in TABLE.items():
        if entry.for_reports:
            continue
        (role, here), (other_role, elsewhere) = next(own), next(others)
        owner = people.users[entry.owner or "applicant"]
        for verb in VERBS:
            requests = {"visitor": people.visitor, "owner": owner, f"own {role}": here}
            if verb in entry.verbs:
                requests |= {"other": people.other, f"other {other_role}": elsewhere}
            elif not is_thorough:
                requests = one_in_turn(requests, f"{verb} {name}")
            answers = {who: actor.send(verb, paths[name]) for who, actor in requests.items()}
            faults += [f"{verb} {name} {text}" for text in wrong(entry, verb, paths[name], answers)]
    assert not faults, "\n".join(faults)


def one_in_turn(requests: dict[str, Actor], case: str) -> dict[str, Actor]:
    """Keep one of the senders."""
    who = one_of(tuple(requests), case=case)
    return {who: requests[who]}


def wrong(entry: Entry, verb: str, path: str, answers: dict[str, tuple[int, str]]) -> list[str]:
    """Return how the answers of one URL to one verb differ from its entry."""
    faults = [f"{who}: {status}" for who, (status, _to) in answers.items() if status >= 500]
    visitor = answers.pop("visitor", None)
    if verb not in entry.verbs:
        refused = {NOT_OFFERED, HIDDEN} | ({302, 403} if entry.may_differ or entry.owner else set())
        faults += [f"{who}: {one}" for who, (one, _to) in answers.items() if one not in refused]
        is_shown = visitor is not None and not is_refused(visitor, path)
        return faults + ([f"visitor: {visitor}"] if is_shown else [])
    assert visitor is not None
    usual = answers["owner"][0]
    if entry.for_accounts and not asks_to_sign_in(visitor, path):
        faults.append(f"visitor: {visitor}")
    alike = HIDDEN if entry.owner else usual
    if not entry.for_accounts and not entry.may_differ and visitor[0] != alike:
        faults.append(f"visitor: {visitor}, not {alike}")
    if usual == NOT_OFFERED or (entry.owner and usual in {401, 403, HIDDEN}):
        faults.append(f"owner: {usual}")
    for who, (status, _to) in answers.items():
        expected = HIDDEN if entry.owner and who != "owner" else usual
        if status != expected and not entry.may_differ:
            faults.append(f"{who}: {status}, not {expected}")
    return faults


def asks_to_sign_in(answer: tuple[int, str], path: str) -> bool:
    status, to = answer
    if path.startswith("/api/"):
        return status == NOT_SIGNED_IN["api"]
    return status == NOT_SIGNED_IN["page"] and to.startswith("/akun/")


def is_refused(answer: tuple[int, str], path: str) -> bool:
    return answer[0] == NOT_OFFERED or asks_to_sign_in(answer, path)


def test_control_a_url_that_answers_others_is_reported() -> None:
    """The comparison reports an object shown to another account, and a verb that is not in the table."""
    entry = Entry(GET, for_accounts=True, owner="applicant")
    answers = {"visitor": (302, "/akun/login/"), "owner": (200, ""), "other": (404, "")}
    assert wrong(entry, "GET", "/x/", dict(answers)) == []
    assert wrong(entry, "GET", "/x/", answers | {"other": (200, "")}) == ["other: 200, not 404"]
    assert wrong(entry, "GET", "/x/", answers | {"visitor": (200, "")}) == ["visitor: (200, '')"]
    assert wrong(entry, "PUT", "/x/", dict(answers)) == ["owner: 200"]
    failed = answers | {"other": (500, "")}
    assert wrong(entry, "GET", "/x/", failed) == ["other: 500", "other: 500, not 404"]


def test_reports_are_read_by_officers_with_the_right_only(people: People) -> None:
    path = "/api/v1/reports/daily-load/"
    named = f"{path}?office={people.world.office.code}"
    assert people.visitor.send("GET", path)[0] == NOT_SIGNED_IN["api"]
    assert people.other.send("GET", path)[0] == 403
    readers = {Role.SUPERVISOR, Role.REGIONAL, Role.NATIONAL}
    for role, officer in people.own_officers.items():
        assert officer.send("GET", named)[0] == (200 if Role(role) in readers else 403), role
        for verb in VERBS[1:]:
            assert officer.send(verb, named)[0] == NOT_OFFERED, (role, verb)
    for role, officer in people.other_officers.items():
        assert officer.send("GET", named)[0] in {403, 404}, role
