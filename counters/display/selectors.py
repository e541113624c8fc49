"""What a board shows: calls, order, waits and outages. No names, no codes, no reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.template.defaultfilters import floatformat
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.db import shared_read
from core.errors import NotFound
from core.formats import NBSP, hour_zone
from counters.display.spoken import spoken_call
from counters.estimates.selectors import (
    Facts,
    Waits,
    forecast_of,
    read_facts,
    shared_forecast,
)
from counters.queue.selectors import out_of_order_count
from counters.visits.models import AT_A_COUNTER, Ticket, Visit, VisitStatus
from offices.directory.models import Counter, Device, Hall, Office
from offices.directory.selectors import get_office
from offices.hours.selectors import holiday_on, opening_hours_on
from offices.labels import retired_text
from offices.outages.models import Outage
from offices.outages.selectors import open_outages

REFRESH_SECONDS: Final = 2
# A news line holds two lines of 54 characters that can be read at ten metres.
LONGEST_NEWS: Final = 105
STEP: Final = 5  # minutes
IN_HOURS: Final = 120  # minutes: from here a wait is given in hours
WORD_JOINER: Final = "\u2060"
Minutes = tuple[int, int]  # the least and the greatest wait


@shared_read()
def board_of(code: str, hall: str = "", *, now: datetime) -> dict[str, Any]:
    """Return the public document of an office's board, or of one hall's, at most two seconds old.

    Its calls are at most a second old; order and waits are those of `shared_forecast`.
    Raises NotFound.
    """
    office = get_office(code)
    return _document(office, hall, *shared_forecast(office, now=now), now=now)


def current_board(code: str, hall: str = "", *, now: datetime) -> dict[str, Any]:
    """Return the same document as it is now, for somebody who has just changed it. Raises NotFound."""
    office = get_office(code)
    facts = read_facts(office, now=now)
    return _document(office, hall, facts, forecast_of(facts), now=now)


def _document(
    office: Office, hall: str, facts: Facts, waits: Waits, *, now: datetime
) -> dict[str, Any]:
    """Return the document.

    The time is not in it and waits are in steps of five minutes, so that a board on which nothing
    happens is answered with 304. The number of queries does not depend on the number of people.
    """
    halls = facts.halls
    shown = [row for row in halls if row.code == hall] if hall else list(halls)
    closed = _retired_hall(office, hall) if hall and not shown else None
    outages = [row for row in open_outages(office) if _is_in(row, shown, facts.day)]
    calls = _calls(office, shown, is_of_one_hall=len(shown) == 1, now=now)
    called = {call["number"] for call in calls}  # some perhaps since the facts were read
    line = [
        row
        for row in _people(facts, waits)
        if (not hall or row["hall"] == hall) and row["number"] not in called
    ]
    wait = _newcomer(waits, shown)
    serving = _serving(facts, shown)
    is_working = bool(calls or (line and serving))
    state, state_text = _state(office, is_busy=bool(line), is_working=is_working, now=now)
    if closed is not None:
        state, state_text, outages = "closed", retired_text(closed), []
    return {
        "office": office.code,
        "name": office.name,
        "hall": hall,
        "halls": [
            {"code": row.code, "name": row.label, "floor": row.floor}
            for row in (*halls, *([closed] if closed else []))
        ],
        "day": office.local_day(now),
        "time_zone": office.time_zone,
        "zone_name": office.zone_name,
        "state": state,
        "state_text": state_text,
        "calls": calls,
        "waiting": line,
        "counters_open": serving,
        "wait": _range(wait),
        "out_of_order_today": out_of_order_count(office, now=now),
        "news": _news(wait, len(line), serving, state, outage_sentences(outages)),
    }


def _retired_hall(office: Office, code: str) -> Hall:
    """Return a hall that is out of use: its screen says so. Raises NotFound."""
    hall = office.halls.filter(code=code).first()
    if hall is None:
        raise NotFound
    return hall


def _serving(facts: Facts, halls: Sequence[Hall]) -> int:
    """Return how many counters of these halls call people now."""
    calling = {row.counter_id for row in facts.sessions if row.paused_at is None}
    here = {hall.pk for hall in halls}
    return sum(row.pk in calling and row.hall_id in here for row in facts.counters)


def _people(facts: Facts, waits: Waits) -> list[dict[str, Any]]:
    """Return the waiting numbers in call order, each with its hall, the people before it, its wait."""
    codes = {hall.pk: hall.code for hall in facts.halls}
    people = []
    for hall, rows in facts.order.items():
        for ahead, row in enumerate(rows):
            known = waits.visits.get(row["pk"])
            people.append(
                {
                    "number": str(
                        Ticket(letter=row["ticket__letter"], number=row["ticket__number"])
                    ),
                    "hall": codes.get(hall, ""),
                    "ahead": ahead,
                    "wait": _range((known.low, known.high)) if known else None,
                }
            )
    return people


def _newcomer(waits: Waits, halls: Sequence[Hall]) -> Minutes | None:
    """Return the wait of somebody who joins now: from the shortest to the longest of the halls."""
    known = [waits.newcomers[hall.pk] for hall in halls if hall.pk in waits.newcomers]
    if not known:
        return None
    return min(one.low for one in known), max(one.high for one in known)


def _calls(
    office: Office, halls: Sequence[Hall], *, is_of_one_hall: bool, now: datetime
) -> list[dict[str, Any]]:
    """Return who is called or served now, latest call first."""
    visits = Visit.objects.filter(
        office=office,
        day=office.local_day(now),
        status__in=AT_A_COUNTER,
        session__counter__hall__in=halls,
    )
    rows = visits.select_related("ticket", "session__counter__hall")
    return [_call(visit, is_of_one_hall) for visit in rows.order_by("-called_at", "-pk")]


def _call(visit: Visit, is_of_one_hall: bool) -> dict[str, Any]:
    assert visit.session is not None  # guaranteed by a check constraint
    counter, hall = visit.session.counter, visit.session.counter.hall
    place = "" if is_of_one_hall else place_in_indonesian(hall)
    return {
        "number": str(visit.ticket),
        "counter": counter.number,
        "hall": hall.code,
        "place": place_of(hall),
        "floor": hall.floor,
        "called_at": visit.called_at,
        "times": visit.calls,
        "is_called": visit.status == VisitStatus.CALLED,
        "spoken": spoken_call(
            letter=visit.ticket.letter,
            number=visit.ticket.number,
            counter=counter.number,
            place=place,
        ),
    }


@dataclass(frozen=True)
class Standing:
    """The state of a number on a board: `waiting`, `called` or `serving`."""

    number: str
    state: str
    place: str
    ahead: int = 0
    wait: str = ""
    counter: int | None = None


def standing_in(document: Mapping[str, Any], number: str) -> Standing | None:
    """Return the state of a number on a board; None if it is not on it."""
    for call in document["calls"]:
        if call["number"] == number:
            state = "called" if call["is_called"] else "serving"
            return Standing(number, state, call["place"], counter=call["counter"])
    places = {row["code"]: _place_text(row["name"], row["floor"]) for row in document["halls"]}
    for row in document["waiting"]:
        if row["number"] == number:
            wait = row["wait"]["text"] if row["wait"] else ""
            place = places.get(row["hall"], "")
            return Standing(number, "waiting", place, ahead=row["ahead"], wait=wait)
    return None


def place_of(hall: Hall) -> str:
    """Return a hall with its floor, in the reader's language."""
    return _place_text(hall.label, hall.floor)


def _place_text(hall: str, floor: str) -> str:
    return _("%(hall)s, lantai %(floor)s") % {"hall": hall, "floor": floor}


def place_in_indonesian(hall: Hall) -> str:
    """Return a hall with its floor for the spoken call."""
    with translation.override("id"):
        return place_of(hall)


# --- Sentences ------------------------------------------------------------------------------------
def _state(office: Office, *, is_busy: bool, is_working: bool, now: datetime) -> tuple[str, str]:
    """Return `open`, `before`, `after` or `closed`, and a sentence; work beyond the hours is `open`.

    After closing time people who wait before empty counters are served no more: the day is over.
    """
    day = office.local_day(now)
    hours, holiday = opening_hours_on(office, day), holiday_on(office, day)
    has_closed = hours is not None and now >= office.at(day, hours.closes)
    if is_working or (is_busy and not has_closed):
        return "open", ""
    if holiday is not None:
        return "closed", _("Hari ini tutup: %(holiday)s.") % {"holiday": holiday}
    if hours is None:
        return "closed", _("Hari ini kantor tutup.")
    opens = office.at(day, hours.opens)
    if now < opens:
        return "before", _("Loket buka pukul %(time)s.") % {"time": hour_zone(opens, office)}
    if has_closed:
        return "after", _("Pelayanan hari ini sudah selesai.")
    return "open", ""


def _news(
    wait: Minutes | None, people: int, serving: int, state: str, outages: Sequence[str]
) -> list[str]:
    """Return the news line's sentences, packed into texts of two lines at most."""
    sentences = [*([_wait_sentence(wait, people, serving)] if state == "open" else []), *outages]
    if outages and people:
        sentences.append(_("Urutan panggilan tidak berubah."))
    packed: list[str] = []
    for sentence in sentences:
        if packed and len(packed[-1]) + len(sentence) < LONGEST_NEWS:
            packed[-1] += f" {sentence}"
        else:
            packed.append(sentence)
    return packed


def _wait_sentence(wait: Minutes | None, people: int, serving: int) -> str:
    if wait is None or not serving:
        return _("Belum ada loket yang melayani.")
    if not people:
        return _("Tidak ada yang menunggu.")
    line = ngettext("%(n)d orang menunggu.", "%(n)d orang menunggu.", people) % {"n": people}
    newcomer = _("Yang datang sekarang menunggu sekitar %(wait)s.") % {"wait": wait_text(wait)}
    return f"{line} {newcomer}"


def wait_text(wait: Minutes) -> str:
    """Format a range that no line end divides: `25–40 menit`, from two hours on `2–3,5 jam`."""
    low, high = rounded(wait)
    if low >= IN_HOURS:
        hours = {"low": _hours(low), "high": _hours(high)}
        text = _("%(low)s–%(high)s jam") % hours
    else:
        text = _("%(low)d–%(high)d menit") % {"low": low, "high": high}
    return text.replace("–", f"–{WORD_JOINER}").replace(" ", NBSP)


def _hours(minutes: int) -> str:
    """Return minutes as hours in steps of a half: `2,5`."""
    return floatformat(round(minutes / 30) / 2, -1)


def rounded(wait: Minutes) -> tuple[int, int]:
    """Return the range in steps of five minutes: a finer figure would promise more than is known."""
    least, most = wait
    low = least // STEP * STEP
    return low, max(-(-most // STEP) * STEP, low + STEP)


def _range(wait: Minutes | None) -> dict[str, Any] | None:
    if wait is None:
        return None
    low, high = rounded(wait)
    return {"low": low, "high": high, "text": wait_text(wait)}


def _is_in(outage: Outage, halls: Iterable[Hall], day: date) -> bool:
    """True for an outage of these halls' counters in use, or of a device that the whole office shares."""
    counter = _counter_of(outage)
    if counter is None:
        return True
    return counter.is_in_use_on(day) and counter.hall_id in {hall.pk for hall in halls}


def _counter_of(outage: Outage) -> Counter | None:
    return outage.counter or (outage.device.counter if outage.device else None)


def outage_sentences(outages: Sequence[Outage]) -> list[str]:
    """Say what people notice of the outages, never their technical reason."""
    numbers: dict[str, set[int]] = {}
    shared: set[str] = set()
    for outage in outages:
        kind = outage.device.kind if outage.device else ""
        counter = _counter_of(outage)
        if counter is not None:
            numbers.setdefault(kind, set()).add(counter.number)
        elif kind:
            shared.add(kind)
    effects = _effects_at_counters()
    return [
        *(_effects_everywhere()[kind] for kind in sorted(shared)),
        *(effects[kind] % {"counters": _list(rows)} for kind, rows in sorted(numbers.items())),
    ]


def _effects_at_counters() -> Mapping[str, str]:
    return {
        "": _("Loket %(counters)s sedang tidak melayani."),
        Device.Kind.CAMERA: _("Loket %(counters)s sedang tidak dapat mengambil foto."),
        Device.Kind.FINGERPRINT: _("Loket %(counters)s sedang tidak dapat mengambil sidik jari."),
        Device.Kind.SCANNER: _(
            "Pemeriksaan berkas di loket %(counters)s lebih lama dari biasanya."
        ),
        Device.Kind.PRINTER: _("Pencetakan di loket %(counters)s lebih lama dari biasanya."),
    }


def _effects_everywhere() -> Mapping[str, str]:
    return {
        Device.Kind.CAMERA: _("Pengambilan foto sedang terganggu."),
        Device.Kind.FINGERPRINT: _("Pengambilan sidik jari sedang terganggu."),
        Device.Kind.SCANNER: _("Pemeriksaan berkas lebih lama dari biasanya."),
        Device.Kind.PRINTER: _("Pencetakan paspor lebih lama dari biasanya."),
    }


def _list(numbers: Iterable[int]) -> str:
    """Join numbers for a sentence: `1, 4 dan 5`."""
    texts = [str(number) for number in sorted(numbers)]
    if len(texts) == 1:
        return texts[0]
    return _("%(first)s dan %(last)s") % {"first": ", ".join(texts[:-1]), "last": texts[-1]}
