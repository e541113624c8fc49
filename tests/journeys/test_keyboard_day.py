"""A day by keyboard alone, from sign-in to closing: no pointer, and no focus that a script sets."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from booking.statuses import Status
from counters.pickup.models import Pickup
from counters.production.models import BookStatus, PassportBook
from counters.visits.models import CounterSession, Visit
from tests.builders import make_book_number
from tests.journeys.test_office_day import OfficeDay, go, scan, wait_for_focus

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
MOST_TABS = 120


def tab_to(page: Any, condition: str) -> None:
    """Press Tab until the focused element fulfils a condition (JavaScript on `one`)."""
    test = f"(() => {{ const one = document.activeElement; return Boolean({condition}); }})()"
    for _press in range(MOST_TABS):
        if page.evaluate(test):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {condition} at {page.url}")


def follow(page: Any, address: str) -> None:
    """Tab to the link of an address, and Enter. A link of a folded menu is reached through its summary."""
    menu = page.locator(f".jobs details:has(a[href*='{address}']) summary")
    if menu.count():
        tab_to(
            page,
            f"one.matches('summary') && one.parentElement.querySelector('a[href*=\"{address}\"]')",
        )
        page.keyboard.press("Enter")
    tab_to(page, f"one.matches('a[href*=\"{address}\"]')")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def sign_in(day: OfficeDay, role: str, number: int = 0) -> Any:
    who = day.sign_ins[role][number]
    page = day.new_page(viewport={"width": 1280, "height": 800})
    page.goto("/admin/")
    tab_to(page, "one.name === 'login'")
    page.keyboard.type(who.email)
    tab_to(page, "one.name === 'password'")
    page.keyboard.type(who.password)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/admin/" in page.url
    return page


@pytest.fixture
def day(
    new_page: Callable[..., Any],
    set_clock: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> OfficeDay:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    return OfficeDay("balikpapan", "balikpapan.yaml", new_page, set_clock)


def test_a_day_by_keyboard_alone(day: OfficeDay) -> None:
    booking, absent = day.book("Lena Marlina", 8, lane="accelerated"), day.book("Eko Prasetyo", 9)
    number = make_book_number()

    day.at(7, 40)
    gate = sign_in(day, "gate")
    scan(gate, booking.code)
    assert gate.locator("[data-verdict=inside]").is_visible()

    day.at(8, 5)
    counter = sign_in(day, "counter")
    go(counter, "Enter", "F2", "Enter", "F7", "Enter", "Enter", "Enter")
    assert Visit.objects.get().status == "finished"
    wait_for_focus(counter)
    counter.keyboard.press("F1")
    with counter.expect_navigation():
        counter.keyboard.press("8")  # leaves the counter
    assert CounterSession.objects.get().closed_at is not None

    day.at(11, 10)
    pickup = sign_in(day, "pickup")
    follow(pickup, "/admin/production/")
    scan(pickup, number)
    supervisor = sign_in(day, "supervisor")
    follow(supervisor, "/admin/production/")
    go(supervisor, "Enter")  # checked by another person
    scan(supervisor, "A3")  # ready, on a shelf
    book = PassportBook.objects.get()
    assert (book.status, book.shelf) == (BookStatus.READY, "A3")

    day.at(14, 5)
    follow(pickup, "/admin/pickup/")
    scan(pickup, booking.code)
    scan(pickup, number)
    go(pickup, "Enter")  # two scans and Enter
    assert Pickup.objects.get().book_number == number

    day.at(16, 10)
    follow(supervisor, "/admin/today/")
    follow(supervisor, "/admin/closing/")
    with supervisor.expect_navigation():
        supervisor.keyboard.press("F6")
    assert supervisor.locator("text=Hari ditutup").first.is_visible()
    absent.refresh_from_db()
    assert absent.status == Status.NO_SHOW
