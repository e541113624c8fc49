"""A camera fails: F9 at the counter, the supervisor's screen by keyboard, an evening session, people moved and notified."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from booking.bookings.models import Booking
from booking.closures import tasks
from booking.statuses import Status
from notices.services import deliver_due
from offices.directory.models import Device
from offices.outages.models import Outage
from offices.rosters.models import RosterShift
from ops.verification.services import verify
from quotas.places.models import Slot
from tests.counters.world import DAY, World, make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def world(set_clock: Callable[[datetime], None]) -> World:
    world = make_world()
    Device.objects.create(office=world.office, kind="camera", name="Kamera 1")
    set_clock(world.at(9, 10))
    return world


def go(page: Any, *keys: str) -> None:
    """Press keys, each on the page that the previous one opened."""
    for key in keys:
        if key == "Enter":
            page.wait_for_selector("main :focus, #content :focus")  # it presses the focused element
        with page.expect_navigation():
            page.keyboard.press(key)


def note_by_key(counter: Any) -> None:
    """F9, the first item of the list, the expected text, F6."""
    go(counter, "F9")
    counter.wait_for_selector("[name=thing]:focus")
    counter.keyboard.press("Tab")
    counter.keyboard.type("layar gelap")
    go(counter, "F6")


def test_a_broken_camera_leaves_nobody_without_a_slot(
    world: World, desk_of: Callable[..., Any], mailbox: Any
) -> None:
    people = [world.book(hour) for hour in (10, 11, 13, 13)]
    counter = desk_of(world.officer)
    counter.goto("/admin/counter/")
    go(counter, "Enter")  # take the first free counter
    note_by_key(counter)
    assert Outage.objects.get().device.name == "Kamera 1"
    assert "Kamera 1 rusak sejak 09.1" in counter.inner_text("#content").replace("\xa0", " ")

    desk = desk_of(world.supervisor)
    desk.goto("/admin/today/")
    assert "4 orang yang akan datang tidak terlayani dalam dua jam" in desk.inner_text("#content")
    desk.goto("/admin/capacity/")
    assert "tidak ada kamera yang berfungsi" in desk.inner_text("#content").lower()
    go(desk, "F3")  # an evening session
    desk.select_option("[name=lane]", label="online, citizens")
    desk.fill("[name=count]", "2")
    desk.fill("[name=reason]", "kamera rusak, lembur")
    go(desk, "F6")
    assert RosterShift.objects.get().overtime_reason == "kamera rusak, lembur"
    go(desk, "2")  # the prefilled closure
    assert "4 orang sudah punya jadwal" in desk.inner_text("#content")
    desk.click("[name=apply]")
    tasks.move_displaced()

    rows = list(Booking.objects.select_related("slot").filter(pk__in=[one.pk for one in people]))
    assert {row.status for row in rows} == {Status.BOOKED}
    evening = [row for row in rows if row.slot.day == DAY]
    assert len(evening) == 2
    assert all(row.slot.starts_at >= world.at(15) for row in evening)
    later = world.at(9, 40)
    while deliver_due(now=later):
        pass
    assert len([one for one in mailbox.emails if one.kind == "booking_moved"]) == 4

    go(counter, "F9", "1")  # it works again
    assert Outage.objects.get().ended_at is not None
    desk.goto("/admin/capacity/")
    assert "Semua dapat dilayani" in desk.inner_text("#content")
    assert [finding for finding in verify(now=later) if finding.breaches] == []


def test_a_roster_is_typed_like_a_spreadsheet(world: World, desk_of: Callable[..., Any]) -> None:
    desk = desk_of(world.supervisor)
    desk.goto("/admin/capacity/")
    go(desk, "1")
    desk.locator("table.roster input").first.focus()
    desk.keyboard.type("1")
    desk.keyboard.press("Tab")
    desk.keyboard.type("* 8-12")
    go(desk, "Enter")
    assert RosterShift.objects.count() == 2
    desk.focus("button[value=last]")
    go(desk, "Enter")  # copy last week: it is empty, nothing changes
    assert RosterShift.objects.count() == 2
    desk.locator("table.roster input").first.fill("99")
    go(desk, "F6")
    assert "Tidak ada loket 99" in desk.inner_text("#content")
    desk.keyboard.press("F8")
    desk.wait_for_url("**/admin/capacity/**")


def test_outage_and_roster_work_without_script(world: World, desk_of: Callable[..., Any]) -> None:
    counter = desk_of(world.officer, java_script_enabled=False)
    counter.goto("/admin/counter/outage/")
    counter.fill("[name=reason]", "layar gelap")
    counter.click('button:has-text("Catat gangguan")')
    assert Outage.objects.count() == 1
    counter.goto("/admin/counter/outage/")
    counter.click("button:has-text('Berfungsi lagi')")
    assert Outage.objects.get().ended_at is not None
    desk = desk_of(world.supervisor, java_script_enabled=False)
    desk.goto("/admin/capacity/roster/?week=2026-11-30")
    desk.click("text=Isi semua petugas")
    assert RosterShift.objects.filter(day__gte=DAY + timedelta(days=4)).count() == 5
    assert Slot.objects.filter(office=world.office).exists()
