"""The form for people without a booking."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking.bookings.models import Booking
from booking.people.models import Applicant
from counters.gate.models import GateRefusal
from counters.walk_in.forms import DATE_BOXES
from counters.walk_in.models import DeskAdmission
from offices.directory.models import ServiceType
from offices.hours.models import AdmissionRule
from offices.reasons.models import Reason
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    make_daily_release,
    make_office,
    make_policy,
    make_reason,
    make_service_type,
)
from tests.clients import page_text
from tests.counters.screening.test_services import protocol_of
from tests.counters.world import DAY, World

URL = "/admin/gate/walk-in/"
NIK = "3174095406880012"  # a woman born on 14 June 1988


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(**changes: str) -> dict[str, str]:
    service = ServiceType.objects.get(code="new").pk
    return {
        "lane": "walk_in",
        "nik": NIK,
        "full_name": "Siti Rahmawati",
        "service_type": str(service),
        **changes,
    }


@pytest.fixture
def lanes(world: World, set_clock: Any) -> World:
    for code in ("pregnant", "under_5", "aged_60", "official_guest"):
        make_reason(code, Reason.Use.PRIORITY, needs_note=code == "official_guest")
    make_reason("urgent_need", Reason.Use.EXTRA_PLACE)
    make_policy(world.office, places=6, lane="priority", valid_until=DAY)
    make_daily_release(world.office, days_ahead=0, lane="priority")
    prepare_windows(office_id=world.office.pk, now=NOW)
    set_clock(world.at(8, 10))
    return world


def test_birth_date_and_sex_come_from_the_nik(lanes: World) -> None:
    answer = signed_in(lanes.gate).post(URL, typed())
    booking = Booking.objects.get()
    assert answer["Location"] == reverse("counters:gate_card", args=[booking.pk])
    person = booking.applicant
    assert (f"{person.birth_date}", person.sex, person.nik_differs) == (
        "1988-06-14",
        "female",
        False,
    )


def test_a_different_birth_date_warns_and_never_blocks(lanes: World) -> None:
    values = {
        "birth_date_day": "15",
        "birth_date_month": "6",
        "birth_date_year": "1988",
        "sex": "female",
    }
    client = signed_in(lanes.gate)
    answer = client.post(URL, typed(**values), follow=True)
    person = Applicant.objects.get()
    assert (f"{person.birth_date}", person.nik_differs) == ("1988-06-15", True)
    assert "NIK perlu dicocokkan" in page_text(answer)


def test_a_wrong_nik_is_named(lanes: World) -> None:
    answer = signed_in(lanes.gate).post(URL, typed(nik="31740954068800"))
    page = page_text(answer)
    assert "NIK baru berisi 14 angka" in page
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    ("nik", "code"), [("3174095406500012", "aged_60"), ("3174090101250012", "under_5")]
)
def test_the_birth_date_proposes_the_lane_once(lanes: World, nik: str, code: str) -> None:
    """Without a script the server proposes it; the next Enter takes what is chosen."""
    client = signed_in(lanes.gate)
    page = page_text(client.post(URL, typed(nik=nik)))
    assert "boleh memakai jalur prioritas" in page
    assert not Booking.objects.exists()
    client.post(URL, typed(nik=nik, lane="priority", reason=code, proposed=code))
    reason = DeskAdmission.objects.get().reason
    assert reason is not None
    assert reason.code == code


def test_a_proposal_can_be_declined(lanes: World) -> None:
    answer = signed_in(lanes.gate).post(
        URL, typed(nik="3174095406500012", lane="walk_in", proposed="aged_60")
    )
    assert answer.status_code == 302
    assert Booking.objects.get().slot.lane_id == "walk_in"


def test_priority_can_be_chosen_where_walk_ins_are_off(lanes: World) -> None:
    AdmissionRule.objects.update(admits_walk_ins=False)
    client = signed_in(lanes.gate)
    gate = page_text(client.get("/admin/gate/"))
    assert f'href="{URL}"' in gate
    page = page_text(client.get(URL))
    assert "tidak melayani yang datang langsung" in page
    client.post(URL, typed(lane="priority", reason="pregnant"))
    assert Booking.objects.get().slot.lane_id == "priority"


def test_a_lane_that_is_off_cannot_be_sent(lanes: World) -> None:
    AdmissionRule.objects.update(admits_walk_ins=False)
    page = page_text(signed_in(lanes.gate).post(URL, typed()))
    assert "hanya melayani pemohon dengan jadwal daring" in page
    assert not Booking.objects.exists()


def test_an_official_guest_needs_the_supervisors_session(lanes: World) -> None:
    values = typed(lane="priority", reason="official_guest", note="Delegasi")
    page = page_text(signed_in(lanes.gate).post(URL, values))
    assert "Tamu dinas hanya diterima oleh supervisor" in page
    assert not Booking.objects.exists()
    signed_in(lanes.supervisor).post(URL, values)
    assert DeskAdmission.objects.get().note == "Delegasi"


def test_the_supervisor_adds_a_place_from_the_form(lanes: World) -> None:
    for number in range(2):
        nik = f"31740954068801{number:02d}"
        signed_in(lanes.gate).post(URL, typed(nik=nik, lane="priority", reason="pregnant"))
    values = typed(nik="3174095406880299", lane="priority", reason="pregnant")
    page = page_text(signed_in(lanes.gate).post(URL, values))
    assert "Panggil supervisor" in page
    assert 'name="extra_reason"' not in page
    page = page_text(signed_in(lanes.supervisor).post(URL, values))
    assert 'name="extra_reason"' in page
    signed_in(lanes.supervisor).post(URL, {**values, "extra_reason": "urgent_need"})
    assert Booking.objects.count() == 3


def test_the_protocol_comes_before_the_ticket(lanes: World) -> None:
    protocol_of(lanes)
    answer = signed_in(lanes.gate).post(URL, typed())
    booking = Booking.objects.get()
    assert answer["Location"] == reverse("counters:screening_person", args=[booking.pk])
    assert booking.status == "booked"


def test_foreigners_are_sent_to_an_office_that_serves_them(lanes: World) -> None:
    make_service_type("stay_permit", group="foreigners")
    make_office("jauh", service_types=("new", "stay_permit"))
    page = page_text(signed_in(lanes.gate).get(f"{URL}?kind=passport"))
    assert "Kantor ini tidak melayani warga asing. Yang melayani: Kantor Imigrasi Jauh." in page
    assert "<button" in page
    assert 'name="identity_number"' not in page


def test_a_double_click_gives_one_place(lanes: World) -> None:
    client = signed_in(lanes.gate)
    client.post(URL, typed())
    client.post(URL, typed())
    assert Booking.objects.count() == 1


# --- No place: recorded, and another hour at once --------------------------------------------------
@pytest.fixture
def gate_reasons(lanes: World) -> World:
    for code in ("walk_in_off", "walk_in_full", "walk_in_person"):
        make_reason(code, Reason.Use.GATE_REFUSAL)
    return lanes


def recorded() -> list[tuple[str, str]]:
    return list(GateRefusal.objects.values_list("kind", "reason__code"))


def test_who_gets_no_place_is_recorded_and_books_the_next_hour(gate_reasons: World) -> None:
    AdmissionRule.objects.update(admits_walk_ins=False)
    client = signed_in(gate_reasons.gate)
    answer = client.post(URL, typed())
    page = page_text(answer)
    assert answer.status_code == 409
    assert recorded() == [("walk_in", "walk_in_off")]
    assert "Pembukaan berikutnya" in page
    hours = reverse("counters:gate_hours")
    [slot, *_others] = answer.context["offers"]["hours"]
    assert f'name="slot" value="{slot.pk}" formaction="{hours}?kind=nik"' in page
    # The button sends what the form holds: nothing is typed again.
    form = answer.context["form"]
    values = {name: form[name].value() for name in ("nik", "full_name", "service_type", "sex")}
    values |= {box: form.data[box] for box in DATE_BOXES}
    done = client.post(f"{hours}?kind=nik", {**values, "slot": slot.pk}, follow=True)
    booking = Booking.objects.get()
    assert (booking.slot, booking.via) == (slot, Booking.Via.AT_OFFICE)
    assert booking.code in page_text(done)


def test_a_full_lane_is_recorded_unless_the_officer_may_add_a_place(gate_reasons: World) -> None:
    for number in range(2):
        nik = f"31740954068801{number:02d}"
        signed_in(gate_reasons.gate).post(URL, typed(nik=nik, lane="priority", reason="pregnant"))
    values = typed(nik="3174095406880299", lane="priority", reason="pregnant")
    assert signed_in(gate_reasons.supervisor).post(URL, values).context["offers"]["hours"]
    assert recorded() == []
    assert signed_in(gate_reasons.gate).post(URL, values).context["offers"]["hours"]
    assert recorded() == [("walk_in", "walk_in_full")]


def test_wrong_input_turns_nobody_away(gate_reasons: World) -> None:
    client = signed_in(gate_reasons.gate)
    client.post(URL, typed(nik="12"))
    client.post(URL, typed(lane="priority", reason="official_guest", note="Delegasi"))
    assert recorded() == []
