"""The five states of a day, each with its reason, and the slots of a day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import translation

from offices.directory.models import Office, ServiceGroup
from offices.hours.models import Holiday
from quotas.calendar.selectors import CalendarDay, calendar, day_slots, nearest_open_slots
from quotas.places.models import Place, ReleaseWindow, Slot
from quotas.windows.selectors import windows
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    make_daily_release,
    make_office,
    make_open_office,
    make_policy,
    make_weekly_release,
    next_opening,
)

NO_PLACE = (
    "Saat ini tidak ada tempat yang dapat dipesan; tempat yang dibatalkan masuk ke daftar tunggu"
)
pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
FRIDAY_14 = NOW.replace(hour=7) + timedelta(days=4)
MONDAY = date(2026, 11, 30)


def days_of(office: Office, first: date, n: int = 1, **options: Any) -> list[CalendarDay]:
    options.setdefault("now", NOW)
    group = options.pop("group", None) or ServiceGroup.objects.get(code="citizens")
    return calendar(office, first=first, last=first + timedelta(days=n - 1), group=group, **options)


def make_weekly_office(zone: str = "Asia/Jakarta", now: datetime = NOW) -> Office:
    office = make_office(time_zone=zone)
    make_policy(office, places=75)
    make_weekly_release(office)
    prepare_windows(office_id=office.pk, now=now)
    return office


def test_every_day_of_the_span_has_a_status_and_a_reason() -> None:
    days = days_of(make_weekly_office(), TODAY - timedelta(days=3), 92)
    assert [day.date for day in days] == [TODAY + timedelta(days=n) for n in range(-3, 89)]
    assert all(day.status and day.reason for day in days)


def test_a_day_is_past_by_the_offices_calendar() -> None:
    """17.30 UTC is still Monday in Jakarta's morning after, and already Tuesday in Jayapura."""
    moment = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    west, east = make_weekly_office(), make_weekly_office("Asia/Jayapura")
    assert days_of(west, TODAY, now=moment)[0].status == "closed"
    assert days_of(east, TODAY, now=moment)[0].status == "past"


def test_a_future_day_shows_its_opening_in_office_time() -> None:
    for zone, name in (
        ("Asia/Jakarta", "WIB"),
        ("Asia/Makassar", "WITA"),
        ("Asia/Jayapura", "WIT"),
    ):
        [day] = days_of(make_weekly_office(zone), MONDAY)
        assert (day.status, day.places, day.left) == ("not_yet_open", 75, 75)
        assert day.reason == f"Dibuka Jumat 27 Nov pukul 14.00 {name}"
        assert day.window_id is not None


def test_an_unprepared_day_is_computed_from_the_rules() -> None:
    [day] = days_of(make_weekly_office(), date(2027, 2, 1))
    assert (day.status, day.places, day.window_id) == ("not_yet_open", 75, None)
    assert day.reason == "Dibuka Jumat 29 Jan pukul 14.00 WIB"


def test_an_open_day_shows_remaining_places_and_closing_time() -> None:
    [day] = days_of(make_weekly_office(), MONDAY, now=FRIDAY_14)
    assert (day.status, day.left) == ("open", 75)
    assert day.reason == "Sisa 75 tempat, sampai Minggu 29 Nov pukul 16.00 WIB"


def test_a_closed_window_is_shown_despite_free_places() -> None:
    [day] = days_of(make_weekly_office(), MONDAY, now=FRIDAY_14 + timedelta(days=2, hours=2))
    assert (day.status, day.left) == ("closed", 0)
    assert day.reason == "Pemesanan ditutup Minggu 29 Nov pukul 16.00 WIB"


def test_a_full_day_shows_its_number_of_places() -> None:
    office = make_weekly_office()
    for place in Place.objects.filter(slot__day=MONDAY):
        Place.objects.filter(pk=place.pk).update(holder=uuid4())
    [day] = days_of(office, MONDAY, now=FRIDAY_14)
    assert (day.status, day.left, day.reason) == ("full", 0, NO_PLACE)


def test_a_place_in_cooldown_is_never_counted() -> None:
    office = make_weekly_office()
    slots = list(Slot.objects.filter(office=office, day=MONDAY))
    Place.objects.filter(slot__in=slots).update(cooldown_until=FRIDAY_14 + timedelta(hours=1))
    [day] = days_of(office, MONDAY, now=FRIDAY_14)
    assert (day.status, day.left) == ("full", 0)
    assert days_of(office, MONDAY, now=FRIDAY_14 + timedelta(hours=1))[0].left == 75


def test_a_holiday_shows_its_name_in_the_readers_language() -> None:
    office = make_weekly_office()
    Holiday.objects.create(
        day=MONDAY, name="Hari Raya Natal", name_en="Christmas Day", kind="national"
    )
    assert days_of(office, MONDAY)[0].reason == "Libur: Hari Raya Natal"
    with translation.override("en"):
        assert "Christmas Day" in days_of(office, MONDAY)[0].reason
    assert day_slots(office, day=MONDAY, group=ServiceGroup.objects.get(), now=FRIDAY_14) == []


def test_weekends_and_services_without_quota_show_the_reason() -> None:
    office = make_weekly_office()
    saturday = date(2026, 11, 28)
    assert days_of(office, saturday)[0].reason == "Akhir pekan"
    foreigners = ServiceGroup.objects.create(code="foreigners", name="WNA", name_en="Foreigners")
    [day] = days_of(office, MONDAY, group=foreigners)
    assert day.status == "closed"
    assert day.reason == "Tidak ada tempat untuk layanan ini pada hari ini"


def test_a_day_without_a_release_rule_is_unannounced() -> None:
    office = make_office()
    make_policy(office)
    assert days_of(office, MONDAY)[0].reason == "Jadwal hari ini belum diumumkan"


def test_an_office_without_bookings_closes_every_day() -> None:
    office = make_open_office()
    office.booking_stopped_reason = "listrik padam"
    days = days_of(office, TODAY, 7)
    assert {day.status for day in days} == {"closed"}
    assert "listrik padam" in days[1].reason
    group = ServiceGroup.objects.get(code="citizens")
    assert nearest_open_slots(office, group=group, after=NOW, now=NOW) == []


def test_slots_follow_the_hours_and_the_lane() -> None:
    office = make_open_office(places=75)
    group = ServiceGroup.objects.get(code="citizens")
    slots = day_slots(office, day=date(2026, 11, 25), group=group, now=NOW)
    hours = [slot.starts_at.astimezone(office.zone).hour for slot in slots]
    assert hours == [8, 9, 10, 11, 13, 14]
    assert [slot.left for slot in slots] == [13, 13, 13, 12, 12, 12]
    assert {(slot.lane, slot.status) for slot in slots} == {("online", "open")}


def test_a_full_slot_has_the_nearest_open_ones_as_alternatives() -> None:
    office = make_open_office(places=6)
    group = ServiceGroup.objects.get(code="citizens")
    day = date(2026, 11, 25)
    full = day_slots(office, day=day, group=group, now=NOW)[2]
    Place.objects.filter(slot_id=full.id).update(holder=uuid4())
    nearest = nearest_open_slots(office, group=group, after=full.starts_at, now=NOW)
    hours = [slot.starts_at.astimezone(office.zone).hour for slot in nearest]
    assert len(nearest) == 3
    assert {9, 11} <= set(hours)
    assert {slot.day for slot in nearest} == {day}


def test_open_and_future_windows_are_listed() -> None:
    office = make_weekly_office()
    rows = windows(office, now=NOW)
    assert [row.first_day.day for row in rows] == [30, 7, 14, 21]
    assert rows[0].places == rows[0].left == 375
    assert next_opening(office, now=NOW) == rows[0]
    assert windows(office, now=FRIDAY_14)[0].is_open(FRIDAY_14)


def test_a_window_without_places_is_hidden() -> None:
    office = make_weekly_office()
    window = ReleaseWindow.objects.get(office=office, first_day=MONDAY)
    Place.objects.filter(window=window).update(withdrawn_at=NOW)
    assert window.pk not in {row.id for row in windows(office, now=NOW)}
    assert days_of(office, MONDAY, now=FRIDAY_14)[0].status == "closed"


def test_the_offices_rule_overrides_its_regions() -> None:
    office = make_office()
    make_policy(None, places=30, region=office.region)
    make_daily_release(None, days_ahead=14)
    assert days_of(office, MONDAY)[0].places in (30, 0)
    prepare_windows(office_id=office.pk, now=NOW)
    assert days_of(office, MONDAY)[0].places == 30
    make_policy(office, places=12)
    assert prepare_windows(office_id=office.pk, now=NOW).withdrawn > 0
    assert days_of(office, MONDAY + timedelta(days=14))[0].places == 12
