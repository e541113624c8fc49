"""The lottery as pure functions: ranks, allocation, and checking a published proof.

Nothing here reads a clock, a database or a random source. docs/draw-proof.md specifies the same in prose,
so that anyone can write an independent checker.
"""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from core import beacon
from core.crypto import seal

FORMAT: Final = "passport-draw-proof/1"
LARGEST_PARTY: Final = 5
LARGEST_WEIGHT: Final = 5
ANY: Final = "*"


@dataclass(frozen=True)
class Entry:
    """A person or a family in a lottery with their choices, in order of preference.

    `choices` are slot ids; `takes_any` adds every other slot of their group, earliest first.
    """

    code: str
    size: int
    weight: int
    group: str
    choices: tuple[int, ...] = ()
    takes_any: bool = True

    @property
    def line(self) -> str:
        """The entry's line in the sealed list."""
        wanted = ",".join([*map(str, self.choices), *([ANY] if self.takes_any else [])])
        return f"{self.code}|{self.size}|{self.weight}|{self.group}|{wanted}"


@dataclass(frozen=True)
class SlotRow:
    """A slot, in the order in which `any` takes them."""

    id: int
    group: str


@dataclass(frozen=True)
class Given:
    """The slot an entry got. All places of an entry are in one slot."""

    code: str
    slot: int


def list_digest(head: str, entries: Iterable[Entry]) -> str:
    """Return the list's digest: its head, then one line for each entry, sorted by code."""
    lines = [head, *(entry.line for entry in sorted(entries, key=lambda entry: entry.code))]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def list_head(*, window: int, office: str, first_day: str, last_day: str, seed_hash: str) -> str:
    """Return the first line of the list, which ties it to one lottery and to its sealed seed."""
    return f"draw|{window}|{office}|{first_day}|{last_day}|{seed_hash}"


def draw_key(*, seed: str, digest: str, public_value: str) -> bytes:
    """Return the key for all lots. Nobody can predict or influence it before list and value are fixed."""
    return hashlib.sha256(f"{seed}\n{digest}\n{public_value}".encode()).digest()


def number_of(key: bytes, entry: Entry) -> str:
    """Return an entry's number: the smallest of `weight` lots.

    The smallest of w lots comes first with w times the chance of one, without rounding.
    """
    return min(
        hmac.new(key, f"{entry.code}:{lot}".encode(), hashlib.sha256).hexdigest()
        for lot in range(1, entry.weight + 1)
    )


def ranked(key: bytes, entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries sorted by number."""
    return sorted(entries, key=lambda entry: (number_of(key, entry), entry.code))


def party_weight(losses: Sequence[int]) -> int:
    """Return a party's weight: the lowest of its members', where a member's is one more than their losses."""
    return min(LARGEST_WEIGHT, 1 + min(losses, default=0))


def allocate(
    order: Iterable[Entry],
    *,
    places: Mapping[int, int],
    slots: Sequence[SlotRow],
    voids: Collection[str] = (),
) -> list[Given]:
    """Give places by rank: each entry gets its first choice with room for all of it, or nothing.

    An entry that does not fit is passed over; a smaller entry behind it may still fit.
    """
    left = dict(places)
    given = []
    for entry in order:
        if entry.code in voids:
            continue
        slot = _first_fit(entry, left, slots)
        if slot is not None:
            left[slot] -= entry.size
            given.append(Given(entry.code, slot))
    return given


def _first_fit(entry: Entry, left: Mapping[int, int], slots: Sequence[SlotRow]) -> int | None:
    others = [row.id for row in slots if row.group == entry.group] if entry.takes_any else []
    wanted = (*entry.choices, *others)
    return next((slot for slot in wanted if left.get(slot, 0) >= entry.size), None)


# --- The proof -----------------------------------------------------------------------------------
def check_text(text: str) -> list[str]:
    """Return the errors in a proof file; empty if every figure is consistent."""
    try:
        proof = json.loads(text)
    except (ValueError, RecursionError):
        return ["the file is not JSON"]
    return check_proof(proof)


def check_proof(proof: Any) -> list[str]:
    """Recompute a published lottery; return the differences."""
    if not isinstance(proof, dict) or proof.get("format") != FORMAT:
        return [f"the file is no {FORMAT}"]
    if not proof.get("drawn_at"):
        return ["this draw has not been held yet: seed and result are not published"]
    try:
        return _disagreements(proof)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return [f"a field is missing or malformed: {type(error).__name__} {error}"]


def _disagreements(proof: dict[str, Any]) -> list[str]:
    entries = [entry_of(row) for row in proof["entries"]]
    slots = [SlotRow(int(row["id"]), str(row["group"])) for row in proof["slots"]]
    wrong = _malformed(entries)
    if seal(proof["seed"]) != proof["seed_hash"]:
        wrong.append("the seed is not the one whose fingerprint was published beforehand")
    head = list_head(
        window=proof["window"],
        office=proof["office"],
        first_day=proof["first_day"],
        last_day=proof["last_day"],
        seed_hash=proof["seed_hash"],
    )
    if list_digest(head, entries) != proof["list_digest"]:
        wrong.append("the list is not the one whose fingerprint was published at its close")
    key = draw_key(
        seed=proof["seed"], digest=proof["list_digest"], public_value=proof["public_value"]
    )
    order = ranked(key, entries)
    if [entry.code for entry in order] != proof["ranks"]:
        wrong.append("the ranks do not follow from seed, list and public value")
    wrong += _wrong_beacon(proof)
    return wrong + _wrong_rounds(order, slots, proof["rounds"])


def _wrong_beacon(proof: Mapping[str, Any]) -> list[str]:
    """Check the round of the beacon, if the lottery used one, with the network's own public key."""
    given = proof.get("beacon")
    if given is None:
        return []
    number, signature = int(given["round"]), str(given["signature"])
    wrong = []
    if f" {number} " not in str(proof["public_source"]):
        wrong.append("the round of the beacon is not the one named beforehand")
    if beacon.published_at(number) <= datetime.fromisoformat(proof["list_closed_at"]):
        wrong.append("the round of the beacon was published before the list was closed")
    try:
        if beacon.randomness_of(number, signature) != proof["public_value"]:
            wrong.append("the public value is not the value of the beacon's round")
    except beacon.InvalidSignature:
        wrong.append("the signature of the beacon's round is false")
    return wrong


def _malformed(entries: Sequence[Entry]) -> list[str]:
    wrong = []
    if len({entry.code for entry in entries}) < len(entries):
        wrong.append("an entry stands in the list twice")
    if any(not 1 <= entry.size <= LARGEST_PARTY for entry in entries):
        wrong.append("an entry is for nobody or for more than five people")
    if any(not 1 <= entry.weight <= LARGEST_WEIGHT for entry in entries):
        wrong.append("a weight is out of its bounds")
    return wrong


def _wrong_rounds(
    order: Sequence[Entry], slots: Sequence[SlotRow], rounds: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Recompute every round, including later ones in which unclaimed places pass on."""
    wrong = [] if rounds else ["the result is missing"]
    has_won: set[str] = set()
    for number, row in enumerate(rounds, start=1):
        places = {int(slot): int(count) for slot, count in row["places"].items()}
        voids = set(row["voids"])
        if voids - {entry.code for entry in order}:
            wrong.append(f"round {number}: a void is not on the list")
        rest = [entry for entry in order if entry.code not in has_won]
        expected = allocate(rest, places=places, slots=slots, voids=voids)
        published = [Given(str(one["entry"]), int(one["slot"])) for one in row["given"]]
        if expected != published:
            wrong.append(f"round {number}: the places were not given by rank")
        has_won |= {one.code for one in published}
    return wrong


def entry_of(row: Mapping[str, Any]) -> Entry:
    """Parse an entry from a proof."""
    return Entry(
        code=str(row["code"]),
        size=int(row["size"]),
        weight=int(row["weight"]),
        group=str(row["group"]),
        choices=tuple(int(slot) for slot in row["choices"]),
        takes_any=row["any"] is True,
    )


def row_of(entry: Entry) -> dict[str, Any]:
    """Return an entry in the format of a proof."""
    return {
        "code": entry.code,
        "size": entry.size,
        "weight": entry.weight,
        "group": entry.group,
        "choices": list(entry.choices),
        "any": entry.takes_any,
    }
