"""Effects of a broken camera: other counters take photos, people are informed, the outage is confirmed."""

from datetime import timedelta
from typing import Any

import pytest

from core.errors import NotAllowed
from counters.outages.services import end_outage, record_outage
from counters.queue import services as queue_services
from counters.service import services as service_services
from counters.service import transfers as service_transfers
from counters.service.selectors import free_counters
from counters.visits.models import CounterSession, Visit, VisitStatus
from counters.visits.selectors import can_do
from notices.models import Message
from notices.services import deliver_due
from offices.directory.models import Counter, Device, Stage
from offices.outages.models import Outage
from offices.outages.selectors import counters_lacking_photo, lacks_photo
from offices.outages.services import confirm_outage
from tests.counters.world import DAY, KTP, World, make_world, who


@pytest.fixture
def world(db: None) -> World:
    """Three counters, each with its own camera."""
    world = make_world(places=120)
    for number in (1, 2, 3):
        camera(world, number)
    return world


def camera(world: World, number: int | None = None) -> Device:
    counter = world.counter(number) if number else None
    name = f"Kamera {number or 'bersama'}"
    return Device.objects.create(office=world.office, kind="camera", counter=counter, name=name)


def break_camera(world: World, number: int = 1, *, minute: int = 30) -> Any:
    device = Device.objects.get(office=world.office, name=f"Kamera {number}")
    return record_outage(
        office_id=world.office.pk,
        device_id=device.pk,
        reason="layar gelap",
        by=world.officer,
        now=world.at(8, minute),
    )


def at_the_photo(world: World, session: CounterSession, minute: int = 5) -> Visit:
    """A visit at a counter whose photo is being taken."""
    visit = world.start(session, world.at(8, minute))
    for _stage in range(2):
        service_services.finish_stage(
            **who(visit, session), documents_checked=KTP, now=world.at(8, minute + 10)
        )
    return visit


def test_a_counter_without_its_camera_takes_no_photos(world: World) -> None:
    break_camera(world)
    one, two = world.counter(1), world.counter(2)
    assert (lacks_photo(one), lacks_photo(two)) == (True, False)
    assert counters_lacking_photo(world.office) == {one.pk}
    assert not can_do(one, Stage.PHOTO)
    assert can_do(one, Stage.INTERVIEW)
    assert can_do(two, Stage.PHOTO)


def test_a_shared_camera_replaces_a_broken_one(world: World) -> None:
    camera(world)
    break_camera(world)
    assert not lacks_photo(world.counter(1))


def test_an_office_without_listed_devices_takes_photos(db: None) -> None:
    assert not lacks_photo(make_world().counter(1))


def test_the_visit_at_the_photo_goes_to_a_counter_with_a_camera(world: World) -> None:
    one, two = world.sit(1), world.sit(2, world.colleague())
    world.arrive(8)
    visit = at_the_photo(world, one)
    recorded = break_camera(world)
    assert recorded.handed_on == 1
    visit.refresh_from_db()
    event = visit.history.last()
    assert (visit.status, visit.handed_on_by) == (VisitStatus.WAITING, one.counter)
    assert (event.kind, event.reason, event.session) == ("passed_on", "Kamera 1 rusak", one)
    assert visit.arrived_at == world.at(8)  # it keeps its clock
    assert world.call(one, world.at(8, 31)) is None
    assert world.call(two, world.at(8, 31)) == visit


def test_documents_and_interview_go_on_without_a_camera(world: World) -> None:
    one, two = world.sit(1), world.sit(2, world.colleague())
    world.arrive(8)
    break_camera(world)
    visit = world.start(one, world.at(8, 31))
    for _stage in range(2):
        service_services.finish_stage(**who(visit, one), documents_checked=KTP, now=world.at(8, 40))
    assert visit.stage_runs.filter(stage=Stage.PHOTO).count() == 0
    service_transfers.transfer(
        **who(visit, one), counter_id=None, reason="foto", now=world.at(8, 41)
    )
    assert world.call(one, world.at(8, 42)) is None
    assert world.call(two, world.at(8, 42)) == visit


def test_a_visit_stays_where_no_other_counter_has_a_camera(world: World) -> None:
    others = Counter.objects.filter(hall__office=world.office).exclude(number=1)
    Device.objects.filter(counter__in=others).delete()
    others.delete()
    one = world.sit(1)
    world.arrive(8)
    visit = at_the_photo(world, one)
    assert break_camera(world).handed_on == 0
    visit.refresh_from_db()
    assert visit.status == VisitStatus.SERVING


def test_a_visit_named_for_the_broken_counter_becomes_free(world: World) -> None:
    one, two = world.sit(1), world.sit(2, world.colleague())
    third = world.sit(3, world.colleague())
    world.arrive(8)
    visit = at_the_photo(world, one)
    service_transfers.transfer(
        **who(visit, one), counter_id=None, reason="foto", now=world.at(8, 20)
    )
    Visit.objects.filter(pk=visit.pk).update(next_counter=two.counter)
    assert world.call(third, world.at(8, 21)) is None
    assert break_camera(world, 2).handed_on == 1
    assert world.call(third, world.at(8, 31)) == visit


def test_after_the_repair_the_counter_may_call_it_again(world: World) -> None:
    one = world.sit(1)
    world.arrive(8)
    visit = at_the_photo(world, one)
    recorded = break_camera(world)
    assert world.call(one, world.at(8, 31)) is None
    end_outage(outage_id=recorded.outage.pk, by=world.officer, now=world.at(8, 50))
    assert world.call(one, world.at(8, 51)) == visit


def test_people_whose_wait_grows_much_get_one_message(world: World) -> None:
    one, two = world.sit(1), world.sit(2, world.colleague())
    for minute in range(2):
        world.arrive(8, minute)
    handed = [at_the_photo(world, session, 5) for session in (one, two)]
    for visit, session in zip(handed, (one, two), strict=True):
        service_transfers.transfer(
            **who(visit, session), counter_id=None, reason="foto", now=world.at(8, 20)
        )
    world.sit(3, world.colleague())
    break_camera(world, 3)
    break_camera(world, 2, minute=31)
    recorded = break_camera(world, 1, minute=32)
    assert recorded.informed == 1  # the other one heard of it when camera 2 broke
    messages = Message.objects.filter(kind="visit_delayed")
    assert messages.count() == 2
    while deliver_due(now=world.at(8, 33)):
        pass
    assert not messages.filter(sent_at__isnull=True).exists()


def test_a_small_delay_sends_no_message(world: World) -> None:
    for number in (1, 2, 3):
        world.sit(number, world.colleague())
    world.arrive(8, 20)
    assert break_camera(world).informed == 0


def test_the_choice_of_counters_says_which_lack_photos(world: World) -> None:
    break_camera(world)
    rows = {
        row["counter"].number: row["lacks_photo"] for row in free_counters(world.office, day=DAY)
    }
    assert rows == {1: True, 2: False, 3: False}


# --- Each morning -------------------------------------------------------------------------------
def test_an_outage_of_yesterday_is_confirmed_each_morning(world: World) -> None:
    outage = break_camera(world).outage
    tomorrow = DAY + timedelta(days=1)
    assert not outage.needs_confirmation(DAY)
    assert outage.needs_confirmation(tomorrow)
    now = world.at(8, 5, tomorrow)
    with pytest.raises(NotAllowed):
        confirm_outage(outage_id=outage.pk, by=make_world().officer, now=now)
    confirm_outage(outage_id=outage.pk, by=world.officer, now=now)
    outage.refresh_from_db()
    assert (outage.confirmed_on, outage.confirmed_by) == (tomorrow, world.officer)
    assert not outage.needs_confirmation(tomorrow)
    assert outage.needs_confirmation(tomorrow + timedelta(days=1))


def test_a_called_person_who_still_needs_the_photo_goes_too(world: World) -> None:
    one = world.sit(1)
    two = world.sit(2, world.colleague())
    world.arrive(8)
    visit = at_the_photo(world, one)
    service_transfers.transfer(
        **who(visit, one), counter_id=None, reason="foto", now=world.at(8, 20)
    )
    assert world.call(two, world.at(8, 21)) == visit
    assert break_camera(world, 2).handed_on == 1
    with pytest.raises(Exception, match="loket lain"):
        queue_services.recall(**who(visit, two), now=world.at(8, 31))
    assert Outage.objects.count() == 1
