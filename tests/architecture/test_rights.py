"""What officers can reach checks their right itself, not only in the view."""

import ast
from functools import cache

import pytest

from tests.architecture.calls import Calls, decorated_with, module_of
from tests.architecture.sources import Source, sources

pytestmark = pytest.mark.xdist_group("sources")  # one process parses the sources

CHECKS = {"offices.permissions.check_right", "offices.permissions.check_national_right"}
# Services without an actor: what they do follows from data that a checked service has written.
WITHOUT_ACTOR = {
    "booking.lottery.results.run_draw": "runs a lottery whose public value is confirmed",
    "booking.refusals.services.record_refusal": "records what another service refused",
    "offices.reads.services.record_read": "records what a screen has shown",
    "booking.closures.services.write_closure": "part of close_office and of the services of holidays",
}
# Services that compare rights themselves: for every office concerned, or without an office.
WITHOUT_ACTOR |= {
    "booking.holidays.services.announce_holiday": "has_right at every office concerned",
    "booking.holidays.services.withdraw_holiday": "has_right at every office concerned",
    "privacy.reads.services.mark_reviewed": "READ_AUDIT, which belongs to no office",
}


def entries(calls: Calls) -> list[str]:
    """Return the officers' views and the methods of admin lists."""
    names = []
    for source in calls.sources:
        nodes = decorated_with(source.functions, "officer_view")
        if source.in_layer("admin"):
            nodes = source.functions
        names += [f"{module_of(source.path)}.{node.name}" for node in nodes]
    return names


def services_reached(calls: Calls) -> set[str]:
    """Return the services that an entry calls, directly or through functions of other layers."""
    reached, done, todo = set(), set(), entries(calls)
    while todo:
        name = todo.pop()
        if name in done:
            continue
        done.add(name)
        for callee in calls.callees(name):
            if calls.functions[callee][0].in_layer("services"):
                reached.add(callee)
            else:
                todo.append(callee)
    return reached


def unchecked(calls: Calls) -> set[str]:
    """Return the services that write for an officer without a call of `check_right`."""
    return {
        name
        for name in services_reached(calls)
        if calls.writes(name) and not CHECKS & calls.reachable(name)
    }


@cache
def all_calls() -> Calls:
    return Calls(sources())


def test_services_that_officers_reach_check_the_right() -> None:
    assert unchecked(all_calls()) == WITHOUT_ACTOR.keys()


def test_control_a_service_without_a_check_is_reported() -> None:
    """With its only call of check_right removed, a service is reported."""
    path = "booking/applications/services.py"
    [source] = [source for source in sources() if source.path == path]
    assert source.text.count("    check_right(by") == 1
    text = source.text.replace("    check_right(by", "    print(by")
    others = tuple(source for source in sources() if source.path != path)
    changed = (*others, Source(path, text, ast.parse(text)))
    name = "booking.applications.services.save_application"
    assert unchecked(Calls(changed)) == {*WITHOUT_ACTOR, name}


def test_control_enough_services_are_examined() -> None:
    assert len(services_reached(all_calls())) > 50
