"""The screens of capacity, roster, outages and evening sessions."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from offices.directory.models import Device
from offices.outages.models import Outage
from offices.rosters.models import RosterShift
from offices.rosters.services import fill_week, mark_absent
from offices.staff.models import Role
from quotas.places.models import Slot
from tests.builders import make_officer
from tests.counters.world import DAY, World
from tests.pages.shown import text_of

pytestmark = pytest.mark.django_db
MONDAY = DAY - timedelta(days=3)


@pytest.fixture
def desk(world: World, set_clock: Callable[[datetime], None]) -> Callable[[User], Client]:
    set_clock(world.at(9, 10))

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def camera(world: World) -> Device:
    return Device.objects.create(office=world.office, kind="camera", name="Kamera 1")


# --- Outages ------------------------------------------------------------------------------------
def test_an_officer_reports_an_outage_at_the_counter(
    world: World, desk: Callable[[User], Client]
) -> None:
    device, client = camera(world), desk(world.officer)
    world.sit()
    sent = {"thing": f"device-{device.pk}", "reason": "layar gelap", "since": "08.45"}
    answer = client.post("/admin/counter/outage/", sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/counter/")
    outage = Outage.objects.get()
    assert outage.started_at == world.at(8, 45)
    assert "Kamera 1 rusak sejak 08.45 WIB" in text_of(client.get("/admin/counter/")).replace(
        "\xa0", " "
    )
    page = client.get("/admin/counter/outage/").content.decode()
    assert f'value="device-{device.pk}"' not in page
    answer = client.post(f"/admin/counter/outage/{outage.pk}/end/", {"at": "09.00"})
    assert answer.status_code == 302
    outage.refresh_from_db()
    assert outage.ended_at == world.at(9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"thing": ""}, "Pilih apa yang rusak."),
        ({"thing": "device-999999"}, "Pilih salah satu dari daftar"),
        ({"reason": ""}, "Tulis penyebabnya"),
        ({"since": "kemarin"}, "Isi jamnya, misalnya 09.40."),
        ({"since": "10.00"}, "Waktu itu belum tiba."),
    ],
)
def test_an_invalid_report_is_an_error_at_its_field(
    world: World, desk: Callable[[User], Client], change: dict[str, str], message: str
) -> None:
    sent = {"thing": f"device-{camera(world).pk}", "reason": "gelap", "since": "", **change}
    answer = desk(world.officer).post("/admin/counter/outage/", sent)
    assert answer.status_code == 400
    assert message in text_of(answer)
    assert not Outage.objects.exists()


@pytest.mark.parametrize("at", ["entah", "10.00", "07.00"])
def test_an_invalid_end_is_refused_with_a_message(
    world: World, desk: Callable[[User], Client], at: str
) -> None:
    device, client = camera(world), desk(world.supervisor)
    client.post("/admin/counter/outage/", {"thing": f"device-{device.pk}", "reason": "x"})
    outage = Outage.objects.get()
    answer = client.post(f"/admin/counter/outage/{outage.pk}/end/", {"at": at}, follow=True)
    assert answer.status_code == 200
    outage.refresh_from_db()
    assert outage.ended_at is None
    assert re.search("Isi jamnya|belum tiba|sesudah mulai rusak", text_of(answer))


# --- Capacity -----------------------------------------------------------------------------------
def test_the_supervisor_sees_who_cannot_be_served(
    world: World, desk: Callable[[User], Client], set_clock: Callable[[datetime], None]
) -> None:
    device, client = camera(world), desk(world.supervisor)
    for hour in (10, 13):
        world.book(hour)
    client.post("/admin/counter/outage/", {"thing": f"device-{device.pk}", "reason": "gelap"})
    page = client.get("/admin/capacity/")
    shown = text_of(page)
    assert "Masih ada 2 orang; sampai tutup, loket dapat melayani 0." in shown
    assert "2 orang yang akan datang tidak dapat dilayani dalam dua jam" in shown
    assert "tidak ada kamera yang berfungsi untuk satu loket" in shown
    [link] = re.findall(r'href="(/admin/closures/new/[^"]+)"', page.content.decode())
    closing = client.get(unescape(link))
    assert closing.status_code == 200
    assert "2 orang sudah punya jadwal dalam masa penutupan" in text_of(closing)
    assert "Kamera 1 rusak" in closing.content.decode()
    todo = text_of(client.get("/admin/today/"))
    assert "Kamera 1 sejak 09.10 WIB, 0 menit" in todo.replace("\xa0", " ")
    assert "2 orang yang akan datang tidak terlayani dalam dua jam" in todo
    set_clock(world.at(8, day=DAY + timedelta(days=1)))
    todo = text_of(client.get("/admin/today/")).replace("\xa0", " ")
    assert "Kamera 1 sejak Kamis 26 Nov, 09.10 WIB, 22 jam" in todo


def test_future_slots_over_capacity_link_to_a_closure(
    world: World, desk: Callable[[User], Client]
) -> None:
    page = desk(world.supervisor).get("/admin/capacity/?day=2026-11-27").content.decode()
    [link] = re.findall(r'href="(/admin/closures/new/[^"]+)"', page)
    assert "first_day=2026-11-27" in link
    assert "from_time=09%3A00" in link


def test_a_quiet_day_shows_that_everyone_can_be_served(
    world: World, desk: Callable[[User], Client]
) -> None:
    shown = text_of(desk(world.supervisor).get("/admin/capacity/"))
    assert "Semua dapat dilayani dalam dua jam." in shown
    assert (
        "Belum ada jadwal petugas untuk hari ini; 1 petugas loket dihitung sepanjang hari." in shown
    )


def test_other_days_and_days_off_are_shown(world: World, desk: Callable[[User], Client]) -> None:
    client = desk(world.supervisor)
    assert "Usulan 15 tempat per hari; ketetapan 24." in text_of(
        client.get("/admin/capacity/?day=2026-11-27")
    )
    assert "Kantor tidak buka pada hari itu." in text_of(
        client.get("/admin/capacity/?day=2026-11-28")
    )
    assert client.get("/admin/capacity/?day=bukan-hari").status_code == 200


def test_read_only_staff_see_no_buttons(world: World, desk: Callable[[User], Client]) -> None:
    fill(world)
    client = desk(make_officer(None, Role.NATIONAL))
    for path in ("capacity", "capacity/roster", "capacity/evening"):
        page = client.get(f"/admin/{path}/?office={world.office.code}").content.decode()
        assert 'class="btn btn--main"' not in page
        assert "absent/" not in page


def test_an_absence_is_recorded_and_removed_on_the_screen(
    world: World, desk: Callable[[User], Client]
) -> None:
    fill(world)
    client, shift = desk(world.supervisor), RosterShift.objects.get(day=DAY)
    url = f"/admin/capacity/shifts/{shift.pk}"
    assert "Tulis alasannya" in text_of(client.post(f"{url}/absent/", {"reason": ""}, follow=True))
    shown = text_of(client.post(f"{url}/absent/", {"reason": "sakit"}, follow=True))
    assert "kapasitas dihitung ulang" in shown
    assert "sampai tutup, loket dapat melayani 0" in shown
    client.post(f"{url}/present/")
    shift.refresh_from_db()
    assert shift.absent_at is None


def fill(world: World) -> None:
    fill_week(
        office_id=world.office.pk,
        monday=MONDAY,
        like_last_week=False,
        by=world.supervisor,
        now=world.at(7),
    )


# --- The roster ---------------------------------------------------------------------------------
def cell(world: World, day: str) -> str:
    return f"{world.officer.pk}_{day}"


def save(client: Client, world: World, cells: dict[str, str], version: str = "") -> Any:
    address = f"/admin/capacity/roster/?week={MONDAY}"
    if not version:
        [version] = re.findall(r'name="seen" value="(\w+)"', client.get(address).content.decode())
    sent = {"seen": version} | {cell(world, day): text for day, text in cells.items()}
    return client.post(address, sent)


def test_a_week_is_saved_and_shown_as_typed(world: World, desk: Callable[[User], Client]) -> None:
    client = desk(world.supervisor)
    typed = {"2026-11-26": "1", "2026-11-27": "2 8-12, * 13.30-15"}
    assert save(client, world, typed).status_code == 302
    assert RosterShift.objects.count() == 3
    page = client.get(f"/admin/capacity/roster/?week={MONDAY}").content.decode()
    for day, text in typed.items():
        assert f'name="{cell(world, day)}" value="{text}"' in page
    last = RosterShift.objects.order_by("starts_at").last()
    assert last is not None
    assert (last.starts_at, last.counter) == (world.at(13, 30, DAY + timedelta(days=1)), None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("7", "Tidak ada loket 7. Yang ada: 1, 2, 3."),
        ("1 8", "Isi misalnya 1, * atau 1 8-12."),
        ("1 25-26", "25 bukan jam yang benar."),
        ("1 12-8", "Selesai harus sesudah mulai."),
        ("1 6-12", "Di luar jam buka, 08.00 sampai 15.00."),
        ("1 8-12, 2 11-13", "Jam dua giliran jaga ini tumpang-tindih."),
        ("<script>", "Isi misalnya 1, * atau 1 8-12."),
    ],
)
def test_an_invalid_cell_keeps_its_input_and_shows_why(
    world: World, desk: Callable[[User], Client], text: str, message: str
) -> None:
    answer = save(desk(world.supervisor), world, {"2026-11-26": text})
    assert answer.status_code == 400
    assert message in text_of(answer)
    shown = text.replace("<", "&lt;").replace(">", "&gt;")
    assert f'value="{shown}"' in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not RosterShift.objects.exists()


def test_a_concurrent_change_is_not_overwritten(
    world: World, desk: Callable[[User], Client]
) -> None:
    client = desk(world.supervisor)
    save(client, world, {"2026-11-26": "1"})
    answer = save(client, world, {"2026-11-26": "2"}, version="0123456789abcdef")
    assert answer.status_code == 409
    assert "sudah diubah orang lain" in text_of(answer)
    assert RosterShift.objects.get().counter == world.counter(1)


def test_one_button_fills_a_week(world: World, desk: Callable[[User], Client]) -> None:
    client = desk(world.supervisor)
    for button in ("staff", "last"):
        answer = client.post(f"/admin/capacity/roster/?week={MONDAY}", {"fill": button})
        assert answer.status_code == 302
    assert RosterShift.objects.count() == 2  # Thursday and Friday: past days stay empty
    client.post("/admin/capacity/roster/?week=2026-11-30", {"fill": "last"})
    assert RosterShift.objects.count() == 4


def test_absences_and_overtime_are_marked_in_the_week(
    world: World, desk: Callable[[User], Client]
) -> None:
    fill(world)
    shift = RosterShift.objects.get(day=DAY)
    mark_absent(shift_id=shift.pk, reason="sakit", by=world.supervisor, now=world.at(8))
    page = desk(world.supervisor).get(f"/admin/capacity/roster/?week={MONDAY}")
    assert "tidak hadir" in text_of(page)


# --- Evening sessions ---------------------------------------------------------------------------
def test_an_evening_session_begins_at_closing_with_all_present(
    world: World, desk: Callable[[User], Client]
) -> None:
    client = desk(world.supervisor)
    page = client.get("/admin/capacity/evening/").content.decode()
    assert 'value="15:00"' in page
    assert 'value="18:00"' in page
    lane = re.findall(r'value="(walk_in:\d+)"', page)[0]
    sent = {
        "lane": lane,
        "starts": "15:00",
        "ends": "16:00",
        "count": "4",
        "reason": "lembur",
        "officers": [world.officer.pk],
    }
    assert client.post("/admin/capacity/evening/", sent).status_code == 302
    slot = Slot.objects.get(office=world.office, starts_at=world.office.at(DAY, time(15)))
    assert slot.places.count() == 4
    shown = text_of(client.get("/admin/capacity/"))
    assert "15.00–16.00" in shown
    assert "Lembur" in shown
    mistakes: tuple[dict[str, Any], ...] = (
        {"ends": "14:00"},
        {"reason": ""},
        {"officers": []},
        {"count": "0"},
        {"lane": "x"},
    )
    for wrong in mistakes:
        assert client.post("/admin/capacity/evening/", {**sent, **wrong}).status_code == 400
