"""The lottery as pure computation: chances, order, allocation, and what a proof detects."""

import copy
import hashlib
import json
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.lottery import proof as lottery_proof
from booking.lottery.proof import Entry, Given, SlotRow, allocate, check_proof, number_of, ranked
from core.crypto import seal

HOURS = [SlotRow(1, "citizens"), SlotRow(2, "citizens"), SlotRow(3, "foreigners")]
sizes = st.integers(1, 5)
entries = st.lists(
    st.builds(
        Entry,
        code=st.text("ACDEFGH", min_size=6, max_size=6),
        size=sizes,
        weight=st.integers(1, 5),
        group=st.sampled_from(["citizens", "foreigners"]),
        choices=st.lists(st.sampled_from([1, 2]), unique=True, max_size=2).map(tuple),
        takes_any=st.booleans(),
    ),
    max_size=40,
    unique_by=lambda entry: entry.code,
)
places = st.fixed_dictionaries({1: st.integers(0, 20), 2: st.integers(0, 20), 3: st.integers(0, 9)})


def key(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


@given(entries, places)
@settings(max_examples=150, deadline=None)
def test_slots_are_never_exceeded_and_families_stay_together(
    listed: list[Entry], room: dict[int, int]
) -> None:
    order = ranked(key(1), listed)
    result = allocate(order, places=room, slots=HOURS)
    sizes_of = {entry.code: entry.size for entry in listed}
    taken: Counter[int] = Counter()
    for one in result:
        taken[one.slot] += sizes_of[one.code]
    assert all(taken[slot] <= room[slot] for slot in taken)
    assert len({one.code for one in result}) == len(result)


@given(entries, places)
@settings(max_examples=150, deadline=None)
def test_no_loser_would_fit_in_the_remaining_places(
    listed: list[Entry], room: dict[int, int]
) -> None:
    result = allocate(ranked(key(2), listed), places=room, slots=HOURS)
    by_code = {entry.code: entry for entry in listed}
    left = dict(room)
    for one in result:
        left[one.slot] -= by_code[one.code].size
    losers = [entry for entry in listed if entry.code not in {one.code for one in result}]
    assert allocate(losers, places=left, slots=HOURS) == []


@given(entries, places, st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_order_of_entries_does_not_change_the_result(
    listed: list[Entry], room: dict[int, int], chance: random.Random
) -> None:
    mixed = list(listed)
    chance.shuffle(mixed)
    assert ranked(key(3), mixed) == ranked(key(3), listed)
    assert lottery_proof.list_digest("x", mixed) == lottery_proof.list_digest("x", listed)


def test_a_void_entry_passes_its_place_on() -> None:
    order = [Entry("A", 1, 1, "citizens"), Entry("B", 1, 1, "citizens")]
    assert allocate(order, places={1: 1}, slots=HOURS, voids={"A"}) == [Given("B", 1)]


def test_a_smaller_party_takes_places_too_few_for_a_family() -> None:
    order = [
        Entry("A", 3, 1, "citizens"),
        Entry("B", 2, 1, "citizens"),
        Entry("C", 1, 1, "citizens"),
    ]
    assert allocate(order, places={1: 4}, slots=HOURS) == [Given("A", 1), Given("C", 1)]


def test_chosen_slots_come_before_any_slot() -> None:
    picky = Entry("A", 1, 1, "citizens", (2,), takes_any=False)
    easy = Entry("B", 1, 1, "citizens", (2,), takes_any=True)
    assert allocate([picky, easy], places={1: 1, 2: 1}, slots=HOURS) == [
        Given("A", 2),
        Given("B", 1),
    ]
    assert allocate([easy, picky], places={1: 1, 2: 1}, slots=HOURS) == [Given("B", 2)]


def test_a_family_has_the_weight_of_its_lightest_member() -> None:
    assert lottery_proof.party_weight([3, 0, 2]) == 1
    assert lottery_proof.party_weight([2, 1]) == 2
    assert lottery_proof.party_weight([9]) == lottery_proof.LARGEST_WEIGHT


# --- Equal chances -------------------------------------------------------------------------------
SEEDS, PEOPLE, WINS = 800, 40, 10


def wins_by_position(weigh: Any = lambda _position: 1, bias: Any = None) -> list[int]:
    """Run many lotteries among equal entrants; return how often each one wins."""
    listed = [Entry(f"E{n:03d}", 1, weigh(n), "citizens") for n in range(PEOPLE)]
    wins: Counter[str] = Counter()
    for seed in range(SEEDS):
        order = ranked(key(seed), listed)
        if bias is not None:
            order = bias(order, seed)
        wins.update(entry.code for entry in order[:WINS])
    return [wins[entry.code] for entry in listed]


def chi_square(wins: list[int]) -> float:
    expected = SEEDS * WINS / PEOPLE
    return sum((count - expected) ** 2 for count in wins) / (expected * (1 - WINS / PEOPLE))


# 39 degrees of freedom: above 72.1 once in a thousand times. The seeds are fixed, so the result is too.
BOUND = 72.1


def test_equal_entries_have_equal_chances() -> None:
    assert chi_square(wins_by_position()) < BOUND


def test_control_a_biased_lottery_exceeds_the_same_limit() -> None:
    """If this fails, the test above would not detect a bias."""

    def favour(order: list[Entry], seed: int) -> list[Entry]:
        if seed % 4:
            return order
        return sorted(order, key=lambda entry: entry.code != "E007")

    assert chi_square(wins_by_position(bias=favour)) > BOUND


def test_twice_the_weight_wins_first_twice_as_often() -> None:
    listed = [Entry("A", 1, 2, "citizens"), *(Entry(f"B{n}", 1, 1, "citizens") for n in range(4))]
    first = Counter(ranked(key(seed), listed)[0].code for seed in range(3000))
    assert 0.30 < first["A"] / 3000 < 0.366


# --- Proofs --------------------------------------------------------------------------------------
def proof_of(number: int = 30, room: int = 10) -> dict[str, Any]:
    seed = "5" * 64
    listed = [Entry(f"P{n:03d}", 1 + n % 3, 1 + n % 2, "citizens", (2,)) for n in range(number)]
    proof: dict[str, Any] = {
        "format": lottery_proof.FORMAT,
        "window": 7,
        "office": "jaksel",
        "first_day": "2026-12-07",
        "last_day": "2026-12-11",
        "seed": seed,
        "seed_hash": seal(seed),
        "public_value": "16234",
        "drawn_at": "2026-11-27T17:00:00+07:00",
        "slots": [{"id": row.id, "group": row.group} for row in HOURS],
        "entries": [lottery_proof.row_of(entry) for entry in listed],
    }
    head = lottery_proof.list_head(
        window=7,
        office="jaksel",
        first_day="2026-12-07",
        last_day="2026-12-11",
        seed_hash=proof["seed_hash"],
    )
    proof["list_digest"] = lottery_proof.list_digest(head, listed)
    order = ranked(
        lottery_proof.draw_key(seed=seed, digest=proof["list_digest"], public_value="16234"), listed
    )
    proof["ranks"] = [entry.code for entry in order]
    voids = {entry.code: "not_bookable" for entry in listed[3:4]}
    given_now = allocate(order, places={1: room, 2: room}, slots=HOURS, voids=voids)
    proof["rounds"] = [
        {
            "places": {"1": room, "2": room},
            "voids": voids,
            "given": [{"entry": one.code, "slot": one.slot} for one in given_now],
        }
    ]
    return proof


def test_a_valid_proof_passes() -> None:
    assert check_proof(proof_of()) == []
    assert check_proof(proof_of(number=0)) == []


def change(proof: dict[str, Any], path: str) -> None:
    inner: Any = proof
    steps = path.split(".")
    for step in steps[:-1]:
        inner = inner[int(step)] if isinstance(inner, list) else inner[step]
    last: Any = int(steps[-1]) if isinstance(inner, list) else steps[-1]
    old = inner[last]
    inner[last] = old + 1 if isinstance(old, int) else ("x" if old[0] != "x" else "y") + old[1:]


@pytest.mark.parametrize(
    "path",
    [
        "seed",
        "seed_hash",
        "list_digest",
        "public_value",
        "entries.4.code",
        "entries.4.size",
        "entries.9.weight",
        "entries.0.group",
        "entries.5.choices.0",
        "ranks.0",
        "rounds.0.given.0.entry",
        "rounds.0.given.2.slot",
        "rounds.0.places.1",
        "window",
        "office",
        "first_day",
    ],
)
def test_one_changed_character_makes_a_proof_fail(path: str) -> None:
    proof = proof_of()
    change(proof, path)
    assert check_proof(proof)


def test_a_changed_winner_makes_a_proof_fail() -> None:
    for meddle in (
        lambda rows: rows.pop(),
        lambda rows: rows.append({"entry": "P029", "slot": 1}),
        lambda rows: rows.reverse(),
    ):
        proof = proof_of()
        meddle(proof["rounds"][0]["given"])
        assert check_proof(proof)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '"x"', '{"format": "passport-draw-proof/1"}', "[" * 9999]
)
def test_an_invalid_proof_is_reported(text: str) -> None:
    assert lottery_proof.check_text(text)


def test_a_proof_with_missing_fields_is_reported() -> None:
    for name in ("seed", "entries", "rounds", "slots", "ranks"):
        proof = copy.deepcopy(proof_of())
        del proof[name]
        assert lottery_proof.check_text(json.dumps(proof))


def test_an_entrys_number_is_the_smallest_of_its_lots() -> None:
    light, heavy = Entry("A", 1, 1, "citizens"), Entry("A", 1, 5, "citizens")
    assert number_of(key(1), heavy) <= number_of(key(1), light)
