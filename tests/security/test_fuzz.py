"""No input leads to a server error: every address, form field and JSON field gets hostile values.

`make test` sends a few values to each field, others to each; `make test-long` sends all.
"""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from accounts.services import issue_token
from tests.gates.routes import every_route
from tests.gates.visits import (
    EVERY_FACE,
    SIGNPOSTS,
    account,
    applicant,
    is_old_address,
    machines,
    officers,
    public,
    stock,
)
from tests.gates.world import World, make_world
from tests.security import fuzz
from tests.security.fuzz import Run

pytestmark = pytest.mark.django_db
# Signs the reader out or ends other sessions: a few requests are enough, and each is undone.
FACES = {"site": (public, applicant, account), "desks": (officers,), "lists": (stock,)}
OFFICERS = ("gate", "counter", "pickup", "supervisor", "regional", "national", "root")


@pytest.fixture
def world(db: None, set_clock: Any, mailbox: Any, settings: Any) -> World:
    settings.RATE_LIMIT_LOOPBACK = False
    made = make_world(set_clock, mailbox)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return made


@pytest.fixture
def run(request: pytest.FixtureRequest, capsys: Any) -> Any:
    """A run whose counts are printed at its end."""
    made = Run(is_full=request.config.getoption("--slow"))
    yield made
    with capsys.disabled():
        print(f"\nfuzz {request.node.name}: {made.report()}")


class Clients:
    """One client for each user of the world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.made: dict[str, Client] = {}

    def of(self, who: str) -> Client:
        if who not in self.made:
            client = Client(raise_request_exception=False)
            cookies = self.world.half_way() if who == "half way" else self.world.session_of(who)
            client.cookies.load(cookies)
            self.made[who] = client
        return self.made[who]


def complain(run: Run) -> None:
    assert not run.faults, f"{len(run.faults)} server errors:\n" + "\n".join(run.faults.values())


def fuzz_visit(run: Run, client: Client, visit: Any, sent: set[tuple[str, str, str]]) -> None:
    """Fuzz an address once for each user: its parameters, its query and the forms of its page."""
    address = visit.path.partition("?")[0]
    if (visit.who, address, "") not in sent:
        sent.add((visit.who, address, ""))
        fuzz.fuzz_path(run, client, visit.path, visit.values, "GET")
        fuzz.fuzz_query(run, client, visit.path, 2)
    for form in fuzz.forms_of(run, client, visit.path):
        key = (visit.who, form.action, ",".join(sorted(form.names)))
        if key not in sent:
            sent.add(key)
            fuzz.fuzz_form(run, client, form, 2)


@pytest.mark.parametrize("face", FACES)
def test_no_page_or_form_fails(world: World, run: Run, face: str) -> None:
    clients, sent = Clients(world), set()
    for plan in FACES[face]:
        for visit in list(plan(world)):
            fuzz_visit(run, clients.of(visit.who), visit, sent)
            if face == "lists" and visit.route.endswith("_changelist"):
                model = next(
                    model
                    for model in admin.site._registry
                    if visit.route
                    == f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
                )
                fuzz.fuzz_list(run, clients.of(visit.who), visit.path, model, 3)
            if run.is_full and face == "desks":
                for who in OFFICERS:
                    fuzz_visit(run, clients.of(who), _by(visit, who), sent)
    complain(run)
    assert run.requests > 500


def _by(visit: Any, who: str) -> Any:
    return type(visit)(**{**vars(visit), "who": who})


def test_no_malformed_request_fails(world: World, run: Run) -> None:
    """Every address gets malformed bodies and headers, signed in or not, and all known fields by POST."""
    clients = Clients(world)
    visits = {
        visit.route: visit for face in EVERY_FACE for visit in face(world) if visit.status != 404
    }
    for visit in visits.values():
        who = visit.who if visit.kind else "supervisor"
        plain = visit.path.partition("?")[0]
        everything = fuzz.PageForm(plain, "POST", names=set(fuzz.known_names()))
        client = clients.of(who)
        fuzz.fuzz_bodies(run, clients.of(""), plain, 1)
        fuzz.fuzz_bodies(run, client, plain, 2)
        fuzz.fuzz_path(run, client, visit.path, visit.values, "POST")
        for text in run.some(fuzz.TEXTS, plain, 1):
            values = {name: [text[:2_000]] for name in everything.names}
            fuzz.submit(run, client, everything, values, "all", text)
    complain(run)
    names = {route.name for route in every_route() if not is_old_address(route.pattern)}
    assert names <= visits.keys() | SIGNPOSTS.keys()


def test_no_api_operation_fails(world: World, run: Run) -> None:
    """Every operation of the schema, without a token and with the token of each kind of account."""
    tokens = {
        who: issue_token(user_id=world.people[who].pk)
        for who in ("applicant", "entrant", "supervisor")
    }
    paths = sorted(
        {visit.path.partition("?")[0] for visit in machines(world) if "/api/v1/" in visit.path}
    )
    callers = {"": Client(raise_request_exception=False)} | {
        who: Client(raise_request_exception=False, headers={"Authorization": f"Token {token}"})
        for who, token in tokens.items()
    }
    operations = 0
    for path in paths:
        for method, operation in fuzz.operations_at(path):
            operations += 1
            for client in callers.values():
                fuzz.fuzz_operation(run, client, path, method.upper(), operation, 1)
    complain(run)
    assert operations == sum(len(calls) for calls in fuzz.schema()["paths"].values())
