"""The screen of closing the day."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from booking.bookings.models import Booking
from booking.statuses import Status
from counters.closing.models import DayClosing
from counters.visits.models import Visit, VisitStatus
from offices.staff.models import Role
from tests.builders import make_officer
from tests.clients import page_text
from tests.counters.world import DAY, World

SetClock = Callable[[datetime], None]
URL = "/admin/closing/"


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def closing_time(world: World, set_clock: SetClock) -> World:
    set_clock(world.at(15, 5))
    return world


def form_of(visit: Visit, action: str = "", **more: str) -> dict[str, Any]:
    own = {"visit": [str(visit.pk)], f"status-{visit.pk}": visit.status}
    return {"do": "visits", f"action-{visit.pk}": action, **own, **more}


def test_the_screen_lists_what_is_open(closing_time: World) -> None:
    waiting, other = closing_time.arrive(14), closing_time.arrive(14, 5)
    closing_time.book(9)
    session = closing_time.sit(hour=14)
    closing_time.start(session, closing_time.at(14, 30))
    page = page_text(sign_in(closing_time.supervisor).get(URL))
    for words in (str(waiting.ticket), str(other.ticket), "Tempat pertama hari berikutnya"):
        assert words in page
    assert "1 orang tidak pernah datang" in page
    assert "14.30" in page
    # Evening places are offered only where there are some.
    assert page.count('value="evening"') == 1


def test_a_supervisor_decides_and_finishes_the_day(closing_time: World) -> None:
    visit = closing_time.arrive(14)
    client = sign_in(closing_time.supervisor)
    page = page_text(client.post(URL, form_of(visit, "tomorrow"), follow=True))
    assert "1 keputusan dicatat." in page
    assert "Tidak ada lagi yang terbuka. Tutup hari ini untuk mencatatnya." in page
    page = page_text(client.post(URL, {"do": "finish"}, follow=True))
    assert "Hari ditutup pukul 15.05" in page
    assert DayClosing.objects.get().day == DAY
    assert "Kunjungan yang masih terbuka" in page_text(client.get(URL))


def test_everyone_who_waits_can_be_decided_together(closing_time: World) -> None:
    first, second = closing_time.arrive(14), closing_time.arrive(14, 5)
    data = form_of(first) | form_of(second)
    data["visit"] = [str(first.pk), str(second.pk)]
    page = page_text(
        sign_in(closing_time.supervisor).post(URL, {**data, "together": "tomorrow"}, follow=True)
    )
    assert "2 keputusan dicatat." in page
    assert set(Booking.objects.values_list("status", flat=True)) == {Status.BOOKED}
    assert set(Visit.objects.values_list("status", flat=True)) == {VisitStatus.UNSERVED}


def test_a_visit_that_changed_is_left_alone(closing_time: World) -> None:
    visit = closing_time.arrive(14)
    data = form_of(visit, "tomorrow")
    closing_time.call(closing_time.sit(hour=14), closing_time.at(15, 1))
    page = page_text(sign_in(closing_time.supervisor).post(URL, data, follow=True))
    assert "1 kunjungan sudah berubah sejak layar dibuka" in page
    visit.refresh_from_db()
    assert visit.status == VisitStatus.CALLED


def test_one_refused_decision_does_not_stop_the_others(closing_time: World) -> None:
    first, second = closing_time.arrive(14), closing_time.arrive(14, 5)
    data = form_of(first, "evening") | form_of(second, "tomorrow")
    data["visit"] = [str(first.pk), str(second.pk)]
    page = page_text(sign_in(closing_time.supervisor).post(URL, data, follow=True))
    assert f"{first.ticket}: Tidak ada tempat malam yang kosong." in page
    assert "1 keputusan dicatat." in page
    # What is left can be resumed.
    again = sign_in(closing_time.supervisor)
    assert "1 keputusan dicatat." in page_text(
        again.post(URL, form_of(first, "tomorrow"), follow=True)
    )


def test_the_message_names_what_is_still_open(closing_time: World) -> None:
    closing_time.arrive(14)
    page = page_text(sign_in(closing_time.supervisor).post(URL, {"do": "finish"}, follow=True))
    assert "Belum semua selesai: 1 kunjungan." in page
    assert not DayClosing.objects.exists()


def test_before_closing_the_screen_says_from_when(world: World, set_clock: SetClock) -> None:
    set_clock(world.at(10))
    visit = world.arrive(9)
    client = sign_in(world.supervisor)
    page = page_text(client.get(URL))
    assert "mulai pukul 14.00" in page
    assert "Belum dapat diputuskan" in page
    refused = page_text(client.post(URL, form_of(visit, "tomorrow"), follow=True))
    assert "mulai pukul 14.00" in refused
    visit.refresh_from_db()
    assert visit.status == VisitStatus.WAITING


@pytest.mark.parametrize("data", [{}, {"do": "visits", "visit": ["x", "-1", "99999999"]}])
def test_garbage_changes_nothing(closing_time: World, data: dict[str, Any]) -> None:
    visit = closing_time.arrive(14)
    data = {**data, "action-99999999": "tomorrow", "status-99999999": "waiting"}
    assert sign_in(closing_time.supervisor).post(URL, data).status_code == 302
    visit.refresh_from_db()
    assert visit.status == VisitStatus.WAITING


def test_oversight_reads_and_officers_do_not(closing_time: World) -> None:
    closing_time.arrive(14)
    national = sign_in(make_officer(None, Role.NATIONAL))
    page = national.get(f"{URL}?office={closing_time.office.code}")
    assert page.status_code == 200
    assert "<select" not in page_text(page)
    assert national.post(f"{URL}?office={closing_time.office.code}").status_code == 403
    assert sign_in(closing_time.gate).get(URL).status_code == 403


def test_people_without_an_address_are_on_the_list_to_inform(closing_time: World) -> None:
    visit = closing_time.walk_in(closing_time.at(14, 10))
    client = sign_in(closing_time.supervisor)
    page = page_text(client.post(URL, form_of(visit, "tomorrow"), follow=True))
    assert "Beri tahu langsung" in page
    assert visit.booking.code in page
    link = page.split("/admin/closing/informed/")[1].split("/")[0]
    page = page_text(client.post(f"/admin/closing/informed/{link}/", follow=True))
    assert "Beri tahu langsung" not in page


def test_the_day_page_points_to_closing(closing_time: World) -> None:
    closing_time.arrive(14)
    page = page_text(sign_in(closing_time.supervisor).get("/admin/today/"))
    assert "1 orang belum dilayani setelah tutup" in page
