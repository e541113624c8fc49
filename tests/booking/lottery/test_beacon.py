"""A lottery whose public value is a round of the randomness beacon, with a round that was published."""

import copy
import threading
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from booking.lottery import relay
from booking.lottery.errors import DrawNotReady, FalseSignature, OtherRound
from booking.lottery.models import Draw
from booking.lottery.proof import check_proof
from booking.lottery.results import run_draw
from booking.lottery.selectors import proof_of
from booking.lottery.services import close_entries, record_beacon_round, type_public_value
from core import beacon
from core.errors import InvalidInput, NotAllowed
from notices.models import Message
from offices.staff.models import Role
from tests.booking.lottery.lottery_world import draw_in, enter, make_draw_office
from tests.builders import make_officer, make_person
from tests.core.test_beacon import PUBLISHED

pytestmark = pytest.mark.django_db

# Published on Friday, 15 September 2023, 18:00:03 WIB: the first round ten minutes after the close.
ROUND = 657413
SIGNATURE, VALUE = PUBLISHED[ROUND]
AS_PUBLISHED = f'{{"round":{ROUND},"randomness":"{VALUE}","signature":"{SIGNATURE}"}}'
BEFORE = datetime.fromisoformat("2023-09-11T10:00:00+07:00")
CLOSES = datetime.fromisoformat("2023-09-15T17:50:01+07:00")
AFTER = CLOSES + timedelta(minutes=15)


@pytest.fixture
def draw() -> Draw:
    office = make_draw_office(
        places=1,
        week=date(2023, 9, 18),
        now=BEFORE,
        release={"lottery_source": "drand", "opens_time": time(17, 50, 1)},
    )
    draw = draw_in(office)
    for _each in range(7):
        enter(draw, make_person(now=BEFORE), now=BEFORE)
    return draw


@pytest.fixture
def closed(draw: Draw) -> Draw:
    return close_entries(draw_id=draw.pk, now=CLOSES)


def supervisor_of(draw: Draw) -> Any:
    return make_officer(draw.office, Role.SUPERVISOR)


def record(draw: Draw, text: str = AS_PUBLISHED, by: Any = None) -> Draw:
    return record_beacon_round(draw_id=draw.pk, text=text, by=by, now=AFTER)


def test_the_round_is_named_before_anyone_enters(draw: Draw) -> None:
    assert draw.beacon_round == ROUND
    assert str(ROUND) in draw.public_source
    assert beacon.published_at(ROUND) >= CLOSES + timedelta(minutes=10)
    published = proof_of(draw)
    assert published["beacon"]["round"] == ROUND
    assert published["beacon"]["signature"] is None


def test_the_named_round_cannot_be_changed(draw: Draw) -> None:
    with (
        pytest.raises(Exception, match="draw_keeps_its_promise"),
        transaction.atomic(),
    ):
        Draw.objects.filter(pk=draw.pk).update(beacon_round=ROUND + 1)


def test_a_recorded_round_holds_the_lottery_without_a_second_officer(closed: Draw) -> None:
    record(closed, by=supervisor_of(closed))
    held = run_draw(window_id=closed.window_id, now=AFTER)
    assert held.public_value == VALUE
    assert held.confirmed_by is None
    assert held.entries.filter(outcome="won").count() == 5
    assert check_proof(proof_of(held)) == []
    assert list(held.typed_values.values_list("value", "result")) == [(SIGNATURE, "recorded")]


def test_no_message_about_a_value_is_sent_when_the_list_closes(closed: Draw) -> None:
    assert not Message.objects.filter(kind="draw_needs_value").exists()


@pytest.mark.parametrize(
    ("text", "error", "result"),
    [
        (AS_PUBLISHED.replace(str(ROUND), str(ROUND - 1)), OtherRound, "other_round"),
        (AS_PUBLISHED.replace(SIGNATURE, PUBLISHED[1000][0]), FalseSignature, "false_sign"),
        (PUBLISHED[1000][0], FalseSignature, "false_sign"),
        ("16234", InvalidInput, "malformed"),
    ],
)
def test_a_false_round_is_refused_and_recorded(
    closed: Draw, text: str, error: type[Exception], result: str
) -> None:
    with pytest.raises(error):
        record(closed, text, by=supervisor_of(closed))
    assert [line.result for line in closed.typed_values.all()] == [result]
    closed.refresh_from_db()
    assert closed.public_value == ""


def test_a_round_is_refused_before_the_close_and_after_the_lottery(draw: Draw) -> None:
    with pytest.raises(DrawNotReady):
        record(draw)
    close_entries(draw_id=draw.pk, now=CLOSES)
    record(draw)
    with pytest.raises(DrawNotReady):
        record(draw)


def test_an_officer_cannot_type_a_value_instead(closed: Draw) -> None:
    with pytest.raises(DrawNotReady):
        type_public_value(draw_id=closed.pk, value=VALUE, by=supervisor_of(closed), now=AFTER)


def test_an_officer_of_another_office_cannot_record_a_round(closed: Draw) -> None:
    stranger = make_officer(make_draw_office("lain"), Role.SUPERVISOR)
    with pytest.raises(NotAllowed):
        record(closed, by=stranger)


def test_the_database_refuses_a_value_without_its_signature(closed: Draw) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Draw.objects.filter(pk=closed.pk).update(public_value=VALUE)


# --- The proof -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"round": ROUND + 1}, "signature"),
        ({"signature": PUBLISHED[1000][0]}, "signature"),
        ({"signature": PUBLISHED[1000][0], "round": 1000}, "named beforehand"),
    ],
)
def test_a_proof_with_another_round_or_signature_fails(
    closed: Draw, change: dict[str, Any], message: str
) -> None:
    record(closed)
    proof = copy.deepcopy(proof_of(run_draw(window_id=closed.window_id, now=AFTER)))
    proof["beacon"] |= change
    assert any(message in text for text in check_proof(proof))


def test_a_list_closed_after_its_round_is_reported(closed: Draw) -> None:
    record(closed)
    proof = proof_of(run_draw(window_id=closed.window_id, now=AFTER))
    proof["list_closed_at"] = "2023-09-15T18:01:00+07:00"
    assert any("before the list was closed" in text for text in check_proof(proof))


# --- The officers' screen ------------------------------------------------------------------------
@pytest.mark.parametrize("way", ["pasted", "uploaded"])
def test_a_supervisor_enters_the_round(
    client: Client, closed: Draw, set_clock: Any, way: str
) -> None:
    set_clock(AFTER)
    client.force_login(supervisor_of(closed))
    assert str(ROUND) in client.get("/admin/draws/").content.decode()
    upload = SimpleUploadedFile("round.json", AS_PUBLISHED.encode())
    form = {"round": AS_PUBLISHED} if way == "pasted" else {"file": upload}
    answer = client.post(f"/admin/draws/{closed.pk}/round/", form, follow=True)
    assert answer.status_code == 200
    closed.refresh_from_db()
    assert closed.drawn_at is not None
    page = client.get(f"/draws/{closed.window_id}/").content.decode()
    assert SIGNATURE in page


@pytest.mark.parametrize("form", [{}, {"round": "\u202e\ud7ff"}, {"round": "x" * 100_000}])
def test_bad_input_gets_a_sentence(
    client: Client, closed: Draw, set_clock: Any, form: dict[str, str]
) -> None:
    set_clock(AFTER)
    client.force_login(supervisor_of(closed))
    answer = client.post(f"/admin/draws/{closed.pk}/round/", form, follow=True)
    assert "heksadesimal" in answer.content.decode()


# --- The relay -----------------------------------------------------------------------------------
class Relay(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        has_round = self.path == f"/{beacon.CHAIN_HASH}/public/{ROUND}"
        self.send_response(200 if has_round else 404)
        self.end_headers()
        self.wfile.write(self.server.text.encode() if has_round else b"")  # type: ignore[attr-defined]

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def relay_server(settings: Any) -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Relay) as server:
        server.text = AS_PUBLISHED  # type: ignore[attr-defined]
        settings.BEACON_RELAY = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_published_round_is_fetched_and_the_lottery_held(
    closed: Draw, relay_server: HTTPServer
) -> None:
    assert relay.fetch_due_rounds(now=CLOSES + timedelta(minutes=5)) == 0
    assert relay.fetch_due_rounds(now=AFTER) == 1
    closed.refresh_from_db()
    assert closed.drawn_at == AFTER
    assert closed.typed_by is None
    assert relay.fetch_due_rounds(now=AFTER) == 0


@pytest.mark.parametrize("text", ["", "<html>", AS_PUBLISHED.replace("b713", "b714")])
def test_a_false_answer_of_the_relay_changes_nothing(
    closed: Draw, relay_server: HTTPServer, text: str
) -> None:
    relay_server.text = text  # type: ignore[attr-defined]
    assert relay.fetch_due_rounds(now=AFTER) == 0
    closed.refresh_from_db()
    assert closed.confirmed_at is None


def test_without_a_relay_or_a_network_nothing_is_fetched(closed: Draw, settings: Any) -> None:
    assert relay.fetch_due_rounds(now=AFTER) == 0
    settings.BEACON_RELAY = "http://127.0.0.1:9"
    assert relay.fetch_due_rounds(now=AFTER) == 0
