"""Halls and counters that are out of use from a day on: what may end, and that no screen offers them then."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from booking.closures.forms import ClosureForm
from booking.public.ticket_page import place_of
from booking.restrictions.attendance import obstacles_to
from core.db import constraint_name
from core.errors import InvalidInput, NotAllowed, NotFound
from counters.display.selectors import board_of
from counters.estimates.selectors import forecast_of, read_facts
from counters.gate.selectors import people_in_halls
from counters.outages.services import record_outage
from counters.paper.services import PaperLine, enter_from_paper
from counters.service import transfers
from counters.stations.errors import (
    CounterOutOfUse,
    CounterStillUsed,
    HallOutOfUse,
    HallStillUsed,
)
from counters.stations.services import (
    leave_counter,
    retire_counter,
    retire_hall,
    take_counter,
)
from counters.today.facts import DayFacts
from counters.today.selectors import counter_rows
from counters.visits.models import CounterSession
from offices.directory.models import Counter, Device, Hall, Office
from offices.directory.selectors import PairHalls, setup_of
from offices.outages.models import Outage
from offices.rosters.models import RosterShift
from offices.staff.models import Role
from quotas.capacity.selectors import office_days
from reports.load.models import LoadRow
from reports.load.services import rebuild
from tests.builders import make_group, make_lane, make_office, make_officer
from tests.counters.world import DAY, World, who

pytestmark = pytest.mark.django_db
SetClock = Callable[[datetime], None]
ONE_DAY = timedelta(days=1)
EARLY = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture
def national(db: None) -> User:
    return make_officer(None, Role.NATIONAL)


def retire(counter: Counter, day: date | None = DAY, *, now: datetime = EARLY) -> Counter:
    return retire_counter(counter_id=counter.pk, day=day, by=None, now=now)


def end_hall(hall: Hall, day: date | None = DAY) -> Hall:
    return retire_hall(hall_id=hall.pk, day=day, by=None, now=EARLY)


def second_hall(office: Office, *lanes: str) -> Hall:
    """A hall on floor 2 with counter 11, for citizens in these lanes."""
    hall = Hall.objects.create(office=office, code="lantai2", name="Ruang lantai dua", floor="2")
    hall.groups.set([make_group("citizens")])
    hall.lanes.set([make_lane(code) for code in lanes])
    Counter.objects.create(hall=hall, number=11, stages=["documents", "interview", "photo"])
    return hall


def end_first_hall(office: Office, day: date = DAY) -> Hall:
    """The office's first hall, out of use; a second one has its lanes."""
    first = office.halls.get(code="utama")
    second_hall(office, *first.lanes.values_list("pk", flat=True))
    for counter in first.counters.all():
        retire(counter, day)
    return end_hall(first, day)


def plain(text: Any) -> str:
    """The text with ordinary spaces in its dates."""
    return str(text).replace("\xa0", " ")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- The day ------------------------------------------------------------------------------------
@pytest.mark.parametrize("time_zone", ["Asia/Jayapura", "Asia/Jakarta"])
def test_the_day_begins_at_midnight_of_the_office(time_zone: str) -> None:
    office = make_office(time_zone=time_zone)
    counter = Counter.objects.get(hall__office=office, number=1)
    retire(counter)
    midnight = office.at(DAY, time())
    before = office.local_day(midnight - timedelta(seconds=1))
    assert counter in office.halls.get().counters.in_use_on(before)
    assert counter not in office.halls.get().counters.in_use_on(office.local_day(midnight))
    setup = setup_of(office)
    assert [row.number for row in setup.counters_on(before)] == [1, 2]
    assert [row.number for row in setup.counters_on(DAY)] == [2]
    officer, second = make_officer(office), timedelta(seconds=1)
    values: dict[str, Any] = {"counter_id": counter.pk, "by": officer}
    session = take_counter(**values, now=midnight - second)
    leave_counter(session_id=session.pk, by=officer, now=midnight - second)
    with pytest.raises(CounterOutOfUse) as refused:
        take_counter(**values, now=midnight)
    assert plain(refused.value) == "Loket 1 tidak dipakai lagi sejak 26 November 2026."


# --- What may end -------------------------------------------------------------------------------
def roster(world: World, day: date, number: int = 1) -> RosterShift:
    return RosterShift.objects.create(
        officer=world.officer,
        office=world.office,
        counter=world.counter(number),
        day=day,
        starts_at=world.at(8, day=day),
        ends_at=world.at(15, day=day),
    )


def test_a_rostered_counter_does_not_end_and_the_days_are_named(world: World) -> None:
    for days in (0, 4):
        roster(world, DAY + days * ONE_DAY)
    roster(world, DAY - ONE_DAY)
    with pytest.raises(CounterStillUsed) as refused:
        retire(world.counter())
    text = plain(refused.value)
    assert text.startswith("Loket 1 belum dapat berhenti dipakai mulai 26 November 2026.")
    assert "Jadwal petugas: 26 November 2026, 30 November 2026." in text
    assert "25 November" not in text
    assert world.counter().retired_on is None
    assert retire(world.counter(), DAY + 5 * ONE_DAY).retired_on == DAY + 5 * ONE_DAY
    assert retire(world.counter(), None).retired_on is None


def test_an_open_counter_ends_tomorrow_at_the_earliest(world: World) -> None:
    session = world.sit(1)
    now = world.at(9)
    with pytest.raises(CounterStillUsed) as refused:
        retire(world.counter(), DAY, now=now)
    assert "Loket dibuka: 26 November 2026." in plain(refused.value)
    with pytest.raises(CounterStillUsed):  # its history would contradict the day
        retire(world.counter(), DAY - ONE_DAY, now=now)
    leave_counter(session_id=session.pk, by=session.officer, now=now)
    with pytest.raises(CounterStillUsed):
        retire(world.counter(), DAY, now=now)
    assert retire(world.counter(), DAY + ONE_DAY, now=now).retired_on == DAY + ONE_DAY


def test_many_days_are_not_all_named(world: World) -> None:
    for days in range(7):
        roster(world, DAY + days * ONE_DAY)
    with pytest.raises(CounterStillUsed) as refused:
        retire(world.counter())
    assert "30 November 2026 dan 2 hari lain." in plain(refused.value)


def test_a_hall_ends_after_its_counters_and_where_another_serves_the_same(world: World) -> None:
    hall = world.office.halls.get()
    with pytest.raises(HallStillUsed) as refused:
        end_hall(hall)
    text = str(refused.value)
    assert "Loket yang masih dipakai: 1, 2, 3." in text
    assert "Layanan yang hanya ada di ruang ini: " in text
    for counter in hall.counters.all():
        retire(counter)
    other = second_hall(world.office, "online", "walk_in", "priority")
    with pytest.raises(HallStillUsed) as refused:
        end_hall(hall)
    left = hall.lanes.exclude(pk__in=other.lanes.all())
    assert left
    assert all(str(lane) in str(refused.value) for lane in left)
    assert "Loket yang masih" not in str(refused.value)
    other.lanes.set(hall.lanes.all())
    assert end_hall(hall).retired_on == DAY
    retire(other.counters.get())
    with pytest.raises(HallStillUsed):  # of two halls one remains
        end_hall(other)
    with pytest.raises(HallOutOfUse):
        retire(world.counter(), None)
    with pytest.raises(HallOutOfUse):
        retire(world.counter(), DAY + ONE_DAY)
    end_hall(hall, None)
    assert retire(world.counter(), None).retired_on is None


def test_only_national_officers_end_the_use(world: World, national: User) -> None:
    values: dict[str, Any] = {"day": DAY, "now": EARLY}
    for by in (world.supervisor, world.officer):
        with pytest.raises(NotAllowed):
            retire_counter(counter_id=world.counter().pk, by=by, **values)
        with pytest.raises(HallStillUsed):
            retire_hall(hall_id=world.office.halls.get().pk, by=by, **values)
    with pytest.raises(NotFound):
        retire_counter(counter_id=0, by=national, **values)
    assert retire_counter(counter_id=world.counter().pk, by=national, **values).retired_on == DAY


# --- The database -------------------------------------------------------------------------------
def refused_by(write: Callable[[], Any]) -> str | None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        write()
    return constraint_name(refused.value)


def test_the_database_refuses_the_use_of_what_has_ended(world: World) -> None:
    counters = Counter.objects.filter(pk=world.counter().pk)
    shift = roster(world, DAY)
    assert refused_by(lambda: counters.update(retired_on=DAY)) == "counter_retired_after_its_shifts"
    shift.delete()
    hall = world.office.halls.filter(code="utama")
    assert refused_by(lambda: hall.update(retired_on=DAY)) == "hall_retired_after_its_counters"
    end_first_hall(world.office)
    assert refused_by(lambda: roster(world, DAY)) == "roster_shift_counter_in_use"
    roster(world, DAY - ONE_DAY).delete()

    def open_at(now: datetime) -> CounterSession:
        return CounterSession.objects.create(
            officer=world.officer, counter=world.counter(), office=world.office, opened_at=now
        )

    assert refused_by(lambda: open_at(world.at(0))) == "counter_session_counter_in_use"
    open_at(world.at(0) - timedelta(seconds=1)).delete()
    for day in (None, DAY + ONE_DAY):
        assert (
            refused_by(lambda day=day: counters.update(retired_on=day))
            == "counter_retired_before_its_hall"
        )


# --- The admin lists ------------------------------------------------------------------------------
def test_national_officers_end_the_use_in_the_list(
    world: World, national: User, set_clock: SetClock
) -> None:
    set_clock(EARLY)
    counter, client = world.counter(), client_of(national)
    address = reverse("admin:offices_counter_change", args=[counter.pk])
    shift = roster(world, DAY)
    refused = client.post(address, {"retired_on": "2026-11-26"})
    assert refused.status_code == 200
    assert "Jadwal petugas: 26 November 2026." in plain(refused.content.decode())
    shift.delete()
    assert client.post(address, {"retired_on": "2026-11-26", "number": 9}).status_code == 302
    counter.refresh_from_db()
    assert (counter.retired_on, counter.number) == (DAY, 1)
    assert LogEntry.objects.filter(user=national, object_id=str(counter.pk)).count() == 1
    hall = world.office.halls.get()
    of_hall = reverse("admin:offices_hall_change", args=[hall.pk])
    refused = client.post(of_hall, {"retired_on": "2026-11-26"})
    assert "Loket yang masih dipakai: 2, 3." in refused.content.decode()
    second_hall(world.office, *hall.lanes.values_list("pk", flat=True))
    for other in hall.counters.all():
        retire(other)
    assert client.post(of_hall, {"retired_on": "2026-11-26"}).status_code == 302
    hall.refresh_from_db()
    assert (hall.retired_on, hall.lanes.count() > 0) == (DAY, True)
    supervisor = client_of(world.supervisor)
    assert supervisor.get(address).status_code == 200
    assert supervisor.post(address, {"retired_on": ""}).status_code == 403
    for name in ("hall", "counter"):
        rows = reverse(f"admin:offices_{name}_changelist")
        set_clock(world.at(0) - timedelta(minutes=1))
        assert not client.get(rows, {"use": "no"}).context["cl"].result_count
        set_clock(world.at(0))
        page = client.get(rows, {"use": "no"})
        assert page.context["cl"].result_count == {"hall": 1, "counter": 3}[name]
        assert client.get(rows, {"use": "yes"}).context["cl"].result_count == 1


# --- What is offered ------------------------------------------------------------------------------
def test_an_ended_counter_is_offered_on_no_screen(world: World, set_clock: SetClock) -> None:
    camera = Device.objects.create(
        office=world.office, kind="camera", counter=world.counter(3), name="Kamera 3"
    )
    retire(world.counter(3))
    set_clock(world.at(9))
    choice = client_of(world.officer).get("/admin/counter/").content.decode()
    assert "Buka Loket 2" in choice
    assert "Buka Loket 3" not in choice
    outages = client_of(world.officer).get(reverse("counters:outage")).content.decode()
    assert "Loket 2" in outages
    assert "Loket 3" not in outages
    assert "Kamera 3" not in outages
    values: dict[str, Any] = {"office_id": world.office.pk, "reason": "x", "by": world.officer}
    for thing in ({"counter_id": world.counter(3).pk}, {"device_id": camera.pk}):
        with pytest.raises(InvalidInput):
            record_outage(**values, **thing, now=world.at(9))
    today = DayFacts(world.office, now=world.at(9))
    assert [row.counter.number for row in counter_rows(today)] == [1, 2]
    facts = read_facts(world.office, now=world.at(9))
    assert sum(forecast_of(facts).counters.values()) == 2
    week = office_days(world.office, first=DAY - ONE_DAY, last=DAY)
    assert [len(day.resources.counters) for day in week] == [3, 2]
    assert [len(day.resources.devices) for day in week] == [1, 0]
    page = Client().get(f"/offices/{world.office.code}/").content.decode()
    assert "2 loket" in page


def test_a_visit_is_not_handed_on_to_an_ended_counter(world: World) -> None:
    here, there = world.sit(1), world.sit(2, world.colleague())
    world.arrive(8)
    visit = world.start(here, world.at(8, 5))
    assert transfers.takers(visit, here) == [there.counter]
    CounterSession.objects.filter(pk=there.pk).update(opened_at=world.at(15, day=DAY - ONE_DAY))
    Counter.objects.filter(pk=there.counter_id).update(retired_on=DAY)
    assert transfers.takers(visit, here) == []
    assert who(visit, here)["by"] == world.officer
    # Nobody closed it: the supervisor still sees it and can close it.
    rows = counter_rows(DayFacts(world.office, now=world.at(8, 6)))
    assert [row.counter.number for row in rows] == [1, 2, 3]


def test_a_line_of_paper_is_entered_at_a_counter_of_its_day(
    world: World, set_clock: SetClock
) -> None:
    retire(world.counter(3))
    booking = world.book(8)
    line = PaperLine(
        counter_id=world.counter(3).pk,
        arrived_at=world.at(8, 5),
        started_at=world.at(8, 20),
        ended_at=world.at(8, 45),
    )
    with pytest.raises(InvalidInput) as refused:
        enter_from_paper(booking_id=booking.pk, line=line, by=world.supervisor, now=world.at(15))
    assert "tidak dipakai lagi" in str(refused.value.fields["counter"][0])
    set_clock(world.at(15))
    page = client_of(world.supervisor).get(f"/admin/gate/{booking.pk}/paper/")
    assert [str(row) for row in page.context["form"].fields["counter"].queryset] == [
        "Loket 1",
        "Loket 2",
    ]


def test_an_ended_hall_is_closed_on_its_board_and_serves_nobody(
    world: World, set_clock: SetClock
) -> None:
    end_first_hall(world.office)
    before, after = world.at(0) - timedelta(seconds=1), world.at(9)
    assert [row.hall.code for row in people_in_halls(world.office, now=before)] == [
        "utama",
        "lantai2",
    ]
    assert [row.hall.code for row in people_in_halls(world.office, now=after)] == ["lantai2"]
    assert "Ruang utama" in place_of(world.book(8, DAY - ONE_DAY))
    assert "Ruang lantai dua" in place_of(world.book(9, DAY))
    whole = board_of(world.office.code, now=after)
    assert [row["code"] for row in whole["halls"]] == ["lantai2"]
    own = board_of(world.office.code, "utama", now=after)
    assert (own["state"], own["waiting"], own["news"]) == ("closed", [], [])
    assert plain(own["state_text"]) == "Ruang utama tidak dipakai lagi sejak 26 November 2026."
    assert board_of(world.office.code, "utama", now=before)["state"] != "closed"
    set_clock(after)
    screen = Client().get(f"/board/{world.office.code}/utama/").content.decode()
    assert "tidak dipakai lagi" in screen
    answer = Client().get(f"/api/v1/offices/{world.office.code}/board/", {"hall": "utama"})
    assert answer.json()["state"] == "closed"
    assert Client().get(f"/board/{world.office.code}/lain/").status_code == 404
    second_hall_board = client_of(world.supervisor).get(reverse("counters:kiosks"))
    assert [row.code for row in second_hall_board.context["halls"]] == ["lantai2"]
    form = ClosureForm(office=world.office, day=DAY)
    assert [row.code for row in form.fields["hall"].queryset] == ["lantai2"]  # type: ignore[attr-defined]
    page = Client().get(f"/offices/{world.office.code}/").content.decode()
    assert "Ruang lantai dua" in page
    assert "Ruang utama" not in page


def test_the_absence_rule_counts_the_counters_of_the_day(world: World) -> None:
    """An office whose used counters were all broken served nobody, whatever stands in an ended one."""
    retire(world.counter(3))
    booking = world.book(8)
    for number in (1, 2):
        Outage.objects.create(
            office=world.office,
            counter=world.counter(number),
            started_at=world.at(7),
            reason="listrik",
            noted_at=world.at(7),
            noted_by=world.supervisor,
        )
    assert "outage" in obstacles_to(booking, now=world.at(16))


# --- History --------------------------------------------------------------------------------------
def test_reports_of_earlier_days_keep_hall_and_counter(world: World) -> None:
    office = world.office
    first = office.halls.get()
    world.book(8, DAY - ONE_DAY)
    world.book(8, DAY)
    end_first_hall(office)
    second = office.halls.get(code="lantai2")
    halls = PairHalls([office])
    group = make_group("citizens").pk
    assert halls.on(office.pk, "online", group, DAY - ONE_DAY) == first.pk
    assert halls.on(office.pk, "online", group, DAY) == second.pk
    spans = {pair[1]: (since, until) for pair, since, until in halls.spans_of(second.pk)}
    assert spans["online"] == (DAY, date.max)
    rebuild(offices=[office], first=DAY - ONE_DAY, last=DAY, now=world.at(16))
    rows = LoadRow.objects.filter(office=office, span="day", dimension="hall", booked__gt=0)
    assert set(rows.values_list("starts_on", "key")) == {
        (DAY - ONE_DAY, str(first.pk)),
        (DAY, str(second.pk)),
    }
