"""What officers, supervisors and the public see of order, waits and outages."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from counters.estimates.models import EstimateScore, LateVisit
from counters.estimates.selectors import waits_of
from counters.outages.services import record_outage
from counters.queue import services as queue_services
from counters.visits.models import Visit
from offices.directory.models import Device
from offices.outages.models import Outage
from reports.load.tasks import refresh_load
from tests.builders import make_reason
from tests.clients import page_text
from tests.counters.test_screens import sign_in
from tests.counters.world import DAY, World, make_world, who

SetClock = Callable[[datetime], None]
MOST_ON_A_SCREEN = 30


@pytest.fixture
def morning(db: None, set_clock: SetClock) -> World:
    """The day of the bookings at 08.30, with room for a long queue."""
    world = make_world(places=120)
    set_clock(world.at(8, 30))
    return world


def late_visit(world: World) -> Visit:
    session = world.sit()
    visit = world.arrive(8)
    world.call(session, world.at(9, 55))
    world.serve(visit, session, world.at(9, 55))
    return visit


def test_the_counter_says_why_this_one_is_next(morning: World) -> None:
    morning.sit()
    morning.arrive(8)
    page = page_text(sign_in(morning.officer).get("/admin/counter/"))
    assert "Jam booking 08.00 sudah tiba" in page
    assert "Satu orang jalur prioritas setelah 2 orang lain." in page


def test_the_counter_takes_as_many_queries_whatever_the_queue(morning: World) -> None:
    morning.sit()
    officer = sign_in(morning.officer)
    morning.arrive(8)
    officer.get("/admin/counter/")
    with CaptureQueriesContext(connection) as short:
        officer.get("/admin/counter/")
    for minute in range(12):
        morning.arrive(8, minute)
    with CaptureQueriesContext(connection) as long:
        officer.get("/admin/counter/")
    assert len(long) == len(short) <= MOST_ON_A_SCREEN, [row["sql"][:100] for row in long]


def test_the_page_of_the_day_takes_as_many_queries_whatever_the_queue(morning: World) -> None:
    morning.sit()
    supervisor = sign_in(morning.supervisor)
    for minute in range(9):
        morning.arrive(8, minute)
    supervisor.get("/admin/today/")
    with CaptureQueriesContext(connection) as short:
        supervisor.get("/admin/today/")
    for minute in range(9):
        morning.arrive(8, minute)
    with CaptureQueriesContext(connection) as long:
        supervisor.get("/admin/today/")
    assert len(long) <= len(short)


def test_the_supervisor_sees_likely_breaches_and_what_helps(morning: World) -> None:
    morning.sit()
    for minute in range(10):
        morning.arrive(8, minute)
    page = page_text(sign_in(morning.supervisor).get("/admin/today/"))
    assert "diperkirakan lewat" in page
    assert "Buka Loket 2: yang diperkirakan lewat dua jam turun dari" in page


def test_an_exception_is_shown_and_counted_publicly(morning: World) -> None:
    session = morning.sit()
    morning.arrive(8)
    visit = morning.arrive(8, 3)
    make_reason("sick", name="Sakit mendadak", name_en="Taken ill")
    address = f"/api/v1/offices/{morning.office.code}/calls/"
    before = Client().get(address).json()
    assert (before["called"], before["out_of_order_today"], before["reasons"]) == (0, 0, [])
    queue_services.call_visit(
        **who(visit, session), reason="sick", note="demam", now=morning.at(8, 30)
    )
    assert "Sakit mendadak: demam" in page_text(sign_in(morning.supervisor).get("/admin/today/"))
    after = Client().get(address).json()
    assert (after["called"], after["out_of_order_today"]) == (1, 1)
    assert after["reasons"] == [{"reason": "Sakit mendadak", "count": 1}]
    assert "demam" not in str(after)


def test_a_late_visit_asks_the_officer_why(morning: World, set_clock: SetClock) -> None:
    visit = late_visit(morning)
    set_clock(morning.at(10, 30))
    make_reason("crowd", use="late_visit", name="Ramai")
    officer = sign_in(morning.officer)
    page = page_text(officer.get("/admin/counter/"))
    assert f"{visit.ticket} lebih dari dua jam. Apa sebabnya?" in page
    assert 'data-key="1"' in page
    officer.post(f"/admin/counter/visits/{visit.pk}/late/", {"reason": "crowd"})
    assert LateVisit.objects.get().by == morning.officer
    assert "Apa sebabnya?" not in page_text(officer.get("/admin/counter/"))


def test_the_supervisor_fills_in_what_is_missing(morning: World, set_clock: SetClock) -> None:
    visit = late_visit(morning)
    set_clock(morning.at(10, 30))
    make_reason("other", use="late_visit", name="Sebab lain", needs_note=True)
    supervisor = sign_in(morning.supervisor)
    assert "1 kunjungan lewat dua jam belum ada sebabnya" in page_text(
        supervisor.get("/admin/today/")
    )
    address = f"/admin/today/waits/{visit.pk}/"
    wrong = supervisor.post(address, {"reason": "other"})
    assert wrong.status_code == 400
    assert "memerlukan catatan" in page_text(wrong)
    supervisor.post(address, {"reason": "other", "note": "banjir"})
    assert LateVisit.objects.get().note == "banjir"
    assert "Tidak ada kunjungan terlambat tanpa sebab." in page_text(
        supervisor.get("/admin/today/waits/")
    )


def test_the_scores_are_shown(morning: World) -> None:
    EstimateScore.objects.create(
        office=morning.office,
        day=DAY - timedelta(days=1),
        n=61,
        median_error=2.6,
        usual_error=5.2,
        covered=0.79,
        width=1.1,
    )
    page = page_text(sign_in(morning.supervisor).get("/admin/today/waits/"))
    assert "2,6 menit" in page
    assert "79 %" in page


def test_an_unserved_visit_of_two_hours_is_a_breach_in_the_reports(
    morning: World, set_clock: SetClock
) -> None:
    morning.arrive(8)
    set_clock(morning.at(10, 30))
    refresh_load()
    page = page_text(sign_in(morning.supervisor).get("/admin/reports/daily-load/"))
    assert "Lewat 2 jam, belum dilayani" in page


# --- Outages ------------------------------------------------------------------------------------
def test_an_outage_of_yesterday_is_marked_until_it_is_confirmed(
    morning: World, set_clock: SetClock
) -> None:
    camera = Device.objects.create(
        office=morning.office, counter=morning.counter(), kind="camera", name="Kamera 1"
    )
    record_outage(
        office_id=morning.office.pk,
        device_id=camera.pk,
        reason="layar gelap",
        by=morning.officer,
        now=morning.at(8, 30),
    )
    officer = sign_in(morning.officer)
    assert "Belum dipastikan" not in page_text(officer.get("/admin/counter/outage/"))
    choice = page_text(officer.get("/admin/counter/"))
    assert "Alat foto rusak" in choice
    set_clock(morning.at(8, 5, DAY + timedelta(days=1)))
    officer = sign_in(morning.officer)
    assert "Belum dipastikan hari ini" in page_text(officer.get("/admin/counter/outage/"))
    assert "belum dipastikan hari ini" in page_text(
        sign_in(morning.supervisor).get("/admin/today/")
    )
    outage = Outage.objects.get()
    officer.post(f"/admin/counter/outage/{outage.pk}/confirm/")
    assert "Belum dipastikan" not in page_text(officer.get("/admin/counter/outage/"))


# --- Faults -------------------------------------------------------------------------------------
def test_without_redis_people_are_called_and_estimated(morning: World, settings: Settings) -> None:
    away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {**settings.CACHES, "default": away}
    session = morning.sit()
    first, second = morning.arrive(8), morning.arrive(8, 1)
    assert morning.call(session, morning.at(8, 30)) == first
    assert second.pk in waits_of(morning.office, now=morning.at(8, 31)).visits
