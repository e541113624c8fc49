"""The public document of a board: what it shows, what it never shows, and what it costs."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from counters.display.selectors import board_of, rounded
from counters.estimates.selectors import waits_of
from counters.queue import services as queue_services
from offices.directory.models import Counter, Device, Hall
from offices.outages.models import Outage
from tests.builders import make_group, make_lane, make_reason
from tests.counters.world import World, who

SetClock = Callable[[datetime], None]


def board(world: World, hall: str = "", *, hour: int = 9, minute: int = 0) -> dict[str, Any]:
    return board_of(world.office.code, hall, now=world.at(hour, minute))


def add_hall(world: World, code: str = "prioritas", lane: str = "walk_in") -> Hall:
    """A second hall, to which this lane goes from now on."""
    Hall.objects.get(office=world.office, code="utama").lanes.remove(lane)
    hall = Hall.objects.create(office=world.office, code=code, name="Ruang prioritas", floor="2")
    hall.groups.set([make_group("citizens")])
    hall.lanes.set([make_lane(lane)])
    Counter.objects.create(hall=hall, number=1, is_one_stop=True, stages=["documents"])
    return hall


def note_outage(world: World, **thing: Any) -> Outage:
    at = world.at(8)
    return Outage.objects.create(
        office=world.office,
        started_at=at,
        reason="Sensor XJ-9 terbakar",
        noted_at=at,
        noted_by=world.supervisor,
        **thing,
    )


def test_an_empty_board_says_so(world: World) -> None:
    shown = board(world)
    assert shown["calls"] == []
    assert shown["waiting"] == []
    assert shown["news"] == ["Belum ada loket yang melayani."]


def test_a_call_has_number_hall_and_counter(world: World) -> None:
    world.arrive(8)
    world.call(world.sit(2), world.at(8, 5))
    [call] = board(world)["calls"]
    assert (call["number"], call["counter"], call["hall"]) == ("A-001", 2, "utama")
    assert call["place"] == "Ruang utama, lantai 1"
    assert call["is_called"]
    assert call["spoken"] == "Nomor antrean A, satu, silakan ke loket dua"


def test_the_latest_call_comes_first_and_a_repeated_call_is_new(world: World) -> None:
    for _person in range(2):
        world.arrive(8)
    first, second = world.sit(1), world.sit(2, world.colleague())
    visit = world.call(first, world.at(8, 5))
    world.call(second, world.at(8, 6))
    assert [row["number"] for row in board(world)["calls"]] == ["A-002", "A-001"]
    before = board(world)["calls"][1]["called_at"]
    queue_services.recall(**who(visit, first), now=world.at(8, 8))
    latest = board(world)["calls"][0]
    assert (latest["number"], latest["times"]) == ("A-001", 2)
    assert latest["called_at"] > before


def test_who_is_served_stays_and_who_has_finished_leaves(world: World) -> None:
    world.arrive(8)
    session = world.sit()
    world.start(session, world.at(8, 5))
    assert [row["is_called"] for row in board(world)["calls"]] == [False]
    world.arrive(8)
    other = world.sit(2, world.colleague())
    world.serve(world.call(other, world.at(8, 6)), other, world.at(8, 6))
    assert [row["number"] for row in board(world)["calls"]] == ["A-001"]


def test_the_order_is_the_order_of_calling(world: World) -> None:
    late, early = world.arrive(9, booked=10), world.arrive(9, 1, booked=9)
    rows = board(world, hour=9, minute=5)["waiting"]
    assert [row["number"] for row in rows] == [str(early.ticket), str(late.ticket)]
    assert [row["ahead"] for row in rows] == [0, 1]


def test_waits_are_ranges_and_grow_with_the_queue(world: World) -> None:
    world.sit()
    for hour in (8, 8, 8, 9, 9):
        world.arrive(8, booked=hour)
    waits = [row["wait"] for row in board(world)["waiting"]]
    assert waits[0]["low"] == 0
    assert [wait["low"] for wait in waits] == sorted(wait["low"] for wait in waits)
    assert all(wait["low"] < wait["high"] for wait in waits)
    assert board(world)["wait"]["low"] >= waits[-1]["low"]


def test_more_counters_shorten_the_wait(world: World) -> None:
    for hour in (8, 8, 8, 9, 9, 9):
        world.arrive(8, booked=hour)
    world.sit()
    one = board(world)["wait"]
    for number in (2, 3):
        world.sit(number, world.colleague())
    three = board(world)["wait"]
    assert three["high"] < one["low"]


def test_the_board_and_the_officers_have_the_same_estimate(world: World) -> None:
    world.sit()
    visits = [world.arrive(8), world.arrive(8, 1)]
    waits = waits_of(world.office, now=world.at(9))
    for row, visit in zip(board(world)["waiting"], visits, strict=True):
        known = waits.visits[visit.pk]
        assert row["number"] == str(visit.ticket)
        assert (row["wait"]["low"], row["wait"]["high"]) == rounded((known.low, known.high))


def test_a_range_is_never_a_single_figure() -> None:
    assert rounded((3, 4)) == (0, 5)
    assert rounded((10, 10)) == (10, 15)


def test_without_a_counter_the_board_says_so(world: World) -> None:
    world.arrive(8)
    shown = board(world)
    assert shown["counters_open"] == 0
    assert shown["news"] == ["Belum ada loket yang melayani."]


def test_calls_out_of_order_are_counted_publicly(world: World) -> None:
    make_reason("sick")
    world.arrive(8)
    second = world.arrive(8, 1)
    assert board(world)["out_of_order_today"] == 0
    session = world.sit()
    queue_services.call_visit(
        session_id=session.pk,
        visit_id=second.pk,
        reason="sick",
        note="",
        by=world.officer,
        now=world.at(8, 5),
    )
    shown = board(world)
    assert (shown["out_of_order_today"], shown["calls"][0]["number"]) == (1, str(second.ticket))


def test_a_hall_shows_its_own_people_and_counters(world: World) -> None:
    hall = add_hall(world)
    online = world.arrive(8)
    walk_in = world.walk_in(world.at(8))
    assert [row["number"] for row in board(world, "utama")["waiting"]] == [str(online.ticket)]
    assert [row["number"] for row in board(world, hall.code)["waiting"]] == [str(walk_in.ticket)]
    assert len(board(world)["waiting"]) == 2
    assert [row["ahead"] for row in board(world)["waiting"]] == [0, 0]


def test_a_board_of_all_halls_says_the_hall(world: World) -> None:
    add_hall(world)
    world.arrive(8)
    counter = Counter.objects.get(hall__office=world.office, hall__code="utama", number=3)
    world.call(world.sit(counter.number), world.at(8, 5))
    assert board(world)["calls"][0]["spoken"].endswith("loket tiga, Ruang utama, lantai satu")
    assert board(world, "utama")["calls"][0]["spoken"].endswith("loket tiga")
    assert board(world, "prioritas")["calls"] == []


def test_outages_are_described_by_their_effect(world: World) -> None:
    counters = [world.counter(number) for number in (1, 3)]
    for counter in counters:
        device = Device.objects.create(
            office=world.office, counter=counter, kind="camera", name=f"Kamera {counter.number}"
        )
        note_outage(world, device=device)
    note_outage(world, counter=world.counter(2))
    text = " ".join(board(world)["news"])
    assert "Loket 1 dan 3 sedang tidak dapat mengambil foto." in text
    assert "Loket 2 sedang tidak melayani." in text
    assert "XJ-9" not in json.dumps(board(world), default=str)


def test_an_outage_of_another_hall_is_not_shown(world: World) -> None:
    add_hall(world)
    note_outage(world, counter=world.counter(2))
    assert "tidak melayani" not in " ".join(board(world, "prioritas")["news"])
    assert "tidak melayani" in " ".join(board(world, "utama")["news"])


def test_before_opening_and_after_closing_it_says_the_hours(world: World) -> None:
    assert board(world, hour=7)["state_text"] == "Loket buka pukul 08.00\xa0WIB."
    assert board(world, hour=16)["state"] == "after"
    sunday = board_of(world.office.code, now=world.at(9) + timedelta(days=3))
    assert sunday["state"] == "closed"


def test_after_closing_the_day_is_over_unless_a_counter_still_serves(
    world: World, client: Client, set_clock: Any
) -> None:
    world.arrive(8)
    set_clock(world.at(16, 30))
    over = board(world, hour=16, minute=30)
    assert (over["state"], len(over["waiting"])) == ("after", 1)
    page = client.get(f"/board/{world.office.code}/")
    [heading] = re.findall(r"data-call-word>([^<]*)<", page.content.decode())
    assert heading.strip() == "Pelayanan hari ini sudah selesai."
    world.sit()
    assert board(world, hour=16, minute=31)["state"] == "open", "overtime"


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    world.sit()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            board(world, hour=8, minute=30)
        return len(captured)

    world.arrive(8)
    few = queries()
    for hour in (8, 8, 9, 9, 9):
        world.arrive(8, booked=hour)
    world.call(world.sit(2, world.colleague()), world.at(8, 10))
    assert queries() == few <= 26


def test_boards_share_one_forecast_and_a_call_is_shown_at_once(
    world: World, settings: Any, django_assert_max_num_queries: Any
) -> None:
    settings.SHARED_READ_SECONDS = 60
    first, second = world.arrive(8), world.arrive(8)
    session = world.sit()
    everywhere = board(world, hour=8, minute=5)
    assert [row["number"] for row in everywhere["waiting"]] == [
        str(first.ticket),
        str(second.ticket),
    ]
    world.call(session, world.at(8, 5))
    with django_assert_max_num_queries(6):
        of_hall = board(world, "utama", hour=8, minute=5)
    assert [row["number"] for row in of_hall["calls"]] == [str(first.ticket)]
    assert [row["number"] for row in of_hall["waiting"]] == [str(second.ticket)]


# --- Over HTTP ------------------------------------------------------------------------------------
@pytest.fixture
def at_nine(world: World, set_clock: SetClock) -> World:
    set_clock(world.at(9))
    return world


def address(world: World, query: str = "") -> str:
    return f"/api/v1/offices/{world.office.code}/board/{query}"


def test_the_document_is_public_and_unchanged_is_304(at_nine: World, client: Client) -> None:
    at_nine.arrive(8)
    first = client.get(address(at_nine))
    assert first.status_code == 200
    assert "public" in first["Cache-Control"]
    assert "max-age=2" in first["Cache-Control"]
    again = client.get(address(at_nine), headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    at_nine.arrive(9)
    changed = client.get(address(at_nine), headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_time_alone_does_not_change_the_document(
    at_nine: World, client: Client, set_clock: SetClock
) -> None:
    at_nine.sit()
    at_nine.arrive(8)
    first = client.get(address(at_nine))
    set_clock(at_nine.at(9, 20))
    again = client.get(address(at_nine), headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304


def test_screens_that_ask_at_the_same_time_share_one_answer(
    at_nine: World, client: Client, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.SHARED_READ_SECONDS = 60
    first = client.get(address(at_nine))
    with django_assert_num_queries(0):
        for _screen in range(5):
            assert Client().get(address(at_nine)).content == first.content


def test_neither_document_nor_page_names_anybody(at_nine: World, client: Client) -> None:
    visit = at_nine.arrive(8)
    called = at_nine.arrive(8)
    at_nine.call(at_nine.sit(), at_nine.at(8, 10))
    pages = [address(at_nine), f"/board/{at_nine.office.code}/"]
    for page in pages:
        text = client.get(page).content.decode()
        assert str(visit.ticket) in text
        for booking in (visit.booking, called.booking):
            person = booking.applicant
            for secret in (person.full_name, person.identity_number, booking.code, str(booking.pk)):
                assert secret not in text
        assert at_nine.officer.full_name not in text


def test_an_unknown_office_or_hall_gives_404(at_nine: World, client: Client) -> None:
    assert client.get("/api/v1/offices/tidak-ada/board/").status_code == 404
    assert client.get(address(at_nine, "?hall=tidak-ada")).status_code == 404
    assert client.get(f"/board/{at_nine.office.code}/tidak-ada/").status_code == 404


def test_the_page_shows_the_call_without_script(at_nine: World, client: Client) -> None:
    at_nine.arrive(8)
    at_nine.call(at_nine.sit(3), at_nine.at(8, 10))
    for path in ("", "utama/", "?hall=utama"):
        text = client.get(f"/board/{at_nine.office.code}/{path}").content.decode()
        assert "A-001" in text
        assert '<noscript><meta http-equiv="refresh" content="20">' in text
        assert "<b data-out-of-order>0</b>" in text


def test_the_page_is_english_for_english_readers(at_nine: World, client: Client) -> None:
    text = client.get(f"/board/{at_nine.office.code}/", headers={"accept-language": "en"})
    assert 'lang="en"' in text.content.decode()
