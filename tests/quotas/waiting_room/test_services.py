"""The waiting room on real data: preparation, tickets, admission, the commitment."""

import hashlib
import hmac
from datetime import timedelta
from typing import Any

import pytest
from django.db import InternalError, transaction

from core.errors import NotFound
from passport_office.settings.base import caches
from quotas.policies.models import ReleaseRule
from quotas.waiting_room import order as pure
from quotas.waiting_room.errors import NotLetIn, RoomNotOpen
from quotas.waiting_room.models import RoomMark, RoomSecond, WaitingRoom
from quotas.waiting_room.selectors import own_ticket, read_ticket, room_of, room_proof, sealed_room
from quotas.waiting_room.services import check_let_in, join_room, keep_rooms
from quotas.waiting_room.status import ask_again_before, status_of
from quotas.windows.services import prepare_windows
from tests.builders import NOW, make_user
from tests.quotas.waiting_room.waiting_room_world import (
    OPENS,
    WAITS,
    join,
    make_room_office,
    slot_of,
    window_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rate(settings: Any) -> None:
    settings.WAITING_ROOM_RATE = 1.0
    settings.WAITING_ROOM_LEAST_RATE = 1.0


@pytest.fixture
def office() -> Any:
    return make_room_office()


def seconds(number: Any) -> Any:
    return timedelta(seconds=number)


# --- Preparation ---------------------------------------------------------------------------------
def test_a_prepared_window_has_a_waiting_room_and_sealed_seed(office: Any) -> None:
    room = WaitingRoom.objects.get(window=window_of(office))
    assert room.seed_hash == hashlib.sha256(room.seed.encode()).hexdigest()
    assert room.seed not in str(WaitingRoom.objects.values_list("seed_hash")[0])
    prepare_windows(office_id=office.pk, now=NOW)
    assert WaitingRoom.objects.count() == 1


def test_the_commitment_cannot_be_changed(office: Any) -> None:
    room = WaitingRoom.objects.get()
    room.seed_hash = "0" * 64
    with pytest.raises(InternalError), transaction.atomic():
        room.save(update_fields=["seed_hash"])
    with pytest.raises(InternalError), transaction.atomic():
        RoomMark.objects.update(watermark=10_000)


def test_a_rule_change_before_the_freeze_toggles_the_waiting_room(office: Any) -> None:
    for has_room in (False, True):
        ReleaseRule.objects.filter(office=office).update(has_waiting_room=has_room)
        prepare_windows(office_id=office.pk, now=NOW)
        window = office.windows.get(opens_at=OPENS)
        assert window.has_waiting_room is has_room
        assert (room_of(window.pk, now=WAITS) is not None) is has_room


# --- Tickets -------------------------------------------------------------------------------------
def test_the_waiting_room_opens_half_an_hour_early(office: Any) -> None:
    window = window_of(office)
    with pytest.raises(RoomNotOpen):
        join(window, now=OPENS - timedelta(minutes=31))
    assert join(window, now=OPENS - timedelta(minutes=29))


def test_a_window_without_a_waiting_room_has_no_tickets() -> None:
    with pytest.raises(NotFound):
        join_room(window_id=999_999, account_id=make_user().pk, now=WAITS)


def test_a_second_device_gets_no_second_lot(office: Any) -> None:
    window, account = window_of(office), make_user()
    first, second = (join(window, account.pk, now=WAITS + seconds(n)) for n in (0, 60))
    room = room_of(window.pk, now=OPENS)
    lots = {
        pure.position(room, read_ticket(token, window_id=window.pk)) for token in (first, second)
    }
    assert len(lots) == 1


def test_joining_again_returns_the_ticket_and_counts_once(office: Any) -> None:
    window, account = window_of(office), make_user()
    token = join(window, account.pk)
    again = join_room(
        window_id=window.pk, account_id=account.pk, now=OPENS + seconds(5), token=token
    )
    assert again == token
    assert room_of(window.pk, now=OPENS).total == 1


@pytest.mark.parametrize(
    "break_it",
    [
        lambda token: token.replace(".", ".9", 1),
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token.split("~")[0],
        lambda token: "",
        lambda token: token * 20,
        lambda token: "1.2.3~x",
    ],
)
def test_a_forged_ticket_is_refused(office: Any, break_it: Any) -> None:
    window, account = window_of(office), make_user()
    token = join(window, account.pk)
    assert own_ticket(token, window_id=window.pk, account_id=account.pk)
    assert own_ticket(break_it(token), window_id=window.pk, account_id=account.pk) is None


def test_a_ticket_belongs_to_one_account_and_window(office: Any) -> None:
    window = window_of(office)
    other = window_of(make_room_office())
    mine, other_user = make_user(), make_user()
    token = join(window, mine.pk)
    assert own_ticket(token, window_id=window.pk, account_id=other_user.pk) is None
    assert own_ticket(token, window_id=other.pk, account_id=mine.pk) is None


def test_a_missed_turn_moves_to_the_end(office: Any) -> None:
    window, account = window_of(office), make_user()
    token = join(window, account.pk)
    late = OPENS + timedelta(minutes=20)
    assert status_of(window.pk, token, now=late)["state"] == "lapsed"
    again = join_room(window_id=window.pk, account_id=account.pk, now=late, token=token)
    assert again != token
    assert status_of(window.pk, again, now=late)["state"] != "lapsed"


def test_discarded_tickets_do_not_lengthen_the_queue(office: Any) -> None:
    window, account = window_of(office), make_user()
    for _each in range(20):
        join(window, account.pk)
    assert room_of(window.pk, now=OPENS).total == 1


def test_without_redis_arrivals_are_counted_and_admitted(office: Any, settings: Any) -> None:
    settings.CACHES = caches("redis://127.0.0.1:1/0")
    window = window_of(office)
    tokens = [join(window) for _each in range(3)]
    assert room_of(window.pk, now=OPENS).total == 3
    states = {status_of(window.pk, token, now=OPENS + seconds(9))["state"] for token in tokens}
    assert states == {"admitted"}


# --- Status --------------------------------------------------------------------------------------
def test_the_status_contains_position_estimate_and_remaining_places(office: Any) -> None:
    window = window_of(office)
    tokens = [join(window) for _each in range(8)]
    assert status_of(window.pk, tokens[0], now=WAITS)["state"] == "early"
    assert "position" not in status_of(window.pk, tokens[0], now=WAITS)
    statuses = [status_of(window.pk, token, now=OPENS) for token in tokens]
    assert all(row["state"] in ("waiting", "admitted") for row in statuses)
    assert all(1 <= row["position"] <= 8 for row in statuses)
    assert all(row["waiting"] == 8 and row["left"] == row["places"] == 100 for row in statuses)
    last = max(statuses, key=lambda row: row["position"])
    assert last["wait_seconds"] == pytest.approx(last["position"], abs=2)
    states = {status_of(window.pk, token, now=OPENS + seconds(9))["state"] for token in tokens}
    assert states == {"admitted"}


def test_admission_follows_the_clock_without_workers(office: Any) -> None:
    """No task runs between the opening and this read."""
    window = window_of(office)
    tokens = [join(window) for _each in range(40)]
    room = room_of(window.pk, now=OPENS)
    for at in (10, 20, 30):
        let_in = [status_of(window.pk, t, now=OPENS + seconds(at))["state"] for t in tokens]
        # Chance remains only within the current hundredth.
        assert let_in.count("admitted") == pytest.approx(at, abs=max(room.lots))


def latest(left: Any, *, interval: Any = ask_again_before, waiting: Any = 500) -> Any:
    """Return the latest time after the opening at which a page polls first, for any random delay."""
    ask = interval(left, waiting=waiting)
    moments = [ask * (0.7 + 0.05 * step) for step in range(13)]
    return max(
        latest(left - at, interval=interval, waiting=waiting) if at < left else at - left
        for at in moments
    )


def test_positions_are_known_within_seconds_of_the_opening() -> None:
    assert max(latest(float(left)) for left in range(1, 31)) <= 12.5
    assert latest(4.0) <= 4
    assert latest(1.0, interval=lambda _left, waiting: 20) == pytest.approx(
        25
    )  # the former behaviour


def test_polling_of_a_large_crowd_is_spread() -> None:
    assert [ask_again_before(1.0, waiting=people) for people in (100, 20_000, 100_000)] == [
        4,
        10,
        20,
    ]
    assert ask_again_before(600.0, waiting=100) == 20


def test_admitted_people_poll_as_rarely_as_distant_ones(office: Any) -> None:
    window = window_of(office)
    statuses = [status_of(window.pk, join(window), now=OPENS + seconds(at)) for at in (5, 1_000)]
    assert [row["state"] for row in statuses] == ["admitted", "lapsed"]
    assert [row["ask_again"] for row in statuses] == [10, 10]


def test_late_arrivals_follow_everyone_present_at_the_opening(office: Any) -> None:
    window = window_of(office)
    early = [join(window) for _each in range(10)]
    late = [join(window, now=OPENS + seconds(1 + n / 10)) for n in range(5)]
    look = OPENS + seconds(3)
    places = [status_of(window.pk, token, now=look)["position"] for token in late]
    assert places == sorted(places)
    assert max(status_of(window.pk, t, now=look)["position"] for t in early) < places[0]


def test_other_users_see_nothing_personal(office: Any) -> None:
    status = status_of(window_of(office).pk, "", now=OPENS)
    assert status["state"] == "apart"
    assert "position" not in status
    assert status_of(999_999, "", now=OPENS)["state"] == "none"


# --- Admission -----------------------------------------------------------------------------------
def test_only_admitted_people_pass(office: Any) -> None:
    window, slot, account = window_of(office), slot_of(office), make_user()
    for _each in range(20):
        join(window)
    token = join(window, account.pk)
    place = pure.position(room_of(window.pk, now=OPENS), read_ticket(token, window_id=window.pk))
    ask = {"slot_id": slot.pk, "account_id": account.pk}
    with pytest.raises(NotLetIn):
        check_let_in(**ask, tokens=[token], now=OPENS + seconds(place - 0.1))
    check_let_in(**ask, tokens=["rubbish", token], now=OPENS + seconds(place + 0.1))
    with pytest.raises(NotLetIn):
        check_let_in(**ask, tokens=[], now=OPENS + seconds(place + 0.1))
    with pytest.raises(NotLetIn):
        check_let_in(
            slot_id=slot.pk,
            account_id=make_user().pk,
            tokens=[token],
            now=OPENS + seconds(place + 1),
        )


def test_admission_pauses_while_nothing_is_left(office: Any) -> None:
    window = window_of(office)
    for _each in range(40):
        join(window)
    place = window.places.all()
    place.update(holder="00000000-0000-0000-0000-000000000001")
    keep_rooms(now=OPENS + seconds(10))
    room = room_of(window.pk, now=OPENS + seconds(30))
    assert pure.watermark(room, OPENS + seconds(30)) == pytest.approx(12, abs=0.1)
    assert (
        status_of(window.pk, join(window, now=OPENS + seconds(30)), now=OPENS + seconds(30))[
            "state"
        ]
        == "sold_out"
    )
    place.update(holder=None)
    keep_rooms(now=OPENS + seconds(40))
    room = room_of(window.pk, now=OPENS + seconds(52))
    assert pure.watermark(room, OPENS + seconds(52)) == pytest.approx(22, abs=0.1)


def test_the_waiting_room_ends_when_it_is_not_needed(office: Any) -> None:
    window, slot = window_of(office), slot_of(office)
    join(window)
    assert keep_rooms(now=OPENS + timedelta(minutes=4)) in (0, 1)
    assert WaitingRoom.objects.get().ended_at is None
    keep_rooms(now=OPENS + timedelta(minutes=8))
    assert WaitingRoom.objects.get().ended_at is not None
    check_let_in(
        slot_id=slot.pk, account_id=make_user().pk, tokens=[], now=OPENS + timedelta(minutes=9)
    )
    assert status_of(window.pk, "", now=OPENS + timedelta(minutes=9))["state"] == "over"


def test_the_rate_follows_responses_and_server_load(office: Any, settings: Any) -> None:
    settings.WAITING_ROOM_RATE = 20.0
    keep_rooms(now=WAITS)
    room = WaitingRoom.objects.get()
    assert room.marks.last().rate == 20
    for _each in range(600):
        RoomSecond.objects.get_or_create(room=room, second=-1, defaults={"arrived": 5_000})
    for second in range(20):
        RoomSecond.objects.create(room=room, second=second, answered=20, busy=1.0)
    keep_rooms(now=OPENS + seconds(20))
    assert room.marks.last().rate == pytest.approx(15)
    reached = room.marks.last().watermark
    assert reached == pytest.approx(20 * 22, abs=1)


def test_two_workers_record_one_change(office: Any, settings: Any) -> None:
    settings.WAITING_ROOM_RATE = 7.0
    assert keep_rooms(now=WAITS) == 1
    assert keep_rooms(now=WAITS) == 0


# --- The commitment ------------------------------------------------------------------------------
def test_the_seed_is_published_after_opening_and_matches_its_commitment(office: Any) -> None:
    sealed = sealed_room(window_of(office).pk)
    assert room_proof(sealed, now=WAITS)["seed"] is None
    shown = room_proof(sealed, now=OPENS)
    assert hashlib.sha256(shown["seed"].encode()).hexdigest() == shown["seed_hash"]


def test_a_position_can_be_computed_from_the_proof_alone(office: Any) -> None:
    window, account = window_of(office), make_user()
    tokens = [join(window) for _each in range(9)] + [join(window, account.pk)]
    proof = room_proof(sealed_room(window.pk), now=OPENS)
    ticket = read_ticket(tokens[-1], window_id=window.pk)
    status = status_of(window.pk, tokens[-1], now=OPENS)
    assert place_by(proof, ticket.code) == status["position"]


def place_by(proof: Any, code: Any) -> Any:
    """Compute a position as the documentation explains."""
    seed, counts = proof["seed"].encode(), proof["early_by_hundredth"]
    digest = hmac.new(seed, code.encode(), hashlib.sha256).hexdigest()
    lot = int(digest[:13], 16) / 16**13 * len(counts)
    return int(sum(counts[: int(lot)]) + counts[int(lot)] * (lot % 1)) + 1


def test_hundredth_counts_are_published_only_with_the_seed(office: Any) -> None:
    window = window_of(office)
    for _each in range(7):
        join(window)
    sealed = sealed_room(window.pk)
    assert room_proof(sealed, now=WAITS)["early_by_hundredth"] is None
    proof = room_proof(sealed, now=OPENS)
    assert sum(proof["early_by_hundredth"]) == proof["early"] == 7


def test_early_arrivals_without_a_hundredth_are_spread_evenly(office: Any) -> None:
    """An earlier version counted so; a waiting room may be open during an update."""
    window = window_of(office)
    tokens = [join(window) for _each in range(5)]
    RoomSecond.objects.create(room=window.room, second=-1, arrived=1_000)
    room = room_of(window.pk, now=OPENS)
    assert room.total == 1_005
    for token in tokens:
        ticket = read_ticket(token, window_id=window.pk)
        even = pure.lot(room.seed, ticket.code) * 1_000
        assert even <= pure.position(room, ticket) <= even + 5
