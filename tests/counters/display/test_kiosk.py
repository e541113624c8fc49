"""Kiosks: issued and revoked by a supervisor, bound to an office, honest about what the gate still does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client

from booking.bookings.changes import cancel_booking
from core.errors import InvalidInput, NotAllowed
from counters.display.services import check_in_at_kiosk
from counters.gate import services as gate_services
from counters.gate.errors import TooEarly
from counters.kiosks.errors import (
    KioskNotPaired,
    KioskRevoked,
    TicketEnded,
    TicketForAnotherDay,
    TooManyWrongCodes,
    UnknownTicket,
    WrongPairingCode,
)
from counters.kiosks.models import Kiosk, KioskCheckIn
from counters.kiosks.selectors import kiosk_rows, sent_to_gate
from counters.kiosks.services import MOST_TRIES, issue_kiosk, pair_kiosk, revoke_kiosk
from counters.visits.models import Visit
from offices.day_rules.models import DayRule
from offices.limits.models import Protocol
from offices.staff.models import Role
from tests.builders import (
    INSTRUMENT,
    NOW,
    SINCE,
    book_online,
    make_office,
    make_officer,
    make_person,
    make_user,
)
from tests.counters.world import DAY, World, make_world

SetClock = Callable[[datetime], None]


def let_kiosks_complete(world: World, **rules: Any) -> None:
    DayRule.objects.create(
        office=world.office,
        kiosk_completes=True,
        valid_from=SINCE,
        instrument=INSTRUMENT,
        **rules,
    )


def paired(world: World, *, hour: int = 7) -> str:
    """The token of a new kiosk."""
    now = world.at(hour)
    _kiosk, code = issue_kiosk(
        office_id=world.office.pk, name="Pintu utara", by=world.supervisor, now=now
    )
    return pair_kiosk(office=world.office.code, code=code, now=now)


def scan(world: World, token: str, code: str, *, hour: int = 8, minute: int = 0) -> Any:
    return check_in_at_kiosk(token=token, code=code, now=world.at(hour, minute))[1]


# --- Pairing --------------------------------------------------------------------------------------
def test_a_code_pairs_one_device(world: World) -> None:
    now = world.at(7)
    kiosk, code = issue_kiosk(office_id=world.office.pk, name=" A ", by=world.supervisor, now=now)
    typed = f"{code[:5].lower()}-{code[5:]}"
    token = pair_kiosk(office=world.office.code, code=typed, now=now)
    assert [row.state for row in kiosk_rows(world.office, now=now)] == ["paired"]
    with pytest.raises(WrongPairingCode):
        pair_kiosk(office=world.office.code, code=code, now=now)
    stored = " ".join(map(str, Kiosk.objects.values_list().get(pk=kiosk.pk)))
    assert code not in stored
    assert token not in stored


@pytest.mark.parametrize(("minutes", "is_valid"), [(14, True), (15, False)])
def test_a_code_expires(world: World, minutes: int, is_valid: bool) -> None:
    _kiosk, code = issue_kiosk(
        office_id=world.office.pk, name="A", by=world.supervisor, now=world.at(7)
    )
    pair = partial(pair_kiosk, office=world.office.code, code=code, now=world.at(7, minutes))
    if is_valid:
        assert pair()
    else:
        with pytest.raises(WrongPairingCode):
            pair()


def test_a_code_of_another_office_is_wrong(world: World) -> None:
    other = make_office()
    _kiosk, code = issue_kiosk(
        office_id=world.office.pk, name="A", by=world.supervisor, now=world.at(7)
    )
    with pytest.raises(WrongPairingCode):
        pair_kiosk(office=other.code, code=code, now=world.at(7))


def test_only_a_supervisor_of_the_office_issues_and_revokes(world: World) -> None:
    stranger = make_officer(make_office(), Role.SUPERVISOR)
    paired(world)
    kiosk = Kiosk.objects.get()
    for officer in (world.gate, world.officer, stranger):
        with pytest.raises(NotAllowed):
            issue_kiosk(office_id=world.office.pk, name="A", by=officer, now=world.at(7))
        with pytest.raises(NotAllowed):
            revoke_kiosk(kiosk_id=kiosk.pk, by=officer, now=world.at(7))


def test_a_kiosk_needs_a_name(world: World) -> None:
    with pytest.raises(InvalidInput):
        issue_kiosk(office_id=world.office.pk, name=" ", by=world.supervisor, now=world.at(7))


def test_two_devices_cannot_use_one_code(run_together: Any) -> None:
    world = make_world()
    _kiosk, code = issue_kiosk(
        office_id=world.office.pk, name="A", by=world.supervisor, now=world.at(7)
    )
    pair = partial(pair_kiosk, office=world.office.code, code=code, now=world.at(7))
    outcomes = run_together([pair] * 6)
    assert sum(isinstance(one, str) for one in outcomes) == 1
    assert sum(isinstance(one, WrongPairingCode) for one in outcomes) == 5


# --- Check-in -------------------------------------------------------------------------------------
def test_by_default_the_gate_comes_first(world: World) -> None:
    booking, token = world.book(8), paired(world)
    assert scan(world, token, booking.code).state == "gate"
    assert not Visit.objects.exists()
    [row] = sent_to_gate(world.office, now=world.at(8, 5))
    assert (row.booking, row.at) == (booking, world.at(8))
    world.check_in(booking, world.at(8, 6))
    assert not sent_to_gate(world.office, now=world.at(8, 7)).exists()
    assert scan(world, token, booking.code, minute=8).state == "in"


def test_where_the_rule_allows_it_the_kiosk_gives_the_number(world: World) -> None:
    let_kiosks_complete(world)
    booking, token = world.book(8), paired(world)
    first = scan(world, token, booking.code.lower())
    assert (first.state, str(first.visit.ticket)) == ("in", "A-001")
    again = scan(world, token, booking.code, minute=5)
    assert again.visit == first.visit
    assert Visit.objects.get().arrived_at == world.at(8)
    line = Visit.objects.get().history.get()
    assert (line.kind, line.by) == ("arrived", None)
    assert KioskCheckIn.objects.get().is_complete


def test_a_protocol_with_checks_sends_everybody_to_the_gate(world: World) -> None:
    let_kiosks_complete(world)
    Protocol.objects.create(
        office=world.office,
        name="Suhu",
        name_en="Temperature",
        items=[{"name": "Masker", "name_en": "Mask"}],
        valid_from=SINCE,
        instrument=INSTRUMENT,
    )
    assert scan(world, paired(world), world.book(8).code).state == "gate"


def test_late_people_go_to_the_gate(world: World) -> None:
    let_kiosks_complete(world)
    token = paired(world)
    assert scan(world, token, world.book(8).code, hour=9, minute=30).state == "in"
    assert scan(world, token, world.book(8).code, hour=9, minute=31).state == "gate"


def test_who_comes_too_early_hears_when_to_come(world: World) -> None:
    token, booking = paired(world), world.book(10)
    with pytest.raises(TooEarly) as error:
        scan(world, token, booking.code, hour=8, minute=59)
    assert "09.00" in str(error.value)
    assert not KioskCheckIn.objects.exists()
    assert scan(world, token, booking.code, hour=9).state == "gate"


def test_another_day_and_a_cancelled_booking_get_a_sentence(world: World) -> None:
    token, booking = paired(world), world.book(8, day=DAY + timedelta(days=1))
    with pytest.raises(TicketForAnotherDay):
        scan(world, token, booking.code)
    cancel_booking(booking_id=booking.pk, by=booking.account, now=world.at(8))
    with pytest.raises(TicketEnded):
        scan(world, token, booking.code)


def test_an_absent_person_goes_to_the_gate(world: World) -> None:
    let_kiosks_complete(world)
    token, visit = paired(world), world.arrive(8)
    gate_services.refuse_visit(
        visit_id=visit.pk, reason="nama lain", by=world.gate, now=world.at(8, 5)
    )
    assert scan(world, token, visit.booking.code, minute=10).state == "gate"
    assert Visit.objects.get().status == "refused"


# --- Limits and refusals ----------------------------------------------------------------------------
def test_a_code_of_another_office_is_answered_like_an_unknown_one(world: World) -> None:
    other = make_world()
    booking, token = other.book(8), paired(world)
    texts = []
    for code in (booking.code, "ACDEFGHJKM"):
        with pytest.raises(UnknownTicket) as error:
            scan(world, token, code)
        texts.append(str(error.value))
    assert texts[0] == texts[1]
    assert not KioskCheckIn.objects.exists()


def test_wrong_codes_are_limited_and_the_limit_passes(world: World) -> None:
    token, booking = paired(world), world.book(8)
    for _try in range(MOST_TRIES):
        with pytest.raises(UnknownTicket):
            scan(world, token, "ACDEFGHJKM")
    with pytest.raises(TooManyWrongCodes):
        scan(world, token, booking.code, minute=1)
    assert scan(world, token, booking.code, minute=5).state == "gate"


def test_right_codes_are_not_limited(world: World) -> None:
    token, booking = paired(world), world.book(8)
    for _scan in range(MOST_TRIES + 5):
        assert scan(world, token, booking.code).state == "gate"
    assert KioskCheckIn.objects.count() == 1


def test_parallel_guesses_stay_within_the_limit(run_together: Any) -> None:
    world = make_world()
    token = paired(world)
    guess = partial(scan, world, token, "ACDEFGHJKM")
    outcomes = run_together([guess] * (MOST_TRIES + 6))
    assert sum(isinstance(one, UnknownTicket) for one in outcomes) == MOST_TRIES


def test_a_revoked_kiosk_hears_it(world: World) -> None:
    token, booking = paired(world), world.book(8)
    revoke_kiosk(kiosk_id=Kiosk.objects.get().pk, by=world.supervisor, now=world.at(7, 30))
    with pytest.raises(KioskRevoked):
        scan(world, token, booking.code)
    with pytest.raises(KioskNotPaired):
        scan(world, "x" * 64, booking.code)
    with pytest.raises(KioskNotPaired):
        scan(world, "", booking.code)


def test_scanning_twice_at_once_gives_one_number(run_together: Any) -> None:
    world = make_world()
    let_kiosks_complete(world)
    token, booking = paired(world), world.book(8)
    outcomes = run_together([partial(scan, world, token, booking.code)] * 6)
    assert {str(one.visit.ticket) for one in outcomes} == {"A-001"}
    assert Visit.objects.count() == 1


# --- Pages and API ----------------------------------------------------------------------------------
@pytest.fixture
def at_eight(world: World, set_clock: SetClock) -> World:
    set_clock(world.at(8))
    return world


def page_of(world: World) -> str:
    return f"/kiosk/{world.office.code}/"


def paired_client(world: World) -> Client:
    client = Client()
    _kiosk, code = issue_kiosk(
        office_id=world.office.pk, name="Pintu utara", by=world.supervisor, now=world.at(8)
    )
    answer = client.post(page_of(world), {"pair": code}, follow=True)
    assert "Kode booking" in answer.content.decode()
    return client


def test_an_unpaired_device_asks_for_a_code(at_eight: World, client: Client) -> None:
    answer = client.get(page_of(at_eight))
    assert "Pasangkan perangkat ini" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    refused = client.post(page_of(at_eight), {"pair": "SALAH"}, follow=True)
    assert "tidak berlaku" in refused.content.decode()
    unpaired = client.post(page_of(at_eight), {"ticket": "X"}, follow=True)
    assert "belum dipasangkan" in unpaired.content.decode()


def test_a_number_is_shown_once_and_names_nobody(at_eight: World) -> None:
    let_kiosks_complete(at_eight)
    client, booking = paired_client(at_eight), at_eight.book(8)
    answer = client.post(page_of(at_eight), {"ticket": booking.code}, follow=True)
    text = answer.content.decode()
    assert "A-001" in text
    assert "Ruang utama, lantai 1" in text
    assert "no-store" in answer["Cache-Control"]
    for secret in (booking.applicant.full_name, booking.code, booking.applicant.identity_number):
        assert secret not in text
    assert "A-001" not in client.get(page_of(at_eight)).content.decode()


def test_the_kiosk_says_to_go_to_the_gate_in_both_languages(at_eight: World) -> None:
    client, booking = paired_client(at_eight), at_eight.book(8)
    answer = client.post(page_of(at_eight), {"ticket": booking.code}, follow=True)
    assert "Silakan ke gerbang" in answer.content.decode()
    english = f"{page_of(at_eight)}?lang=en"
    answer = client.post(english, {"ticket": booking.code}, follow=True)
    assert '<html lang="en">' in answer.content.decode()


def test_a_revoked_device_says_so_on_its_screen(at_eight: World) -> None:
    client = paired_client(at_eight)
    revoke_kiosk(kiosk_id=Kiosk.objects.get().pk, by=at_eight.supervisor, now=at_eight.at(8))
    assert "sudah dicabut" in client.get(page_of(at_eight)).content.decode()


def test_a_kiosk_of_another_office_is_not_paired_here(at_eight: World) -> None:
    other = make_world()
    client = paired_client(at_eight)
    assert "Pasangkan perangkat ini" in client.get(page_of(other)).content.decode()
    booking = other.book(8)
    answer = client.post(page_of(other), {"ticket": booking.code}, follow=True)
    assert "belum dipasangkan" in answer.content.decode()
    assert not KioskCheckIn.objects.exists()


def api(token: str, **body: Any) -> Any:
    return Client().post(
        "/api/v1/kiosk/check-in/",
        body,
        content_type="application/json",
        headers={"authorization": f"Token {token}"} if token else {},
    )


def test_the_api_checks_in_with_a_device_token(at_eight: World) -> None:
    let_kiosks_complete(at_eight)
    _kiosk, code = issue_kiosk(
        office_id=at_eight.office.pk, name="A", by=at_eight.supervisor, now=at_eight.at(8)
    )
    answer = Client().post(
        "/api/v1/kiosk/pair/",
        {"office": at_eight.office.code, "code": code},
        content_type="application/json",
    )
    token = answer.json()["token"]
    booking = at_eight.book(8)
    data = api(token, ticket=booking.code).json()
    assert (data["state"], data["number"], data["ahead"]) == ("in", "A-001", 0)
    assert data["place"] == "Ruang utama, lantai 1"
    unknown = api(token, ticket="ACDEFGHJKM")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_ticket")
    refused = api("0" * 64, ticket=booking.code)
    assert (refused.status_code, refused.json()["code"]) == (401, "kiosk_not_paired")
    assert api("", ticket=booking.code).status_code == 401
    revoke_kiosk(kiosk_id=Kiosk.objects.get().pk, by=at_eight.supervisor, now=at_eight.at(8))
    revoked = api(token, ticket=booking.code)
    assert (revoked.status_code, revoked.json()["code"]) == (403, "kiosk_revoked")


def test_the_supervisor_issues_and_revokes_on_a_screen(at_eight: World, client: Client) -> None:
    client.force_login(at_eight.supervisor)
    answer = client.post("/admin/kiosks/", {"name": "Pintu utara"}, follow=True)
    text = answer.content.decode()
    assert "Kode untuk Pintu utara" in text
    assert "Menunggu kode diketik" in text
    kiosk = Kiosk.objects.get()
    answer = client.post(f"/admin/kiosks/{kiosk.pk}/revoke/", follow=True)
    assert "Dicabut" in answer.content.decode()
    client.force_login(at_eight.gate)
    assert client.get("/admin/kiosks/").status_code == 403


def test_a_familys_code_sends_everybody_to_the_gate(world: World) -> None:
    let_kiosks_complete(world)
    account = make_user()
    people = [make_person(account) for _each in range(2)]
    party = book_online(
        account_id=account.pk,
        slot_id=world.slot(8).pk,
        applicant_ids=[person.pk for person in people],
        service_type="new",
        key="keluarga",
        now=NOW,
    )
    token = paired(world)
    assert scan(world, token, party.code).state == "gate"
    assert KioskCheckIn.objects.filter(booking__party=party, is_complete=False).count() == 2
    assert not Visit.objects.exists()
