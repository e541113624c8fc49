"""The supervisor's screen of returned places: how many wait, and new terms from a day on."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from offices.staff.models import Role
from quotas.places.models import Slot
from quotas.policies.models import ReturnRule, RuleChange
from quotas.policies.selectors import return_terms
from tests.booking.waiting_list.waiting_world import (
    give_back,
    make_full_slot,
    offer_to,
    serve,
    wait,
    wait_as_family,
)
from tests.builders import NOW, make_officer, make_person
from tests.clients import page_text

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/rules/returns/"


@pytest.fixture
def slot(set_clock: Any) -> Slot:
    set_clock(NOW)
    full_slot, [booking] = make_full_slot()
    wait(full_slot, make_person(full_name="Budi Santoso"))
    wait_as_family(full_slot, 3)
    give_back(booking)
    serve()
    return full_slot


@pytest.fixture
def supervisor(client: Client, slot: Slot) -> Client:
    client.force_login(make_officer(slot.office, Role.SUPERVISOR))
    return client


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "rest_from_minutes": "10",
        "rest_until_minutes": "30",
        "answer_hours": "6",
        "offers_at_most": "2",
        "quiet_from": "21:00",
        "quiet_until": "06:00",
        "instrument": "SK 14/2026",
        "valid_from": (NOW + timedelta(days=1)).date().isoformat(),
        "save": "1",
        **changes,
    }


def test_the_screen_shows_how_many_wait_but_no_names(supervisor: Client) -> None:
    page = page_text(supervisor.get(ADDRESS))
    assert "2 pendaftar," in page
    assert "4 orang" in page
    assert "Budi" not in page
    assert ADDRESS in page_text(supervisor.get("/admin/rules/"))


def test_new_terms_apply_from_their_day_and_are_recorded(supervisor: Client, slot: Slot) -> None:
    answer = supervisor.post(ADDRESS, typed(), follow=True)
    assert "Aturan tersimpan" in page_text(answer)
    office, tomorrow = slot.office, office_day(slot) + timedelta(days=1)
    assert return_terms(office, lane="online", day=tomorrow).answer == timedelta(hours=6)
    assert return_terms(office, lane="online", day=office_day(slot)).answer == timedelta(hours=4)
    change = RuleChange.objects.get(kind="returns")
    assert (change.after["answer_hours"], change.instrument) == (6, "SK 14/2026")
    assert "SK 14/2026" in page_text(supervisor.get("/admin/rules/"))
    later = (NOW + timedelta(days=5)).date().isoformat()
    supervisor.post(ADDRESS, typed(valid_from=later, answer_hours="8"))
    rows = ReturnRule.objects.filter(office=office).order_by("valid_from")
    assert [row.valid_until is None for row in rows] == [False, True]


def office_day(slot: Slot) -> Any:
    return slot.office.local_day(NOW)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rest_until_minutes": "5"}, "tidak boleh kurang dari"),
        ({"valid_from": "2026-11-23"}, "paling cepat besok"),
        ({"instrument": ""}, "Isi surat keputusan"),
        ({"answer_hours": "0"}, "Paling sedikit 1"),
        ({"quiet_from": "malam"}, "Isi jam, misalnya"),
    ],
)
def test_invalid_terms_are_refused(supervisor: Client, changes: dict[str, str], says: str) -> None:
    answer = supervisor.post(ADDRESS, typed(**changes))
    assert answer.status_code == 400
    assert says in page_text(answer)
    assert not ReturnRule.objects.exists()


def test_existing_offers_keep_their_terms(supervisor: Client, slot: Slot) -> None:
    entry = slot.offers.get().entry
    before = offer_to(entry).answer_by
    supervisor.post(ADDRESS, typed(answer_hours="1"))
    serve(NOW + timedelta(minutes=5))
    assert offer_to(entry).answer_by == before


def test_a_second_decision_for_a_day_replaces_the_first(supervisor: Client) -> None:
    supervisor.post(ADDRESS, typed())
    supervisor.post(ADDRESS, typed(answer_hours="8"))
    assert ReturnRule.objects.get().answer_hours == 8
    assert RuleChange.objects.filter(kind="returns").count() == 2


def test_an_outdated_page_is_refused(supervisor: Client) -> None:
    page = page_text(supervisor.get(ADDRESS))
    assert 'name="basis" value="0"' in page
    supervisor.post(ADDRESS, typed(basis="0"))
    again = supervisor.post(ADDRESS, typed(basis="0", answer_hours="8"))
    assert again.status_code == 400
    assert "baru saja diubah" in page_text(again)
    assert ReturnRule.objects.get().answer_hours == 6


def test_regional_staff_can_read_but_not_change(client: Client, slot: Slot) -> None:
    client.force_login(make_officer(None, Role.NATIONAL))
    page = page_text(client.get(f"{ADDRESS}?office={slot.office.code}"))
    assert "Simpan" not in page
    assert client.post(f"{ADDRESS}?office={slot.office.code}", typed()).status_code == 403
