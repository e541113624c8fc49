"""Officers' exceptions by month and reason, counted from what was recorded."""

from datetime import date, timedelta

import pytest

from counters.queue.services import call_visit
from counters.walk_in.services import admit_at_desk
from offices.directory.models import Office, ServiceType
from offices.exceptions import exceptions_by_month, exceptions_of
from offices.reasons.models import Reason
from quotas.rules.services import add_places
from tests.builders import make_reason, person_data
from tests.counters.world import DAY, make_world

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1)


def counts(office: Office) -> dict[tuple[date, str, str], int]:
    span = DAY - timedelta(days=40), DAY + timedelta(days=40)
    rows = exceptions_by_month([office], *span)[office.pk]
    return {(row.month, row.code, row.reason): row.count for row in rows}


def test_calls_out_of_order_count_by_reason() -> None:
    world = make_world()
    make_reason("sick", name="sakit", name_en="ill")
    visits = [world.arrive(8) for _person in range(3)]
    session = world.sit()
    call_visit(
        visit_id=visits[2].pk,
        session_id=session.pk,
        reason="sick",
        note="",
        by=world.officer,
        now=world.at(8, 20),
    )
    assert counts(world.office) == {(NOVEMBER, "out_of_order", "sakit"): 1}
    assert counts(make_world().office) == {}


def test_added_places_count_as_places() -> None:
    world = make_world()
    slot = world.slot(9)
    add_places(
        office_id=world.office.pk,
        slot_id=slot.pk,
        count=3,
        reason="SK uji",
        by=world.supervisor,
        now=world.at(8, day=DAY - timedelta(days=1)),
    )
    assert counts(world.office) == {(NOVEMBER, "added_places", ""): 3}


def test_a_place_added_at_the_desk_counts_with_its_reason() -> None:
    world = make_world(walk_ins=1)
    make_reason("stranded", Reason.Use.EXTRA_PLACE, name="terdampar", name_en="stranded")
    now = world.at(8, 10)
    while True:
        admission = admit_at_desk(
            office_id=world.office.pk,
            applicant=person_data(),
            service_type_id=ServiceType.objects.get(code="new").pk,
            extra_reason="stranded",
            by=world.supervisor,
            now=now,
        )
        if admission.booking.admission.extra_reason_id:
            break
    assert counts(world.office) == {(NOVEMBER, "added_places", "terdampar"): 1}


def test_the_office_page_shows_official_guests_only() -> None:
    rows = exceptions_of(make_world().office, DAY)
    assert [(row["code"], row["count"]) for row in rows] == [("official_guests", 0)]
