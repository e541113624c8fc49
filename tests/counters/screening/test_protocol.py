"""Switching the check at the gate on and off."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from core.errors import NotAllowed, NotFound
from counters.screening import services
from counters.screening.selectors import screening_protocol
from offices.limits.models import Protocol
from tests.counters.screening.test_services import protocol_of, screen
from tests.counters.screening.test_views import signed_in
from tests.counters.world import DAY, World

URL = "/admin/rules/protocol/"
OFF = "/admin/rules/protocol/off/"
TYPED = {
    "name": "Protokol kesehatan",
    "name_en": "Health protocol",
    "items": "Memakai masker | Mask worn\nMencuci tangan",
    "temperature_limit": "37,5",
    "task_force_email": "satgas@imigrasi.example",
    "valid_from": f"{DAY}",
    "instrument": "SE 1/2026",
}


@pytest.fixture
def client(world: World, set_clock: Any) -> Client:
    set_clock(world.at(7, 30))
    return signed_in(world.supervisor)


def test_a_protocol_counts_as_soon_as_it_is_switched_on(world: World, client: Client) -> None:
    assert screening_protocol(world.office, DAY) is None
    assert client.post(URL, TYPED).status_code == 302
    protocol = screening_protocol(world.office, DAY)
    assert protocol is not None
    assert (protocol.temperature_limit, protocol.items) == (
        375,
        [
            {"code": "mask-worn", "name": "Memakai masker", "name_en": "Mask worn"},
            {"code": "mencuci-tangan", "name": "Mencuci tangan", "name_en": "Mencuci tangan"},
        ],
    )
    assert "37,5" in client.get(URL).content.decode()


def test_the_latest_protocol_is_offered_again(world: World, client: Client) -> None:
    protocol_of(world, valid_until=DAY - timedelta(days=200))
    page = client.get(URL).content.decode()
    assert "Memakai masker | Mask worn" in page
    assert 'value="37,0"' in page
    assert "Tidak ada pemeriksaan di gerbang" in page


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"temperature_limit": "3,7"}, "misalnya 36,5"),
        ({"temperature_limit": "", "items": ""}, "Isi yang diperiksa, atau batas suhu"),
        ({"valid_from": "2026-11-25"}, "Mulai hari ini atau sesudahnya"),
        ({"valid_until": "2026-11-25"}, "Hari terakhir tidak boleh sebelum"),
        ({"items": "| nothing"}, "Tiap baris berisi nama"),
        ({"items": "x\n" * 11}, "Paling banyak sepuluh"),
        ({"instrument": ""}, "Isi surat keputusan"),
        ({"task_force_email": "satgas"}, "Isi alamat surel"),
    ],
)
def test_a_wrong_field_is_named(
    world: World, client: Client, changes: dict[str, str], text: str
) -> None:
    page = client.post(URL, {**TYPED, **changes}).content.decode()
    assert text in page
    assert not Protocol.objects.exists()


def test_it_is_switched_off_at_once(world: World, client: Client) -> None:
    protocol_of(world)
    client.post(OFF)
    assert screening_protocol(world.office, DAY) is None
    assert screening_protocol(world.office, DAY - timedelta(days=1)) is not None


def test_one_that_began_today_is_taken_back_unless_it_was_used(
    world: World, client: Client
) -> None:
    client.post(URL, TYPED)
    client.post(OFF)
    assert not Protocol.objects.exists()
    client.post(URL, {**TYPED, "items": ""})
    services.record_screening(
        booking_id=world.book(8).pk, temperature=365, ticked=(), by=world.gate, now=world.at(8)
    )
    client.post(OFF)
    assert screening_protocol(world.office, DAY) is not None
    assert screening_protocol(world.office, DAY + timedelta(days=1)) is None


def test_only_a_supervisor_switches(world: World) -> None:
    with pytest.raises(NotFound):
        services.switch_off(office_id=world.office.pk, by=world.supervisor, now=world.at(8))
    protocol_of(world)
    with pytest.raises(NotAllowed):
        services.switch_off(office_id=world.office.pk, by=world.gate, now=world.at(8))
    assert screen(world, world.book(8)).protocol is not None
