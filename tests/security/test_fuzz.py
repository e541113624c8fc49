"""No input leads to a server error: every address, form field and JSON field gets hostile values.

`make test` sends a few values to each field of half of the addresses, another half at each commit, and to every
operation of the API. `make test-long` sends all to all, for at most ten minutes a test: each address has an equal
share of them, after which it gets a few values.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from accounts.services import issue_token
from tests.gates.routes import every_route
from tests.gates.stored import StoredWorld
from tests.gates.visits import (
    EVERY_FACE,
    SIGNPOSTS,
    Visit,
    account,
    applicant,
    is_old_address,
    machines,
    officers,
    public,
    stock,
)
from tests.gates.world import NOW, World
from tests.sample import is_in_turn
from tests.security import fuzz
from tests.security.fuzz import Run

pytestmark = pytest.mark.django_db
FACES: dict[str, Callable[[World], list[Visit]]] = {
    "site": lambda world: [*public(world), *applicant(world), *account(world)],
    "desks, first half": lambda world: list(officers(world))[::2],
    "desks, second half": lambda world: list(officers(world))[1::2],
}
OFFICERS = ("gate", "counter", "pickup", "supervisor", "regional", "national", "root")


@pytest.fixture
def world(
    transactional_db: None, stored_world: StoredWorld, set_clock: Any, settings: Any
) -> Iterator[World]:
    settings.RATE_LIMIT_LOOPBACK = False
    set_clock(NOW)
    with stored_world.copied() as world:
        yield world


@pytest.fixture
def run(request: pytest.FixtureRequest, capsys: Any) -> Any:
    """A run whose counts are printed at its end."""
    # The moments of `make test-long` change nothing here: the world has its own clock.
    is_full = request.config.getoption("--slow") and "TEST_CLOCK" not in os.environ
    made = Run(is_full=is_full)
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


def in_turn(run: Run, visits: Iterable[Visit]) -> Iterator[Visit]:
    """Yield the visits of this run, each with its share of the time."""
    return run.each([visit for visit in visits if run.is_full or is_in_turn(visit.route, of=2)])


def complain(run: Run) -> None:
    assert not run.faults, f"{len(run.faults)} server errors:\n" + "\n".join(run.faults.values())


def fuzz_visit(run: Run, client: Client, visit: Any, sent: set[tuple[str, str, str]]) -> None:
    """Fuzz an address once for each user: its parameters, its query and the forms of its page."""
    address = visit.path.partition("?")[0]
    is_list = address.startswith("/admin/") and visit.who == "root"
    if (visit.who, address, "") not in sent:
        sent.add((visit.who, address, ""))
        fuzz.fuzz_path(run, client, visit.path, visit.values, "GET")
        fuzz.fuzz_query(run, client, visit.path)
    for form in fuzz.forms_of(run, client, visit.path):
        key = (visit.who, form.action, ",".join(sorted(form.names)))
        # In the short run, the forms in the frame of all pages once.
        common = ("", form.action, ",".join(sorted(form.names)))
        if key not in sent and (run.is_full or common not in sent):
            sent |= {key, common}
            fuzz.fuzz_form(run, client, form, is_each=not is_list)


@pytest.mark.parametrize("face", FACES)
def test_no_page_or_form_fails(world: World, run: Run, face: str) -> None:
    """Each page by its readers; in the long run, officers' screens also by every other officer."""
    clients: Clients = Clients(world)
    sent: set[tuple[str, str, str]] = set()
    is_long = run.is_full
    for visit in in_turn(run, FACES[face](world)):
        fuzz_visit(run, clients.of(visit.who), visit, sent)
        run.is_full = False
        for who in OFFICERS if is_long and face != "site" and run.has_time else ():
            fuzz_visit(run, clients.of(who), replace(visit, who=who), sent)
        run.is_full = is_long
    complain(run)
    assert run.requests > 150


def test_no_admin_list_fails(world: World, run: Run) -> None:
    """The list and the form of every table, with look-ups of every column."""
    clients: Clients = Clients(world)
    sent: set[tuple[str, str, str]] = set()
    models = {
        f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist": model
        for model in admin.site._registry
    }
    for visit in in_turn(run, stock(world)):
        page = visit.route.rpartition("_")[2]
        client = clients.of(visit.who)
        if visit.route in models:
            fuzz.fuzz_list(run, client, visit.path, models[visit.route], 1)
        if run.is_full or page in {"changelist", "change", "add"}:
            fuzz_visit(run, client, visit, sent)
    complain(run)
    assert len(run.addresses) > 60


def test_no_malformed_request_fails(world: World, run: Run) -> None:
    """Every address gets malformed bodies and headers, signed in or not, and all known fields by POST."""
    clients: Clients = Clients(world)
    visits = {
        visit.route: visit for face in EVERY_FACE for visit in face(world) if visit.status != 404
    }
    lists = {visit.route for visit in stock(world) if visit.who == "root"}
    for visit in in_turn(run, visits.values()):
        is_alike = visit.route in lists and not visit.route.endswith("_changelist")
        if not run.is_full and is_alike:
            continue
        client = clients.of(visit.who if visit.kind else "supervisor")
        plain = visit.path.partition("?")[0]
        if run.is_full:
            fuzz.fuzz_bodies(run, clients.of(""), plain)
        fuzz.fuzz_bodies(run, client, plain)
        fuzz.fuzz_path(run, client, visit.path, visit.values, "POST")
    complain(run)
    names = {route.name for route in every_route() if not is_old_address(route.pattern)}
    assert names <= visits.keys() | SIGNPOSTS.keys()


def test_no_api_operation_fails(world: World, run: Run) -> None:
    """Every operation of the schema, without a token and with the token of each kind of account."""
    callers = {"": Client(raise_request_exception=False)}
    for who in ("applicant", "entrant", "supervisor"):
        header = f"Token {issue_token(user_id=world.people[who].pk)}"
        callers[who] = Client(raise_request_exception=False, headers={"Authorization": header})
    paths = {visit.path.partition("?")[0] for visit in machines(world)}
    operations = 0
    for path in run.each(sorted(path for path in paths if path.startswith("/api/v1/"))):
        for method, operation in fuzz.operations_at(path):
            operations += 1
            for who in run.some(tuple(callers), method + path, 2):
                fuzz.fuzz_operation(run, callers[who], path, method.upper(), operation, 1)
    complain(run)
    assert operations == sum(len(calls) for calls in fuzz.schema()["paths"].values())


def test_control_the_run_finds_faults_of_each_kind(settings: Any) -> None:
    """If this fails, the tests above prove nothing."""
    settings.ROOT_URLCONF, settings.MIDDLEWARE = "tests.security.broken_site", []
    client = Client(raise_request_exception=False)
    runs = {name: Run(is_full=True) for name in ("address", "parameter", "form", "body")}
    fuzz.fuzz_path(runs["address"], client, "/address/7/", {"number": 7}, "GET")
    fuzz.fuzz_query(runs["parameter"], client, "/parameter/")
    for form in fuzz.forms_of(runs["form"], client, "/form/"):
        assert form.values == {"first_day": [""], "reason": ["x"]}
        fuzz.fuzz_form(runs["form"], client, form)
    fuzz.fuzz_bodies(runs["body"], client, "/body/")
    assert [name for name, run in runs.items() if not run.faults] == []


def test_names_of_new_fields_are_part_of_the_run() -> None:
    names = set(fuzz.known_names())
    assert {"arrived_at", "who", "full_name", "service_type", "basis", "applicants"} <= names
