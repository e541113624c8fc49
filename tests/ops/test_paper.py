"""The day the power fails: a list on paper in the morning, and its lines entered afterwards."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from booking.models import Status
from booking.services import mark_no_show
from core.errors import InvalidInput
from counters import services
from counters.errors import VisitChanged
from counters.models import PassportBook, StageRun, VisitEvent, VisitStatus
from notices.models import Message
from passport_office.verification import verify
from reports.paper import draw_day_list
from reports.selectors import daily_load
from reports.services import make_due_paper_lists, paper_file
from tests.counters.world import DAY, World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    settings.PAPER_DIR = str(tmp_path)
    return make_world()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_list_is_made_once_the_office_s_clock_shows_six(world: World) -> None:
    world.book(8)
    assert make_due_paper_lists(now=world.at(5, 59)) == 0
    assert make_due_paper_lists(now=world.at(6)) == 1
    assert make_due_paper_lists(now=world.at(6, 5)) == 0
    file = paper_file(world.office, DAY)
    assert file.read_bytes().startswith(b"%PDF")
    assert file.stat().st_mode & 0o077 == 0


def test_supervisors_are_told_once_and_without_a_name(world: World) -> None:
    booking = world.book(8)
    make_due_paper_lists(now=world.at(6))
    paper_file(world.office, DAY).unlink()
    make_due_paper_lists(now=world.at(7))
    letter = Message.objects.get(kind="paper_list")
    assert letter.address == world.supervisor.email
    assert "/admin/today/paper/" in letter.body
    assert booking.applicant.full_name not in letter.body


def test_a_folder_that_cannot_be_written_does_not_keep_the_letter_back(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    settings.PAPER_DIR = str(tmp_path / "file")
    world.book(8)
    make_due_paper_lists(now=world.at(6))
    assert Message.objects.filter(kind="paper_list").count() == 1


def test_old_lists_do_not_stay(world: World) -> None:
    world.book(8)
    old = paper_file(world.office, DAY - timedelta(days=8))
    old.parent.mkdir()
    old.write_bytes(b"%PDF")
    make_due_paper_lists(now=world.at(6))
    assert [file.name for file in old.parent.iterdir()] == [paper_file(world.office, DAY).name]


def test_the_list_can_be_had_at_any_time(
    world: World, set_clock: Callable[[datetime], None]
) -> None:
    world.book(8)
    set_clock(world.at(10))
    answer = client_of(world.supervisor).get("/admin/today/paper.pdf")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store"
    assert answer.content.startswith(b"%PDF")
    assert client_of(world.pickup).get("/admin/today/paper.pdf").status_code == 403


def test_names_in_letters_that_no_printer_knows_are_still_drawn(world: World) -> None:
    booking = world.book(8)
    booking.applicant.full_name = "Ştefan Đorđević & <Müller>"
    content = draw_day_list(world.office, DAY, [booking], now=world.at(6))
    assert content.startswith(b"%PDF")


def line(world: World, **changes: datetime) -> services.PaperLine:
    times = {
        "arrived_at": world.at(8, 5),
        "started_at": world.at(8, 20),
        "ended_at": world.at(8, 45),
    }
    return services.PaperLine(counter_id=world.counter().pk, **{**times, **changes})


def test_a_line_is_entered_with_its_real_times(world: World) -> None:
    booking = world.book(8)
    visit = services.enter_from_paper(
        booking_id=booking.pk, line=line(world), by=world.supervisor, now=world.at(15)
    )
    assert (visit.arrived_at, visit.started_at, visit.ended_at) == (
        world.at(8, 5), world.at(8, 20), world.at(8, 45),
    )  # fmt: skip
    booking.refresh_from_db()
    assert (visit.status, booking.status) == (VisitStatus.FINISHED, Status.SERVED)
    assert {event.by for event in VisitEvent.objects.filter(visit=visit)} == {world.supervisor}
    assert {event.at for event in VisitEvent.objects.filter(visit=visit)} == {world.at(15)}
    runs = list(StageRun.objects.filter(visit=visit))
    assert (runs[0].started_at, runs[-1].ended_at) == (world.at(8, 20), world.at(8, 45))
    assert PassportBook.objects.get(visit=visit).ordered_at == world.at(8, 45)
    (load,) = daily_load(world.office, DAY, DAY, world.at(15))
    assert (load.arrived, load.served, load.visit_p50) == (1, 1, 40)
    broken = {found.law for found in verify(now=world.at(15)) if found.breaches}
    assert broken <= {9}  # no worker delivers in this test


def test_the_line_of_a_no_show_who_had_come_is_entered_the_next_day(world: World) -> None:
    booking = world.book(8)
    mark_no_show(booking_id=booking.pk, now=world.at(17))
    visit = services.enter_from_paper(
        booking_id=booking.pk, line=line(world), by=world.supervisor,
        now=world.at(9) + timedelta(days=1),
    )  # fmt: skip
    assert (visit.day, visit.status) == (DAY, VisitStatus.FINISHED)


def test_whoever_was_checked_in_before_the_power_failed_keeps_their_arrival(world: World) -> None:
    visit = world.arrive(8, 2)
    done = services.enter_from_paper(
        booking_id=visit.booking_id, line=line(world), by=world.supervisor, now=world.at(15)
    )
    assert done.pk == visit.pk
    assert done.arrived_at == world.at(8, 2)


def test_a_line_is_entered_once(world: World) -> None:
    booking = world.book(8)
    entry = {"booking_id": booking.pk, "by": world.supervisor, "now": world.at(15)}
    services.enter_from_paper(line=line(world), **entry)
    with pytest.raises(VisitChanged):
        services.enter_from_paper(line=line(world), **entry)
    assert PassportBook.objects.count() == 1


@pytest.mark.parametrize(("field", "hour"), [("started_at", 7), ("ended_at", 8), ("ended_at", 16)])
def test_times_that_cannot_be_right_are_refused_by_name(
    world: World, field: str, hour: int
) -> None:
    booking = world.book(8)
    with pytest.raises(InvalidInput) as refused:
        services.enter_from_paper(
            booking_id=booking.pk, line=line(world, **{field: world.at(hour)}), by=world.supervisor,
            now=world.at(15),
        )  # fmt: skip
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
