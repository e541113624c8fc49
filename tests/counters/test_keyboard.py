"""A morning by keyboard alone: gate, counter, production, pickup; with and without script."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from booking.bookings.changes import mark_no_show
from counters.estimates.models import LateVisit
from counters.pickup.models import Pickup
from counters.production.models import PassportBook
from counters.visits.models import Visit
from offices.directory.models import ServiceType
from offices.staff.models import Role
from tests.builders import make_application, make_book_number, make_reason
from tests.counters.drive_thru.world import open_lane
from tests.counters.pickup.test_services import picture
from tests.counters.world import World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SetClock = Callable[[datetime], None]
OpenPage = Callable[..., Any]


@pytest.fixture
def world(set_clock: SetClock) -> World:
    world = make_world()
    set_clock(world.at(8, 30))
    return world


def use_real_documents() -> None:
    """Give the two services the documents of the ministry's list."""
    names = {
        "new": ("ktp", "kk", "birth_or_marriage_or_diploma"),
        "replacement": ("ktp", "old_passport"),
    }
    for code, documents in names.items():
        rows = [
            {"code": name, "name": name, "name_en": name, "is_required": True} for name in documents
        ]
        ServiceType.objects.filter(code=code).update(documents=rows)


def go(page: Any, *keys: str) -> None:
    """Press keys, each on the page that the previous one opened."""
    for key in keys:
        wait_for_focus(page)
        with page.expect_navigation():
            page.keyboard.press(key)


def wait_for_focus(page: Any) -> None:
    """Wait until the page has set the focus, one frame after loading."""
    page.wait_for_function("() => document.activeElement !== document.body")


def check_in_by_scanner(page: Any, code: str) -> None:
    page.goto("/admin/gate/")
    wait_for_focus(page)
    page.keyboard.type(code)  # a scanner types, and ends with Enter
    go(page, "Enter")


def press_counting(page: Any, *keys: str) -> int:
    """Press keys, each on the page before it, and return how many were pressed."""
    go(page, *keys)
    return len(keys)


def is_on_screen(page: Any, selector: str) -> bool:
    """True if every element lies inside the window, without scrolling."""
    return page.evaluate(
        """(selector) => [...document.querySelectorAll(selector)].every((one) => {
            const box = one.getBoundingClientRect();
            const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return box.top >= 0 && box.bottom <= innerHeight && (hit === one || one.contains(hit));
        })""",
        selector,
    )


def test_a_morning_can_be_served_by_keyboard(world: World, desk_of: OpenPage) -> None:
    booking = world.book(8)
    make_application(booking)
    check_in_by_scanner(desk_of(world.gate), booking.code)
    assert Visit.objects.get().status == "waiting"

    counter = desk_of(world.officer)
    counter.goto("/admin/counter/")
    go(counter, "Enter")  # take the first free counter
    go(counter, "F2")  # call
    go(counter, "F2")  # call again
    go(counter, "Enter")  # the person came: start
    go(counter, "F7")  # all documents seen
    go(counter, "Enter", "Enter", "Enter")  # documents, interview, photo and the end
    visit = Visit.objects.get()
    assert (visit.status, visit.calls) == ("finished", 2)

    number = make_book_number()
    printer, checker = desk_of(world.pickup), desk_of(world.colleague(Role.PICKUP))
    printer.goto("/admin/production/")
    scan(printer, number)
    checker.goto("/admin/production/")
    go(checker, "Enter")  # checked
    checker.keyboard.type("A3")
    go(checker, "Enter")  # ready
    assert PassportBook.objects.get().status == "ready"

    printer.goto("/admin/pickup/")
    scan(printer, booking.code)
    scan(printer, number)
    go(printer, "Enter")  # hand over to the owner: two scans and Enter
    taken = Pickup.objects.get()
    assert (taken.where, taken.right, taken.book_number) == ("desk", "self", number)


def test_a_scan_in_the_drive_thru_lane_stays_in_the_lane(world: World, desk_of: OpenPage) -> None:
    open_lane(world)
    book = world.ready_book()
    page = desk_of(world.pickup)
    page.goto("/admin/pickup/")
    page.focus("a[href*='/pickup/drive-thru/']")
    go(page, "Enter")
    assert "/admin/pickup/drive-thru/" in page.url
    scan(page, book.visit.booking.code)
    assert page.url.endswith(f"/admin/pickup/{book.pk}/?where=drive_thru")
    scan(page, "X0000000")  # a wrong booklet, then the right one into the same field
    assert page.locator("text=Jangan serahkan").first.is_visible()
    scan(page, book.book_number)
    go(page, "Enter")
    assert page.url.endswith("/admin/pickup/drive-thru/")
    assert Pickup.objects.get().where == Pickup.Where.DRIVE_THRU


def test_a_representative_signs_on_the_screen(
    world: World, desk_of: OpenPage, tmp_path: Path
) -> None:
    book = world.ready_book()
    page = desk_of(world.pickup)
    page.goto(f"/admin/pickup/{book.pk}/")
    scan(page, book.book_number)
    page.check("[name=right][value=letter]")
    page.fill("[name=collector_name]", "Budi Santoso")
    letter = tmp_path / "surat.jpg"
    letter.write_bytes(b"not a photo")
    page.set_input_files("[name=letter]", letter)
    with page.expect_navigation():
        page.keyboard.press("F6")
    assert page.locator("text=Berkas ini bukan foto").first.is_visible()
    assert page.input_value("[name=collector_name]") == "Budi Santoso"
    letter.write_bytes(picture())
    page.set_input_files("[name=letter]", letter)
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60)
    page.mouse.up()
    with page.expect_navigation():
        page.keyboard.press("F6")
    kinds = set(Pickup.objects.get().files.values_list("kind", flat=True))
    assert kinds == {"letter", "signature"}


def scan(page: Any, code: str) -> None:
    """Type as a scanner does, on whatever has the focus, with the Enter that it sends itself."""
    wait_for_focus(page)
    page.keyboard.type(code)
    go(page, "Enter")


def test_a_scan_takes_no_key_but_the_scanners_own_enter(
    world: World, desk_of: OpenPage, set_clock: SetClock
) -> None:
    first, second, late, missed = (world.book(hour) for hour in (8, 8, 8, 9))
    gate = desk_of(world.gate)
    gate.goto("/admin/gate/")
    for number, booking in enumerate((first, second), start=1):
        scan(gate, booking.code)  # the field has the focus again, and is empty
        assert gate.locator(".visit__head .no").inner_text() == f"A-00{number}"
    scan(gate, first.code)  # a double scan
    assert gate.locator("[data-verdict=inside]").is_visible()
    assert Visit.objects.count() == 2

    set_clock(world.at(9, 20))
    scan(gate, late.code)
    assert gate.locator("[data-verdict=late]").is_visible()
    go(gate, "Enter")  # looked at, confirmed
    assert gate.locator(".visit__head .no").inner_text() == "A-003"

    set_clock(world.at(10, 45))
    mark_no_show(booking_id=missed.pk, now=world.at(10, 45))
    scan(gate, missed.code)
    go(gate, "F6")  # the main button of a no-show: the next hour
    assert missed.applicant.bookings.get(status="booked").slot == world.slot(11)


@pytest.mark.parametrize(("service", "size"), [("new", (1280, 800)), ("replacement", (1024, 768))])
def test_a_passport_takes_six_keys(
    world: World, desk_of: OpenPage, service: str, size: tuple[int, int]
) -> None:
    """From the call to the end; no box is ticked beforehand, and the documents are on screen."""
    use_real_documents()
    booking = world.book(8, service=service)
    make_application(booking, documents={"ktp": True, "old_passport": True})
    world.check_in(booking, world.at(8, 10))
    world.sit()
    counter = desk_of(world.officer)
    counter.set_viewport_size({"width": size[0], "height": size[1]})
    counter.goto("/admin/counter/")
    keys = press_counting(counter, "F2", "Enter")
    assert counter.locator("input[name=documents]").count() >= 2
    assert counter.locator("input[name=documents]:checked").count() == 0
    assert is_on_screen(counter, "input[name=documents]")
    keys += press_counting(counter, "F7", "Enter", "Enter", "Enter")
    visit = Visit.objects.get()
    assert (visit.status, keys) == ("finished", 6)
    assert set(visit.documents_checked) == {
        row["code"] for row in booking.service_type.documents if row["is_required"]
    }


def test_skipping_takes_one_key(world: World, desk_of: OpenPage) -> None:
    first, second = world.arrive(8, 0), world.arrive(8, 1)
    world.sit()
    counter = desk_of(world.officer)
    counter.goto("/admin/counter/")
    go(counter, "F2")
    assert press_counting(counter, "F10") == 1
    first.refresh_from_db()
    assert (first.status, first.history.last().kind) == ("waiting", "skipped")
    go(counter, "F2")
    second.refresh_from_db()
    assert second.status == "called"


def test_enter_on_a_ticked_document_finishes_the_stage(world: World, desk_of: OpenPage) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 20))
    counter = desk_of(world.officer)
    counter.goto("/admin/counter/")
    wait_for_focus(counter)
    for _field in range(20):  # from the main button round to the first document
        counter.keyboard.press("Shift+Tab")
        if counter.evaluate("document.activeElement.name") == "documents":
            break
    counter.keyboard.press("Space")
    assert counter.locator("input[name=documents]:checked").count() == 1
    with counter.expect_navigation():
        counter.keyboard.press("Enter")
    session.refresh_from_db()
    assert session.paused_at is None
    assert visit.stage_runs.get(ended_at=None).stage == "interview"


def test_nothing_typed_is_lost_by_leaving_the_page(world: World, desk_of: OpenPage) -> None:
    """By F9, the language, the theme, a menu, or a reload right after the last letter."""
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 20))
    counter = desk_of(world.officer)
    counter.goto("/admin/counter/")
    ways: list[Callable[[], Any]] = [
        lambda: counter.keyboard.press("F9"),
        counter.locator(".switches button").first.click,
        counter.locator(".switches button:visible").last.click,
        lambda: counter.locator("#site-name a").click(),
        counter.reload,
    ]
    expected = ""
    for number, leave in enumerate(ways):
        counter.goto("/admin/counter/")
        assert counter.locator("#notes").input_value() == expected
        counter.locator("#notes").click()
        counter.keyboard.press("Control+End")
        counter.keyboard.type(f"kalimat {number}. ")
        with counter.expect_navigation():
            leave()
        expected += f"kalimat {number}. "
        if counter.locator("#notes").count():
            assert counter.locator("#notes").input_value().strip() == expected.strip()
        counter.wait_for_load_state("networkidle")
        visit.refresh_from_db()
        expected = visit.notes
        assert expected.endswith(f"kalimat {number}.")


def test_a_browser_closed_in_a_stage_loses_nothing(world: World, desk_of: OpenPage) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 20))
    make_application(visit.booking)
    first = desk_of(world.officer)
    first.goto("/admin/counter/")
    first.locator("#notes").click()
    # On a slow machine a draft is also sent while the officer still types.
    with first.expect_response(lambda answer: saves(answer, "bersama ibu")):
        first.keyboard.type("Umrah bersama ibu")
    with first.expect_response(lambda answer: saves(answer, 'name="documents"')):
        first.locator("input[name=documents]").check()
    first.context.close()
    again = desk_of(world.officer)
    again.goto("/admin/counter/")
    assert again.locator("#notes").input_value() == "Umrah bersama ibu"
    assert again.locator("input[name=documents]").is_checked()
    go(again, "Enter", "Enter", "Enter")
    visit.refresh_from_db()
    assert (visit.status, visit.notes) == ("finished", "Umrah bersama ibu")


def saves(answer: Any, text: str) -> bool:
    """True for the answer to a draft that contains the text."""
    return answer.url.endswith("/draft/") and text in (answer.request.post_data or "")


def test_the_main_button_has_one_place(world: World, desk_of: OpenPage) -> None:
    for booked in (8, 8, 9):
        make_application(world.arrive(8, booked=booked).booking)
    world.sit()
    counter = desk_of(world.officer)
    for width, height in ((1280, 800), (1024, 768)):
        counter.set_viewport_size({"width": width, "height": height})
        counter.goto("/admin/counter/")
        corners = [corner_of_main(counter)]
        for key in ("F2", "Enter", "F4", "F8", "F7", "Enter", "Enter", "Enter"):
            go(counter, key)
            corners.append(corner_of_main(counter))
        assert len(set(corners)) == 1, corners


def corner_of_main(page: Any) -> tuple[int, int]:
    """The lower left corner of the main button."""
    box = page.locator(".keys .btn--main").bounding_box()
    return round(box["x"]), round(box["y"] + box["height"])


def test_a_morning_can_be_served_without_script(world: World, desk_of: OpenPage) -> None:
    booking = world.book(8)
    gate = desk_of(world.gate, java_script_enabled=False)
    gate.goto("/admin/gate/")
    gate.fill("#code", booking.code)
    gate.click("text=Cari")
    assert gate.locator("text=A-001").first.is_visible()
    counter = desk_of(world.officer, java_script_enabled=False)
    counter.goto("/admin/counter/")
    counter.click("text=Buka Loket 1")
    counter.click("text=Panggil berikutnya")
    counter.click("text=Mulai berkas")
    counter.fill("#notes", "Umrah")
    counter.click("text=Gangguan alat")
    counter.click("text=Kembali")
    assert counter.locator("#notes").input_value() == "Umrah"
    counter.check("input[name=documents]")
    counter.click("text=Selesai, lanjut wawancara")
    counter.click("text=Selesai, lanjut foto")
    counter.click("text=Selesai, akhiri kunjungan")
    assert counter.locator("text=Permohonan belum lengkap").is_visible()
    for name, value in (("reason", "first"), ("product", "electronic_10"), ("purpose", "umrah")):
        counter.select_option(f"#{name}", value)
    counter.click("text=Selesai, akhiri kunjungan")
    assert Visit.objects.get().status == "finished"
    counter.click("text=Tanda terima A-001")
    assert counter.locator("text=Rabu, 2").is_visible()


def test_an_exception_takes_a_key_and_enter(world: World, desk_of: OpenPage) -> None:
    world.check_in(world.book(8), world.at(8, 10))
    counter = desk_of(world.officer)
    counter.goto("/admin/counter/")
    go(counter, "Enter", "F2", "Enter", "F4")
    assert "KTP" in counter.locator("#text").input_value()
    go(counter, "Enter")
    visit = Visit.objects.get()
    assert (visit.status, visit.missing) == ("incomplete", "KTP")


def test_the_day_page_refreshes_itself(world: World, desk_of: OpenPage) -> None:
    page = desk_of(world.supervisor)
    page.clock.install()
    page.goto("/admin/today/")
    page.evaluate("window.isSamePage = true")
    counters = page.get_by_role("table", name="Loket sekarang").get_by_role("row")
    first, second = counters.nth(1), counters.nth(2)
    assert "Siap memanggil" not in first.inner_text()
    world.sit()
    world.arrive(8)
    page.clock.fast_forward(10_000)
    assert "Siap memanggil" not in first.inner_text(), "asked every 15 seconds, not sooner"
    page.clock.fast_forward(6_000)
    first.get_by_text("Siap memanggil").wait_for()
    assert str(world.officer) in first.inner_text()
    assert "Siap memanggil" not in second.inner_text()
    assert "menunggu\n1\n" in page.locator("#hari").inner_text()
    assert page.evaluate("window.isSamePage"), "without loading the page again"


def test_a_late_visit_is_explained_by_one_key(
    world: World, desk_of: OpenPage, set_clock: SetClock
) -> None:
    for code in ("queue", "network", "device"):
        make_reason(code, use="late_visit")
    session = world.sit()
    visit = world.arrive(8)
    world.call(session, world.at(9, 55))
    world.serve(visit, session, world.at(9, 55))
    set_clock(world.at(10, 30))
    page = desk_of(world.officer)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/admin/counter/")
        page.locator("[data-key='3']").scroll_into_view_if_needed()
        assert is_on_screen(page, "[data-key='3']")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    go(page, "2")
    assert LateVisit.objects.get().reason.code == "network"
    assert page.locator("[data-key='3']").count() == 0
