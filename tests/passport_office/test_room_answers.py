"""What a waiting crowd polls is answered before Django: from its own cookie and what the process knows."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection

from passport_office.room_answers import RoomAnswers
from quotas.models import RoomSecond
from quotas.selectors import rooms
from quotas.services.room_tally import TALLY
from tests.quotas.room_world import OPENS, WAITS, join, make_room_office, window_of

pytestmark = pytest.mark.django_db


class Django:
    """Stands where the other applications do and counts how often it is asked."""

    asked = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.asked += 1
        start_response("418 I am Django", [])
        return [b""]


@pytest.fixture
def django():
    return Django()


@pytest.fixture
def shared(settings):
    """As in a running office: what is known of the rooms is looked at once a second."""
    settings.SHARED_READ_SECONDS = 1.0
    rooms.forget()
    TALLY.counts.clear()
    yield
    rooms.forget()
    TALLY.counts.clear()


def ask(application, path, *, cookie="", method="GET"):
    told: list[Any] = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_COOKIE": cookie}
    body = b"".join(application(environ, lambda *given: told.extend(given)))
    return told[0], dict(told[1]), body


def poll(application, window, token):
    status, headers, body = ask(
        application, f"/rooms/{window.pk}/status/", cookie=f"a=b; room_{window.pk}={token}"
    )
    assert status == "200 OK"
    assert headers["Cache-Control"] == "private, no-store"
    assert int(headers["Content-Length"]) == len(body)
    return json.loads(body)


@pytest.mark.parametrize(
    ("path", "method"),
    [("/", "GET"), ("/rooms/1/", "GET"), ("/rooms/1/status/", "POST"), ("/rooms/x/status/", "GET")],
)
def test_everything_else_is_djangos(django, path, method):
    assert ask(RoomAnswers(django), path, method=method)[0] == "418 I am Django"


def test_a_poll_never_reaches_django_and_the_database_once_a_second(
    django, shared, set_clock, django_assert_max_num_queries
):
    window = window_of(make_room_office())
    set_clock(OPENS + timedelta(seconds=2))
    tokens = [join(window) for _each in range(20)]
    rooms.forget()
    application = RoomAnswers(django)
    with django_assert_max_num_queries(8):
        states = {poll(application, window, token)["state"] for token in tokens * 20}
    assert states <= {"waiting", "admitted"}
    assert django.asked == 0


def test_an_unknown_room_costs_no_look_of_its_own(django, shared, set_clock):
    set_clock(WAITS)
    application = RoomAnswers(django)
    ask(application, "/rooms/1/status/")
    before = len(connection.queries_log)
    for number in range(50):
        assert (
            json.loads(ask(application, f"/rooms/{10**9 + number}/status/")[2])["state"] == "none"
        )
    assert len(connection.queries_log) == before


def refuse(*_given):
    raise OperationalError("the server closed the connection unexpectedly")


def test_with_the_database_away_the_door_goes_on_by_the_clock(django, shared, set_clock):
    """The tables are hidden for a while, as a database that is starting again refuses every statement."""
    window = window_of(make_room_office())
    set_clock(WAITS)
    token = join(window)
    others = {"arrived": 2_000}
    RoomSecond.objects.update_or_create(room=window.room, second=-1, defaults=others)
    set_clock(OPENS)
    rooms.forget()
    application = RoomAnswers(django)
    before = poll(application, window, token)
    with connection.execute_wrapper(refuse):
        time.sleep(1.2)
        set_clock(OPENS + timedelta(seconds=5))
        during = poll(application, window, token)
    assert during["position"] == before["position"]
    assert during["let_in"] == pytest.approx(100, abs=20)
    assert django.asked == 0


def test_the_seconds_that_are_settled_are_not_read_again(shared, set_clock):
    window = window_of(make_room_office())
    room = window.room
    for second in range(60):
        RoomSecond.objects.create(room=room, second=second, arrived=2)
    rooms.forget()
    now = OPENS + timedelta(seconds=60)
    assert rooms.room_of(window.pk, now=now).total == 120
    RoomSecond.objects.filter(second=59).update(arrived=5)
    RoomSecond.objects.filter(second=3).update(arrived=500)  # nobody tells of it any more
    time.sleep(1.1)
    assert rooms.room_of(window.pk, now=now).total == 123
