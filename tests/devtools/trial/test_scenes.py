"""The scenes: what an office looks like after each, and that the laws hold."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.test import Client

from booking.bookings.models import Booking
from booking.restrictions.models import AbsenceReview
from booking.statuses import Status
from core import clock
from counters.production.models import BookStatus, PassportBook
from counters.screening.models import Outcome, Screening
from counters.visits.models import UNFINISHED, CounterSession, Visit, VisitStatus
from counters.walk_in.models import DeskAdmission
from devtools.tasks import play_requested_scene
from devtools.trial import jobs
from devtools.trial.office_day import OfficeDay
from devtools.trial.time_travel import travel
from notices.models import Message
from offices.directory.models import Office
from offices.limits.models import Protocol
from offices.outages.uptime import downtime_between, record_uptime
from ops.verification.services import verify
from quotas.places.models import ReleaseWindow
from tests.devtools.trial.conftest import MONDAY


def play(client: Client, scene: str, office: Office) -> str:
    """Press the button of a scene, let the worker's task run, and return the page's text."""
    client.post("/demo/scene/", {"scene": scene, "office": office.code})
    play_requested_scene()
    answer = client.get("/demo/progress/", follow=True)
    assert answer.wsgi_request.path == "/demo/"
    return answer.content.decode()


def hall(office: Office) -> int:
    return Visit.objects.filter(office=office, status__in=UNFINISHED).count()


def assert_laws_hold() -> None:
    assert not [finding for finding in verify(now=clock.now()) if finding.breaches]


def test_the_next_release_is_a_minute_away(office: Office, client: Client) -> None:
    page = play(client, "release", office)
    window = ReleaseWindow.objects.filter(lane="online", opens_at__gt=clock.now()).earliest(
        "opens_at"
    )
    assert timedelta(0) < window.opens_at - clock.now() <= timedelta(minutes=1)
    assert "Sedang berlangsung" in page
    before = clock.now()
    page = play(client, "release", office)
    assert "Kantor sudah di waktu ini" in page
    assert clock.now() - before < timedelta(seconds=30)
    assert_laws_hold()


def test_a_journey_does_what_beat_would_have_done(office: Office) -> None:
    record_uptime(now=clock.now())
    begin, window = clock.now(), ReleaseWindow.objects.filter(lane="online").latest("opens_at")
    assert window.announced_at is None
    travel(office.at(MONDAY + timedelta(days=9), time(12)))
    window.refresh_from_db()
    assert window.announced_at is not None
    assert timedelta(0) <= window.announced_at - window.opens_at < timedelta(minutes=1)
    # The time that was skipped is no failure of the system, or nobody could be a no-show.
    assert downtime_between(begin, clock.now(), now=clock.now()) == timedelta(0)
    assert Message.objects.filter(kind="window_opened", sent_at=None).count() == 0
    assert_laws_hold()


def test_a_lost_worker_is_replaced_and_a_failing_scene_ends(office: Office, client: Client) -> None:
    jobs.request_scene(scene="release", office=office.code)
    job = jobs.current_job()
    assert job is not None
    # As a worker leaves it that dies while it plays.
    jobs._write(replace(job, state=jobs.RUNNING, attempts=1))
    play_requested_scene()
    done = jobs.current_job()
    assert done is not None
    assert (done.state, done.attempts) == (jobs.DONE, 2)
    jobs._write(replace(job, state=jobs.RUNNING, attempts=jobs.ATTEMPTS))
    play_requested_scene()
    assert "Simulasi ini tidak selesai" in client.get("/demo/").content.decode()


def test_an_office_without_bookable_days_says_so(office: Office, client: Client) -> None:
    ReleaseWindow.objects.filter(lane="online").update(mode="draw")
    assert "Tidak ada hari kerja yang bisa dipesan" in play(client, "monday", office)


def test_forty_people_on_a_monday_morning(office: Office, client: Client) -> None:
    page = play(client, "monday", office)
    local = clock.now().astimezone(office.zone)
    assert (local.date(), f"{local:%H:%M}") == (MONDAY, "09:40")
    assert hall(office) == 40
    assert "40 orang di ruang layanan" in page
    statuses = set(Visit.objects.values_list("status", flat=True))
    assert {VisitStatus.WAITING, VisitStatus.SERVING, VisitStatus.FINISHED} <= statuses
    lanes = set(Visit.objects.values_list("lane_id", flat=True))
    assert lanes == {"online", "walk_in", "priority"}
    # Priority has a reason of the list, as at the desk.
    reasons = DeskAdmission.objects.filter(booking__slot__lane_id="priority").values("reason")
    assert reasons
    assert all(row["reason"] for row in reasons)
    # The first counter and its officer are free for the reader.
    assert not CounterSession.objects.filter(counter__number=1).exists()
    assert_laws_hold()

    counts = (Booking.objects.count(), Visit.objects.count())
    play(client, "monday", office)
    assert (Booking.objects.count(), Visit.objects.count()) == counts


def test_a_protocol_in_force_does_not_keep_people_out(office: Office) -> None:
    Protocol.objects.create(
        office=office,
        name="Protokol kesehatan",
        name_en="Health protocol",
        items=[{"code": "mask", "name": "Memakai masker", "name_en": "Mask worn"}],
        temperature_limit=370,
        valid_from=MONDAY,
        instrument="SE",
    )
    opened = ReleaseWindow.objects.filter(lane="online").latest("opens_at").opens_at
    day = OfficeDay(office, MONDAY)
    first = day.slots()[0]
    assert day.book(first, people=5, now=max(opened, clock.now()) + timedelta(minutes=5)) == 5
    day.now = first.starts_at
    for _arrives_at, code in day.expected():
        day.check_in(code)
    assert day.admit("priority")
    came = Visit.objects.filter(office=office).count()
    assert came >= 5
    assert Screening.objects.filter(office=office, outcome=Outcome.PASSED).count() == came


@pytest.mark.slow
def test_closing_time_and_the_evening_after_it(office: Office, client: Client) -> None:
    play(client, "monday", office)
    play(client, "closing", office)
    assert f"{clock.now().astimezone(office.zone):%m-%d %H:%M}" == "11-30 15:00"
    assert hall(office) == 4
    assert CounterSession.objects.filter(closed_at=None).exists()
    assert Booking.objects.filter(slot__day=MONDAY, status=Status.BOOKED).exists()
    assert_laws_hold()

    travel(office.at(MONDAY + timedelta(days=1), time(9)))
    assert hall(office) == 0
    assert not AbsenceReview.objects.exists()
    assert not CounterSession.objects.filter(closed_at=None).exists()
    assert Booking.objects.filter(slot__day=MONDAY, status=Status.NO_SHOW).exists()
    assert not Booking.objects.filter(slot__day=MONDAY, status=Status.BOOKED).exists()
    assert_laws_hold()


@pytest.mark.slow
def test_the_first_day_with_uncollected_passports(office: Office, client: Client) -> None:
    play(client, "uncollected", office)
    books = PassportBook.objects.filter(status=BookStatus.READY)
    oldest = min(book.ready_at for book in books if book.ready_at)
    assert timedelta(0) <= clock.now() - oldest - timedelta(days=7) < timedelta(days=4)
    assert PassportBook.objects.filter(status=BookStatus.HANDED_OVER).exists()
    assert_laws_hold()
    counts = (Booking.objects.count(), clock.now())
    play(client, "uncollected", office)
    assert Booking.objects.count() == counts[0]
    assert clock.now() - counts[1] < timedelta(minutes=1)
