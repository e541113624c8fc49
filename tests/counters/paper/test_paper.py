"""Power failure: a printed list in the morning, and its lines entered afterwards."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from accounts.models import User
from booking.bookings.changes import cancel_booking, mark_no_show
from booking.bookings.models import Booking
from booking.statuses import Status
from core.errors import InvalidInput
from counters.paper import services as paper_services
from counters.paper.errors import CounterServedAnother
from counters.production.models import PassportBook
from counters.service import transfers as service_transfers
from counters.visits.errors import VisitChanged
from counters.visits.models import CounterSession, StageRun, Visit, VisitEvent, VisitStatus
from notices.models import Message
from ops.verification.services import verify
from reports.load.selectors import daily_load
from reports.paper_list.pdf import render_day_list
from reports.paper_list.services import make_due_paper_lists, paper_file
from tests.counters.world import DAY, World, make_world
from tests.outbox import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    settings.PAPER_DIR = str(tmp_path)
    return make_world()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_list_is_created_once_at_six_office_time(world: World) -> None:
    world.book(8)
    assert make_due_paper_lists(now=world.at(5, 59)) == 0
    assert make_due_paper_lists(now=world.at(6)) == 1
    assert make_due_paper_lists(now=world.at(6, 5)) == 0
    file = paper_file(world.office, DAY)
    assert file.read_bytes().startswith(b"%PDF")
    assert file.stat().st_mode & 0o077 == 0


def test_supervisors_are_notified_once_without_names(world: World) -> None:
    booking = world.book(8)
    make_due_paper_lists(now=world.at(6))
    paper_file(world.office, DAY).unlink()
    make_due_paper_lists(now=world.at(7))
    email = Message.objects.get(kind="paper_list")
    assert email.address == world.supervisor.email
    assert "/admin/today/paper/" in text_of(email)
    assert booking.applicant.full_name not in text_of(email)


def test_an_unwritable_folder_does_not_prevent_the_message(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    settings.PAPER_DIR = str(tmp_path / "file")
    world.book(8)
    make_due_paper_lists(now=world.at(6))
    assert Message.objects.filter(kind="paper_list").count() == 1


def test_old_lists_are_deleted(world: World) -> None:
    world.book(8)
    old = paper_file(world.office, DAY - timedelta(days=8))
    old.parent.mkdir()
    old.write_bytes(b"%PDF")
    make_due_paper_lists(now=world.at(6))
    assert [file.name for file in old.parent.iterdir()] == [paper_file(world.office, DAY).name]


def test_the_list_can_be_printed_at_any_time(
    world: World, set_clock: Callable[[datetime], None]
) -> None:
    world.book(8)
    set_clock(world.at(10))
    answer = client_of(world.supervisor).get("/admin/today/paper.pdf")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.content.startswith(b"%PDF")
    assert client_of(world.pickup).get("/admin/today/paper.pdf").status_code == 403


def test_names_in_unsupported_scripts_are_still_printed(world: World) -> None:
    booking = world.book(8)
    booking.applicant.full_name = "Ştefan Đorđević & <Müller>"
    content = render_day_list(world.office, DAY, [booking], now=world.at(6))
    assert content.startswith(b"%PDF")


def line(world: World, **changes: Any) -> paper_services.PaperLine:
    times: dict[str, Any] = {
        "counter_id": world.counter().pk,
        "arrived_at": world.at(8, 5),
        "started_at": world.at(8, 20),
        "ended_at": world.at(8, 45),
    }
    return paper_services.PaperLine(**{**times, **changes})


def test_a_line_is_entered_with_its_real_times(world: World) -> None:
    booking = world.book(8)
    visit = paper_services.enter_from_paper(
        booking_id=booking.pk, line=line(world), by=world.supervisor, now=world.at(15)
    )
    assert (visit.arrived_at, visit.started_at, visit.ended_at) == (
        world.at(8, 5),
        world.at(8, 20),
        world.at(8, 45),
    )
    booking.refresh_from_db()
    assert (visit.status, booking.status) == (VisitStatus.FINISHED, Status.SERVED)
    assert {event.by for event in VisitEvent.objects.filter(visit=visit)} == {world.supervisor}
    assert {event.at for event in VisitEvent.objects.filter(visit=visit)} == {world.at(15)}
    runs = list(StageRun.objects.filter(visit=visit))
    assert (runs[0].started_at, runs[-1].ended_at) == (world.at(8, 20), world.at(8, 45))
    assert PassportBook.objects.get(visit=visit).ordered_at == world.at(8, 45)
    (load,) = daily_load(world.office, DAY, DAY, world.at(15))
    assert (load.arrived, load.served, load.visit_p50) == (1, 1, 40)
    broken = {finding.law for finding in verify(now=world.at(15)) if finding.breaches}
    assert broken <= {9}  # no worker delivers in this test


def test_a_wrong_no_show_is_entered_the_next_day(world: World) -> None:
    booking = world.book(8)
    mark_no_show(booking_id=booking.pk, now=world.at(17))
    visit = paper_services.enter_from_paper(
        booking_id=booking.pk,
        line=line(world),
        by=world.supervisor,
        now=world.at(9) + timedelta(days=1),
    )
    assert (visit.day, visit.status) == (DAY, VisitStatus.FINISHED)


def test_an_earlier_check_in_keeps_its_arrival_time(world: World) -> None:
    visit = world.arrive(8, 2)
    done = paper_services.enter_from_paper(
        booking_id=visit.booking_id, line=line(world), by=world.supervisor, now=world.at(15)
    )
    assert done.pk == visit.pk
    assert done.arrived_at == world.at(8, 2)


def test_a_line_is_entered_once(world: World) -> None:
    booking = world.book(8)
    entry = {"booking_id": booking.pk, "by": world.supervisor, "now": world.at(15)}
    paper_services.enter_from_paper(line=line(world), **entry)
    with pytest.raises(VisitChanged):
        paper_services.enter_from_paper(line=line(world), **entry)
    assert PassportBook.objects.count() == 1


# --- One person at a time at a counter ----------------------------------------------------------
def enter(world: World, booking: Booking | None = None, **changes: Any) -> Visit:
    booking = booking or world.book(8)
    return paper_services.enter_from_paper(
        booking_id=booking.pk, line=line(world, **changes), by=world.supervisor, now=world.at(15)
    )


@pytest.mark.parametrize(
    ("starts", "ends"),
    [((8, 20), (8, 45)), ((8, 30), (8, 35)), ((8, 10), (8, 50)), ((8, 44), (9, 0))],
)
def test_two_lines_at_one_counter_do_not_overlap(
    world: World, starts: tuple[int, int], ends: tuple[int, int]
) -> None:
    first, second = enter(world), world.book(8)
    times = {"started_at": world.at(*starts), "ended_at": world.at(*ends)}
    with pytest.raises(CounterServedAnother) as refused:
        enter(world, second, **times)
    for language, message in (
        ("id", f"Loket 1 pukul 08.20–08.45 melayani nomor {first.ticket}. "),
        ("en", f"Counter 1 served number {first.ticket} at 08.20–08.45. "),
    ):
        with translation.override(language):
            assert str(refused.value).startswith(message)
    second.refresh_from_db()
    assert (second.status, second.visits.count()) == (Status.BOOKED, 0)
    assert enter(world, second, counter_id=world.counter(2).pk, **times).session


def test_a_line_can_begin_when_another_ends(world: World) -> None:
    lines = [
        enter(world),
        enter(world, started_at=world.at(8, 45), ended_at=world.at(9)),
        enter(world, started_at=world.at(8, 10), ended_at=world.at(8, 20)),
    ]
    assert [line.status for line in lines] == [VisitStatus.FINISHED] * 3


def test_a_line_does_not_overlap_visits_served_on_the_screen(world: World) -> None:
    visit, session = world.arrive(8), world.sit()
    world.call(session, world.at(8, 2))
    world.serve(visit, session, world.at(8, 2))
    with pytest.raises(CounterServedAnother) as refused:
        enter(world, started_at=world.at(8, 10), ended_at=world.at(8, 30))
    with translation.override("id"):
        assert f"08.02–08.24 melayani nomor {visit.ticket}" in str(refused.value)
    assert enter(world, started_at=world.at(8, 30), ended_at=world.at(8, 40)).ended_at


def test_a_visit_at_the_counter_returns_to_the_queue_first(world: World) -> None:
    """The power failed during a visit; its line is entered, and those after it."""
    visit, session = world.arrive(8), world.sit()
    world.start(session, world.at(8, 10))
    with pytest.raises(CounterServedAnother) as refused:
        enter(world)
    with translation.override("id"):
        assert f"08.10–sekarang melayani nomor {visit.ticket}" in str(refused.value)
    service_transfers.put_back(
        visit_id=visit.pk,
        session_id=session.pk,
        by=world.officer,
        reason="listrik padam",
        now=world.at(14),
    )
    enter(world, visit.booking, started_at=world.at(8, 10), ended_at=world.at(8, 20))
    assert enter(world).status == VisitStatus.FINISHED


def test_the_database_prevents_overlapping_lines(world: World) -> None:
    done = enter(world).session
    assert done is not None
    again = CounterSession(
        counter=done.counter,
        office=done.office,
        officer=done.officer,
        opened_at=done.opened_at,
        closed_at=done.closed_at,
        is_from_paper=True,
    )
    with pytest.raises(IntegrityError, match="one_paper_line_at_a_time"), transaction.atomic():
        again.save()


@pytest.mark.parametrize(("field", "hour"), [("started_at", 7), ("ended_at", 8), ("ended_at", 16)])
def test_impossible_times_are_refused_by_field(world: World, field: str, hour: int) -> None:
    booking = world.book(8)
    with pytest.raises(InvalidInput) as refused:
        paper_services.enter_from_paper(
            booking_id=booking.pk,
            line=line(world, **{field: world.at(hour)}),
            by=world.supervisor,
            now=world.at(15),
        )
    assert field in refused.value.fields
    booking.refresh_from_db()
    assert booking.status == Status.BOOKED


def test_a_supervisor_enters_a_line_on_the_screen(
    world: World, set_clock: Callable[[datetime], None]
) -> None:
    booking = world.book(8)
    set_clock(world.at(15))
    client = client_of(world.supervisor)
    address = f"/admin/gate/{booking.pk}/paper/"
    assert address in client.get("/admin/today/paper/").content.decode()
    form = {"arrived_at": "08.05", "started_at": "8:20", "counter": world.counter().pk}
    wrong = client.post(address, {**form, "ended_at": "delapan"})
    assert "08.05" in wrong.content.decode()
    right = client.post(address, {**form, "ended_at": "08.45"})
    assert right.status_code == 302
    booking.refresh_from_db()
    assert booking.status == Status.SERVED


def test_the_screen_names_the_conflicting_visit(
    world: World, set_clock: Callable[[datetime], None]
) -> None:
    first, second = enter(world), world.book(8)
    set_clock(world.at(15))
    form = {"arrived_at": "08.05", "started_at": "08.30", "ended_at": "08.50"}
    answer = client_of(world.supervisor).post(
        f"/admin/gate/{second.pk}/paper/", {**form, "counter": world.counter().pk}
    )
    assert answer.status_code == 409
    page = answer.content.decode()
    assert f"Loket 1 pukul 08.20–08.45 melayani nomor {first.ticket}." in page
    assert 'value="08.30"' in page


# --- Lines that are refused -----------------------------------------------------------------------
def look(world: World, booking: Booking) -> tuple[str, str]:
    """Return the page of a line and the response to its form."""
    client, address = client_of(world.supervisor), f"/admin/gate/{booking.pk}/paper/"
    opened, sent = client.get(address), client.post(address, {"arrived_at": "08.05"})
    assert (opened.status_code, sent.status_code) == (200, 409)
    pages = opened.content.decode(), sent.content.decode()
    assert all("arrived_at" not in page for page in pages)
    assert "Isian Anda tidak dicatat" not in pages[0]
    assert "Isian Anda tidak dicatat" in pages[1]
    return pages


def test_a_finished_visit_is_shown_instead_of_a_form(
    world: World, set_clock: Callable[[datetime], None]
) -> None:
    visit = enter(world)
    set_clock(world.at(16))
    page, _sent = look(world, visit.booking)
    for part in ("sudah selesai dicatat", str(visit.ticket), "08.05", "08.20", "08.45", "15.00"):
        assert part in page
    assert str(world.supervisor) in page
    assert "dari daftar cetak" in page


def test_a_person_at_a_counter_cannot_be_entered(
    world: World, set_clock: Callable[[datetime], None]
) -> None:
    visit = world.arrive(8)
    world.start(world.sit(), world.at(8, 10))
    set_clock(world.at(9))
    assert "Orang ini masih di Loket 1." in look(world, visit.booking)[0]


def test_cancelled_and_future_bookings_are_explained(
    world: World, set_clock: Callable[[datetime], None]
) -> None:
    gone, coming = world.book(8), world.book(9, DAY + timedelta(days=1))
    cancel_booking(booking_id=gone.pk, by=gone.account, now=world.at(6))
    set_clock(world.at(9))
    assert "Status jadwal ini dibatalkan" in look(world, gone)[0]
    assert "Harinya belum tiba" in look(world, coming)[0]
