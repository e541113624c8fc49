"""Law 10: every officer address, by every role, at one's own office and at another."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from django.test import Client
from django.urls import URLPattern

from accounts.models import User
from counters.admin_urls import urlpatterns
from counters.models import PassportBook, Visit
from offices.models import Outage, Region, Role, RosterShift
from offices.services import fill_week, note_outage
from tests.builders import make_officer, make_user
from tests.counters.world import DAY, World, make_world

GATE = {"gate", "supervisor"}
COUNTER = {"counter", "supervisor"}
PICKUP = {"pickup", "supervisor"}
SUPERVISOR = {"supervisor"}
ABOVE = {"regional", "national"}
ROLES = ("gate", "counter", "pickup", "supervisor", "regional", "national", "applicant")


@dataclass(frozen=True)
class Door:
    """An address, who may act there, who may look, and what a form sends."""

    method: str
    path: str
    acts: frozenset[str] | set[str]
    reads: frozenset[str] | set[str] = frozenset()


DOORS = {
    "gate": Door("get", "gate/", GATE),
    "gate_walk_in": Door("get", "gate/walk-in/", GATE),
    "gate_card": Door("get", "gate/{booking}/", GATE),
    "gate_check_in": Door("post", "gate/{booking}/check-in/", GATE),
    "gate_refuse": Door("post", "gate/{booking}/refuse/", GATE),
    "gate_application": Door("get", "gate/{booking}/application/", GATE),
    "from_paper": Door("get", "gate/{booking}/paper/", SUPERVISOR),
    "gate_leave": Door("post", "gate/visits/{visit}/leave/", GATE),
    "counter": Door("get", "counter/", COUNTER),
    "counter_take": Door("post", "counter/take/{counter}/", COUNTER),
    "counter_out_of_order": Door("get", "counter/out-of-order/", COUNTER),
    "counter_do": Door("post", "counter/pause/", COUNTER),
    "counter_work": Door("post", "counter/visits/{visit}/work/", COUNTER),
    "counter_visit": Door("post", "counter/visits/{visit}/start/", COUNTER),
    "outage": Door("get", "counter/outage/", COUNTER | PICKUP),
    "outage_end": Door("post", "counter/outage/{outage}/end/", COUNTER | PICKUP),
    "production": Door("get", "production/", PICKUP),
    "production_do": Door("post", "production/{passport}/printed/", PICKUP),
    "pickup": Door("get", "pickup/", PICKUP),
    "hand_over": Door("get", "pickup/{passport}/", PICKUP),
    "today": Door("get", "today/", SUPERVISOR, ABOVE),
    "switch": Door("get", "today/bookings/", SUPERVISOR, ABOVE),
    "paper": Door("get", "today/paper/", GATE),
    "capacity": Door("get", "capacity/", SUPERVISOR, ABOVE),
    "evening": Door("get", "capacity/evening/", SUPERVISOR, ABOVE),
    "roster": Door("get", "capacity/roster/", SUPERVISOR, ABOVE),
    "shift_do": Door("post", "capacity/shifts/{shift}/present/", SUPERVISOR),
    "rules": Door("get", "rules/", SUPERVISOR, ABOVE),
    "rules_places": Door("get", "rules/places/", SUPERVISOR, ABOVE),
    "rules_roll_over": Door("get", "rules/roll-over/", SUPERVISOR, ABOVE),
    "rules_returns": Door("get", "rules/returns/", SUPERVISOR, ABOVE),
    "rules_ledger": Door("get", "rules/ledger/", SUPERVISOR, ABOVE),
    "rules_quota": Door("get", "rules/quota/online/citizens/", SUPERVISOR, ABOVE),
    "rules_release": Door("get", "rules/opening/online/citizens/", SUPERVISOR, ABOVE),
    "free_counter": Door("post", "today/sessions/{session}/free/", SUPERVISOR),
    "end_left_over": Door("post", "today/visits/{visit}/end/", SUPERVISOR),
}


def test_no_address_is_forgotten() -> None:
    names = {pattern.name for pattern in urlpatterns if isinstance(pattern, URLPattern)}
    assert names == set(DOORS)


@dataclass(frozen=True)
class Town:
    """An office with something behind every door, and somebody in every role."""

    world: World
    people: dict[str, User]
    names: dict[str, object]

    def open(self, door: Door, role: str, *, whose: "Town | None" = None) -> int:
        client = Client(raise_request_exception=False)
        client.force_login(self.people[role])
        path = "/admin/" + door.path.format(**(whose or self).names)
        return int(getattr(client, door.method)(path).status_code)


def make_town(region: str) -> Town:
    world = make_world(region=region)
    passport = world.book_of_someone(8)
    visit = world.arrive(9)
    fill_week(
        office_id=world.office.pk, monday=DAY, like_last_week=False, by=world.supervisor, now=world.at(8),
    )  # fmt: skip
    people = {
        "gate": world.gate,
        "counter": world.officer,
        "pickup": world.pickup,
        "supervisor": world.supervisor,
        "regional": make_officer(None, Role.REGIONAL, region=Region.objects.get(code=region)),
        "national": make_officer(None, Role.NATIONAL),
        "applicant": make_user(),
    }
    names = {
        "booking": visit.booking_id,
        "visit": visit.pk,
        "counter": world.counter(2).pk,
        "passport": passport.pk,
        "session": passport.visit.session_id,
        "outage": note_outage(
            office_id=world.office.pk,
            counter_id=world.counter(3).pk,
            reason="listrik",
            by=world.officer,
            now=world.at(9),
        ).pk,
        "shift": RosterShift.objects.filter(office=world.office)[0].pk,
    }
    return Town(world=world, people=people, names=names)


@pytest.fixture
def towns(db: None, set_clock: Callable[[datetime], None]) -> tuple[Town, Town]:
    one, other = make_town("sumsel"), make_town("kaltim")
    set_clock(one.world.at(9, 30))
    return one, other


def expected(door: Door, role: str) -> tuple[int, ...]:
    """What one's own office answers: the page, a move and back, or a refusal."""
    if role in door.acts:
        return (200, 302, 409)
    if role in door.reads and door.method == "get":
        return (200,)
    return (403,)


def test_every_door_opens_only_to_its_roles(towns: tuple[Town, Town]) -> None:
    town, _other = towns
    for name, door in DOORS.items():
        for role in ROLES:
            assert town.open(door, role) in expected(door, role), (name, role)


def test_nothing_of_another_office_is_seen_or_touched(towns: tuple[Town, Town]) -> None:
    town, other = towns
    before = [list(model.objects.values()) for model in (Visit, PassportBook, Outage, RosterShift)]
    for name, door in DOORS.items():
        if "{" not in door.path:
            continue
        for role in ROLES:
            status = town.open(door, role, whose=other)
            # Whoever works at such doors finds nothing behind a stranger's; all others stay outside.
            may = {404} if role in door.acts else {403}
            assert status in may, (name, role, status)
    assert before == [
        list(model.objects.values()) for model in (Visit, PassportBook, Outage, RosterShift)
    ]


def test_another_office_cannot_be_asked_for(towns: tuple[Town, Town]) -> None:
    town, other = towns
    code = other.world.office.code
    for name, door in DOORS.items():
        if door.method != "get" or "{" in door.path:
            continue
        for role in sorted(door.acts):
            client = Client(raise_request_exception=False)
            client.force_login(town.people[role])
            assert client.get(f"/admin/{door.path}?office={code}").status_code == 404, (name, role)


def test_the_region_and_the_nation_look_at_today_and_change_nothing(
    towns: tuple[Town, Town],
) -> None:
    town, other = towns
    client = Client(raise_request_exception=False)
    client.force_login(town.people["national"])
    for one in (town, other):
        page = client.get(f"/admin/today/?office={one.world.office.code}")
        assert page.status_code == 200
        assert one.world.office.name in page.content.decode()
    client.force_login(town.people["regional"])
    assert client.get(f"/admin/today/?office={other.world.office.code}").status_code == 404


def test_who_is_not_signed_in_sees_the_sign_in(towns: tuple[Town, Town]) -> None:
    for door in DOORS.values():
        answer = getattr(Client(), door.method)("/admin/" + door.path.format(**towns[0].names))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/akun/")


def test_a_role_that_has_ended_opens_nothing(towns: tuple[Town, Town]) -> None:
    town, _other = towns
    role = town.world.gate.staff_roles.get()
    role.valid_until = town.world.at(9).date().replace(day=25)
    role.save(update_fields=["valid_until"])
    assert town.open(DOORS["gate"], "gate") == 403


def test_other_verbs_are_refused(towns: tuple[Town, Town]) -> None:
    client = Client()
    client.force_login(towns[0].world.gate)
    assert client.put("/admin/gate/").status_code == 405
    assert client.get(f"/admin/gate/{towns[0].names['booking']}/check-in/").status_code == 405


LISTS = ("visit", "passportbook", "pickup", "countersession")


def test_lists_show_supervisors_their_own_office_and_others_nothing(
    towns: tuple[Town, Town],
) -> None:
    town, other = towns
    for name in LISTS:
        for role in ROLES:
            client = Client(raise_request_exception=False)
            client.force_login(town.people[role])
            status = client.get(f"/admin/counters/{name}/").status_code
            may = {200} if role in {"supervisor", "regional", "national"} else {302, 403}
            assert status in may, (name, role, status)
    client = Client(raise_request_exception=False)
    client.force_login(town.people["supervisor"])
    own, theirs = town.names["visit"], other.names["visit"]
    assert client.get(f"/admin/counters/visit/{own}/change/").status_code == 200
    assert client.get(f"/admin/counters/visit/{theirs}/change/").status_code != 200
    assert client.post(f"/admin/counters/visit/{own}/change/", {}).status_code == 403
    assert client.get("/admin/counters/visit/add/").status_code == 403
    assert client.get(f"/admin/counters/visit/{own}/delete/").status_code == 403
