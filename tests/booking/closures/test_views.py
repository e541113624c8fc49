"""The supervisor's closure screens, and the page behind the link in a message."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from booking.bookings.models import Booking, Displacement
from booking.closures.moves import move_everyone
from booking.statuses import Status
from notices.models import Message
from offices.directory.models import Office
from offices.staff.models import Role
from quotas.places.models import Place
from tests.booking.closures.test_services import TUESDAY, book_family, close, make_week, slots_of
from tests.builders import NOW, make_booking, make_office, make_officer, make_user
from tests.clients import page_text
from tests.outbox import link_of, open_link

TYPED = {"first_day": "2026-12-01", "last_day": "2026-12-01", "reason": "Pemeliharaan jaringan"}
NEW = "/admin/closures/new/"


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def office(db: None, set_clock: Callable[[datetime], None]) -> Office:
    office = make_week()
    set_clock(NOW)
    return office


def moved(office: Office, size: int = 1) -> tuple[Displacement, list[Booking]]:
    family = book_family(slots_of(office)[0], size)
    closure = close(office)
    move_everyone(closure_id=closure.pk, now=NOW)
    return Displacement.objects.get(), family


def link(move: Displacement) -> str:
    """The address that the link in the message leads to."""
    return reverse("booking:move", args=[move.pk])


def opened(move: Displacement) -> Client:
    """A browser that has opened the link in the message."""
    client = Client()
    message = Message.objects.get(kind__in=("booking_moved", "booking_displaced"))
    assert open_link(client, link_of(message)) == link(move)
    return client


# --- Supervisor ------------------------------------------------------------------------------------
def test_the_preview_lists_everyone_and_changes_nothing(office: Office) -> None:
    booking = make_booking(slots_of(office)[0])
    supervisor = sign_in(make_officer(office, Role.SUPERVISOR))
    answer = supervisor.post(NEW, {**TYPED, "look": ""})
    assert booking.code in page_text(answer)
    assert not office.closures.exists()
    assert not Place.objects.filter(withdrawn_at__isnull=False).exists()


def test_applying_redirects_to_the_closures_progress(office: Office) -> None:
    booking = make_booking(slots_of(office)[0])
    supervisor = sign_in(make_officer(office, Role.SUPERVISOR))
    answer = supervisor.post(NEW, {**TYPED, "apply": ""}, follow=True)
    assert "1 orang masih menunggu pemindahan" in page_text(answer)
    closure = office.closures.get()
    move_everyone(closure_id=closure.pk, now=NOW)
    done = page_text(supervisor.get(f"/admin/closures/{closure.pk}/"))
    assert booking.code in done
    assert "Pemeliharaan jaringan" in page_text(supervisor.get("/admin/closures/"))


def test_an_error_is_shown_at_its_field(office: Office) -> None:
    supervisor = sign_in(make_officer(office, Role.SUPERVISOR))
    answer = supervisor.post(NEW, {**TYPED, "last_day": "2026-11-30", "look": ""})
    assert answer.status_code == 400
    assert "Hari terakhir harus sama dengan atau sesudah" in page_text(answer)
    answer = supervisor.post(NEW, {**TYPED, "first_day": "31-02-2026", "look": ""})
    assert "Isi tanggal, misalnya" in page_text(answer)


def test_reopening_from_the_screen_lifts_the_closure(office: Office) -> None:
    supervisor = make_officer(office, Role.SUPERVISOR)
    closure = close(office, by=supervisor)
    client = sign_in(supervisor)
    refused = client.post(f"/admin/closures/{closure.pk}/", {"on": "2026-11-20"})
    assert refused.status_code == 400
    client.post(f"/admin/closures/{closure.pk}/", {"on": "2026-12-01"})
    closure.refresh_from_db()
    assert closure.lifted_at is not None


@pytest.mark.parametrize("role", [Role.GATE, Role.COUNTER, Role.PICKUP])
def test_other_officers_cannot_open_closures(office: Office, role: Role) -> None:
    closure = close(office)
    client = sign_in(make_officer(office, role))
    for path in ("/admin/closures/", NEW, f"/admin/closures/{closure.pk}/"):
        assert client.get(path).status_code == 403
    assert sign_in(make_user()).get("/admin/closures/").status_code == 403
    assert Client().get("/admin/closures/").status_code == 302


def test_another_offices_closure_returns_404(office: Office) -> None:
    move, _family = moved(office)
    closure = move.closure
    other = sign_in(make_officer(make_office(), Role.SUPERVISOR))
    assert other.get(f"/admin/closures/{closure.pk}/").status_code == 404
    assert other.post(f"/admin/closures/{closure.pk}/", {"on": "2026-12-01"}).status_code == 404
    address = f"/admin/closures/{closure.pk}/told/{move.pk}/"
    assert other.post(address).status_code == 404
    assert other.post(f"{NEW}?office={office.code}", {**TYPED, "apply": ""}).status_code == 404
    closure.refresh_from_db()
    assert closure.lifted_at is None


def test_regional_staff_can_read_but_not_close(office: Office) -> None:
    closure = close(office)
    region = sign_in(make_officer(None, Role.REGIONAL, region=office.region))
    assert region.get(f"/admin/closures/{closure.pk}/").status_code == 200
    assert region.post(f"/admin/closures/{closure.pk}/", {"on": "2026-12-01"}).status_code == 403
    answer = region.post(f"{NEW}?office={office.code}", {**TYPED, "apply": ""})
    assert answer.status_code == 403


# --- Applicant -------------------------------------------------------------------------------------
def test_the_link_needs_no_sign_in_and_contains_no_name(office: Office) -> None:
    move, [booking] = moved(office)
    page = page_text(opened(move).get(link(move)))
    assert booking.code in page
    assert booking.applicant.full_name not in page
    assert "Terima jadwal ini" in page


def test_opening_the_link_changes_nothing(office: Office) -> None:
    move, _family = moved(office)
    for _look in range(2):
        opened(move).get(link(move))
    assert not move.members.filter(answered_at__isnull=False).exists()


def test_one_tap_accepts_the_new_slot(office: Office) -> None:
    move, _family = moved(office, 2)
    answer = opened(move).post(link(move), {"accept": "1"}, follow=True)
    assert "Sudah Anda jawab" in page_text(answer)
    assert move.members.filter(answer="accepted").count() == 2


def test_the_link_offers_another_slot(office: Office) -> None:
    move, family = moved(office, 2)
    day = date(2026, 12, 4)
    slot = slots_of(office, day)[0]
    assert f'value="{slot.pk}"' in page_text(opened(move).get(f"{link(move)}?day={day}"))
    opened(move).post(link(move), {"slot": slot.pk, "day": day, "office": office.code})
    rows = Booking.objects.filter(pk__in=[one.pk for one in family])
    assert {row.slot_id for row in rows} == {slot.pk}


def test_choosing_the_current_slot_is_refused_with_a_message(office: Office) -> None:
    move, [booking] = moved(office)
    booking.refresh_from_db()
    answer = opened(move).post(link(move), {"slot": booking.slot_id, "day": "2026-12-02"})
    assert answer.status_code == 409
    assert "Itu jadwal Anda sekarang" in page_text(answer)


@pytest.mark.parametrize("token", ["x", "MQ:abc:def"])
def test_an_invalid_link_returns_404(office: Office, token: str) -> None:
    assert Client().get(f"/moves/{token}/").status_code == 404


def test_the_ticket_explains_the_closure_and_links_to_the_answer(office: Office) -> None:
    move, [booking] = moved(office)
    assert booking.account is not None
    client = sign_in(booking.account)
    page = page_text(client.get(f"/bookings/{booking.code}/"))
    assert link(move) in page
    assert "Kantor memindahkan jadwal Anda" in page
    assert "Dipindahkan oleh kantor" in page_text(client.get("/bookings/"))


def test_people_without_a_new_slot_see_the_old_is_void(office: Office) -> None:
    booking = make_booking(slots_of(office)[0])
    Place.objects.filter(slot__office=office, slot__day__gt=TUESDAY).update(withdrawn_at=NOW)
    closure = close(office)
    move_everyone(closure_id=closure.pk, now=NOW)
    booking.refresh_from_db()
    assert booking.status == Status.DISPLACED
    assert booking.account is not None
    page = page_text(sign_in(booking.account).get(f"/bookings/{booking.code}/"))
    assert "Kantor tutup pada jam ini" in page
    waits = page_text(opened(Displacement.objects.get()).get(link(Displacement.objects.get())))
    assert "Belum ada tempat pengganti" in waits
    assert "Terima jadwal ini" not in waits
