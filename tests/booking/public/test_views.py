"""The public pages: openings, the calendar, the slots of a day. Nobody signs in here."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from booking.applications.models import PassportApplication
from offices.directory.models import Device, Fee
from offices.hours.models import Holiday
from quotas.places.models import Slot
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    SINCE,
    fill_slot,
    make_office,
    make_open_office,
    make_person,
    make_policy,
    make_service_type,
    make_weekly_release,
)
from tests.clients import page_text
from tests.counters.world import make_world

NO_PLACE = (
    "Saat ini tidak ada tempat yang dapat dipesan; tempat yang dibatalkan masuk ke daftar tunggu"
)
pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 26)  # the Thursday of the week of NOW


@pytest.fixture(autouse=True)
def _at_now(set_clock: Any) -> None:
    set_clock(NOW)


def make_weekly_office(code: Any = "palembang") -> Any:
    office = make_office(code)
    make_policy(office, places=75)
    make_weekly_release(office)
    prepare_windows(office_id=office.pk, now=NOW)
    return office


def day_url(office: Any, day: Any = DAY, **query: Any) -> Any:
    return reverse("booking:day", args=[office.code, day]), query


def test_home_shows_what_is_open_and_what_opens_next(client: Any) -> None:
    make_open_office("balikpapan", time_zone="Asia/Makassar")
    make_weekly_office()
    page = page_text(client.get("/"))
    assert "Sedang dibuka" in page
    assert "tempat tersisa" in page
    assert "14.00" in page
    assert "375 tempat akan dibuka" in page
    assert page.index("Kantor Imigrasi Balikpapan") < page.index("Kantor Imigrasi Palembang")


def test_home_links_to_the_first_day_with_a_place(client: Any) -> None:
    office = make_open_office()
    page = page_text(client.get("/"))
    assert reverse("booking:day", args=[office.code, DAY - timedelta(days=2)]) in page


def test_home_without_offices_shows_a_message(client: Any) -> None:
    assert "Belum ada kantor yang terdaftar" in page_text(client.get("/"))


def test_home_shows_a_signed_in_user_their_next_step(client: Any) -> None:
    person = make_person()
    client.force_login(person.account)
    assert "Siapkan permohonan" in page_text(client.get("/"))


def test_home_does_not_remind_of_an_application_whose_visit_is_served(
    client: Any, set_clock: Any
) -> None:
    world = make_world(places=120)
    book = world.book_of_someone()
    account = book.visit.booking.account
    set_clock(world.at(15))
    client.force_login(account)
    page = page_text(client.get("/"))
    assert "belum lengkap" not in page
    assert "Kunjungan Anda sudah selesai" in page
    person = make_person(account, full_name="Budi Santoso")
    PassportApplication.objects.create(
        applicant=person,
        service_type=book.visit.booking.service_type,
        reason="first",
        purpose="holiday",
        product="electronic_10",
        created_at=world.at(14),
        changed_at=world.at(14),
    )
    assert "Permohonan Budi S. belum lengkap" in page_text(client.get("/"))


def test_public_pages_are_available_in_english(client: Any) -> None:
    make_weekly_office()
    client.cookies["django_language"] = "en"
    answer = client.get("/")
    assert '<html lang="en"' in answer.content.decode()
    assert "Cookie" in answer["Vary"]
    assert "Accept-Language" in answer["Vary"]


def test_public_pages_are_cacheable_for_a_second_unless_signed_in(client: Any) -> None:
    office = make_open_office()
    addresses = ["/", "/offices/", f"/offices/{office.code}/", day_url(office)[0]]
    assert all("public" in client.get(address)["Cache-Control"] for address in addresses)
    client.force_login(make_person().account)
    assert all("private" in client.get(address)["Cache-Control"] for address in addresses)


def test_every_office_is_listed_with_its_release_rhythm(client: Any) -> None:
    make_weekly_office()
    page = page_text(client.get(reverse("booking:offices")))
    assert "Setiap Jumat pukul 14.00 WIB untuk Senin–Jumat berikutnya." in page


def test_an_unknown_office_returns_404(client: Any) -> None:
    assert client.get("/offices/entah/").status_code == 404


def test_the_calendar_shows_each_weeks_release(client: Any) -> None:
    office = make_weekly_office()
    page = page_text(client.get(reverse("booking:office", args=[office.code])))
    assert "Dibuka Jumat 27 Nov pukul 14.00 WIB, 375 tempat" in page


def test_each_closed_calendar_day_has_a_reason(client: Any) -> None:
    office = make_open_office()
    Holiday.objects.create(day=DAY, name="Hari Uji", name_en="Test Day", kind="national")
    page = page_text(client.get(reverse("booking:office", args=[office.code])))
    assert '<span class="day__word">Libur</span> </p><p class="day__why">Hari Uji</p>' in page
    assert "Akhir pekan" in page
    assert 'data-state="open"' in page
    assert 'data-state="not_yet_open"' in page


def test_the_office_page_shows_its_rules_and_hours(client: Any) -> None:
    office = make_open_office()
    page = page_text(client.get(reverse("booking:office", args=[office.code])))
    assert "SK uji" in page
    assert "Senin–Jumat" in page
    assert "08.00–12.00, 13.00–15.00" in page
    assert "Datang langsung: dilayani" in page
    assert "Ruang utama" in page


@pytest.mark.parametrize(
    ("query", "remark"),
    [
        ({"from": "kemarin"}, "tidak kami kenali"),
        ({"from": "2031-01-01"}, "92 hari"),
        ({"service_type": "visa"}, "Layanan itu tidak ada di kantor ini"),
    ],
)
def test_a_wrong_query_is_reported_and_the_calendar_stays(
    client: Any, query: Any, remark: Any
) -> None:
    office = make_open_office()
    answer = client.get(reverse("booking:office", args=[office.code]), query)
    assert answer.status_code == 200
    assert remark in page_text(answer)
    assert 'data-state="open"' in page_text(answer)


def test_an_office_without_bookings_shows_reason_and_alternatives(client: Any) -> None:
    office = make_open_office()
    office.booking_stopped_reason = "gedung diperbaiki"
    office.save(update_fields=["booking_stopped_reason"])
    page = page_text(client.get(reverse("booking:office", args=[office.code])))
    assert "gedung diperbaiki" in page
    assert reverse("booking:offices") in page


def test_a_full_slot_stays_listed_with_its_reason(client: Any) -> None:
    office = make_open_office(places=6)
    full = Slot.objects.filter(office=office, lane="online", day=DAY).order_by("starts_at")[0]
    fill_slot(full)
    address, query = day_url(office)
    page = page_text(client.get(address, query))
    assert NO_PLACE in page
    assert f'value="{full.pk}"' not in page
    assert page.count('type="radio"') == 5


def test_a_chosen_slot_leads_to_choosing_people(client: Any) -> None:
    office = make_open_office()
    slot = Slot.objects.filter(office=office, lane="online", day=DAY).first()
    address, _query = day_url(office)
    answer = client.get(address, {"slot": slot.pk, "service_type": "new", "who": ["3", "x"]})
    assert answer.status_code == 302
    assert answer["Location"] == f"/book/{slot.pk}/?service_type=new&who=3"


@pytest.mark.parametrize(("slot", "status"), [("", 409), ("abc", 409), ("999999", 409)])
def test_an_invalid_slot_is_refused_on_the_page(client: Any, slot: Any, status: Any) -> None:
    address, _query = day_url(make_open_office())
    answer = client.get(address, {"slot": slot, "choose": "1"})
    assert answer.status_code == status
    assert "Kesalahan: " in page_text(answer)
    assert "Pilih salah satu jam di bawah" in page_text(answer)


def test_choosing_no_slot_is_an_error_at_the_slots(client: Any) -> None:
    address, _query = day_url(make_open_office())
    answer = client.get(address, {"choose": "1"})
    assert answer.status_code == 400
    assert "Pilih salah satu jam yang masih ada tempatnya." in page_text(answer)


def test_a_day_that_is_not_open_shows_its_opening(client: Any) -> None:
    office = make_weekly_office()
    address, query = day_url(office, date(2026, 12, 1))
    page = page_text(client.get(address, query))
    assert "Dibuka Jumat 27 Nov pukul 14.00 WIB" in page
    assert 'type="radio"' not in page


def test_a_full_day_offers_the_nearest_slots(client: Any) -> None:
    office = make_open_office(places=6)
    for slot in Slot.objects.filter(office=office, lane="online", day=DAY):
        fill_slot(slot)
    address, query = day_url(office)
    page = page_text(client.get(address, query))
    assert "Jam terdekat yang masih ada tempatnya:" in page
    assert page.count("/book/") == 3


@pytest.mark.parametrize("day", ["2026-13-40", "besok", "2026-02-30"])
def test_an_impossible_date_returns_404(client: Any, day: Any) -> None:
    office = make_open_office()
    assert client.get(f"/offices/{office.code}/{day}/").status_code == 404


def test_a_full_calendar_day_links_to_the_nearest_slots(client: Any) -> None:
    office = make_open_office(places=6)
    for slot in Slot.objects.filter(office=office, lane="online", day=DAY):
        fill_slot(slot)
    page = page_text(client.get(reverse("booking:office", args=[office.code])))
    assert 'data-state="full"' in page
    assert f'href="/offices/{office.code}/{DAY}/?service_type=new">Penuh' in page


def test_on_a_weekend_the_calendar_begins_with_next_week(client: Any, set_clock: Any) -> None:
    office = make_open_office()
    set_clock(NOW - timedelta(days=1))  # a Sunday
    page = page_text(client.get(reverse("booking:office", args=[office.code])))
    assert "16 – 22 November" not in page
    assert "23 – 29 November" in page
    assert "from=2026-11-16" in page


def test_documents_and_fees_come_from_the_rows_in_force(client: Any) -> None:
    make_service_type("new")
    Fee.objects.create(
        product="electronic_10", amount=950_000, valid_from=SINCE, instrument="PP uji"
    )
    page = page_text(client.get(reverse("pages:requirements")))
    assert "Rp 950.000" in page
    assert "PP uji" in page
    assert "KTP" in page


def test_an_office_shows_breaks_with_hours_and_its_service_standard(client: Any) -> None:
    office = make_open_office("palembang")
    Device.objects.create(office=office, kind=Device.Kind.CAMERA, name="Kamera rahasia")
    page = page_text(client.get(reverse("booking:office", args=[office.code])))
    assert "12.00–13.00" in page
    assert "Kamera" not in page
    assert "belum ada bulan dengan cukup jawaban survei" in page
    address = reverse("booking:office_standard", args=[office.code])
    assert address in page
    standard = page_text(client.get(address))
    for text in ("Maklumat pelayanan", "KTP", "paling lama dua jam", "dijawab dalam 14 hari"):
        assert text in standard


def test_a_page_that_does_not_exist_leads_on(client: Any) -> None:
    for address in ("/tidak-ada/", reverse("booking:office", args=["tidak-ada"])):
        answer = client.get(address)
        page = page_text(answer)
        assert answer.status_code == 404
        for name in ("booking:bookings", "booking:offices", "booking:finder", "pages:help"):
            assert f'href="{reverse(name)}"' in page


def test_a_past_day_is_labelled(client: Any) -> None:
    address, query = day_url(make_open_office(), date(2026, 11, 2))
    assert "Sudah lewat" in page_text(client.get(address, query))


def test_times_are_shown_in_the_offices_time_zone(client: Any) -> None:
    office = make_open_office("balikpapan", time_zone="Asia/Makassar")
    address, query = day_url(office)
    page = page_text(client.get(address, query))
    assert "(WITA)" in page
    assert "08.00 – 09.00" in page
