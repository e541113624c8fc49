"""Choosing an office: search, distance, the first hour for a party, and ways for people without a place."""

import math
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.urls import reverse

from offices.directory.distances import kilometres
from offices.directory.models import Office
from quotas.places.models import Slot
from quotas.places.services import take_places
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    fill_slot,
    make_daily_release,
    make_group,
    make_office,
    make_open_office,
    make_person,
    make_policy,
    make_service_type,
    make_weekly_release,
)
from tests.clients import page_text

pytestmark = pytest.mark.django_db
POINTS = {"palembang": (-3.019, 104.79), "jaksel": (-6.2735, 106.829), "bpn": (-1.2722, 116.8467)}


@pytest.fixture(autouse=True)
def _at_now(set_clock: Any) -> None:
    set_clock(NOW)


def place(office: Office, code: str) -> Office:
    office.latitude, office.longitude = POINTS[code]
    office.save(update_fields=["latitude", "longitude"])
    return office


def hours_of(office: Office, **which: Any) -> list[Slot]:
    """The office's coming online hours, in order."""
    coming = Slot.objects.filter(office=office, lane="online", starts_at__gt=NOW, **which)
    today = office.local_day(NOW)
    return list(coming.exclude(day=today).order_by("starts_at"))


def match_in(page: str, pattern: str) -> re.Match[str]:
    match = re.search(pattern, page)
    assert match is not None
    return match


def offices_in(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/offices/(\w+)/"', page)


def test_a_distance_follows_the_surface_of_the_earth() -> None:
    one, other = (Office(latitude=lat, longitude=long) for lat, long in list(POINTS.values())[:2])
    assert kilometres(one, other) == pytest.approx(427, abs=2)
    assert kilometres(one, Office()) == math.inf


def test_half_a_pair_of_coordinates_is_refused() -> None:
    office = make_office("palembang")
    office.latitude = 1.0
    with pytest.raises(IntegrityError, match="office_coordinates_together"):
        office.save(update_fields=["latitude"])


def test_offices_are_searched_by_place_and_listed_by_distance(client: Any) -> None:
    for code in POINTS:
        place(make_office(code), code)
    address = reverse("booking:offices")
    assert offices_in(page_text(client.get(address, {"q": "PALEM"}))) == ["palembang"]
    page = page_text(client.get(address, {"near": "jaksel"}))
    assert offices_in(page) == ["jaksel", "palembang", "bpn"]
    assert "427 km" in page
    assert "Tidak ada kantor yang cocok" in page_text(client.get(address, {"q": "xyz"}))
    refused = client.get(address, {"people": "9"})
    assert (refused.status_code, "1 sampai 5 orang" in page_text(refused)) == (400, True)


def test_the_earliest_hour_has_room_for_the_whole_party(client: Any) -> None:
    office = make_open_office("palembang", places=12)
    first, second = hours_of(office)[:2]
    take_places(slot_id=first.pk, holders=[uuid4()], now=NOW)  # one of its two
    earliest = {}
    for people in ("1", "2"):
        page = page_text(client.get(reverse("booking:offices"), {"people": people}))
        earliest[people] = match_in(page, r'href="(/offices/palembang/[^"]+)">([^<]+)</a>')
    assert "08.00" in earliest["1"][2]
    hour = f"{second.starts_at.astimezone(office.zone):%H.%M}"
    assert hour in earliest["2"][2]
    assert "people=2" in earliest["2"][1]


def test_people_without_a_place_are_offered_other_ways(client: Any) -> None:
    here = place(make_open_office("palembang", places=6), "palembang")
    near = place(make_open_office("jaksel"), "jaksel")
    place(make_open_office("bpn"), "bpn")
    day = here.local_day(NOW) + timedelta(days=1)
    for slot in hours_of(here, day=day):
        fill_slot(slot)
    page = page_text(client.get(reverse("booking:day", args=[here.code, day])))
    assert page.index("Kantor Imigrasi Jaksel") < page.index("Kantor Imigrasi Bpn")
    assert f'href="/offices/{near.code}/{day}/?service_type=new"' in page
    join = reverse("booking:waiting_join", args=[here.code])
    for address in (join, "/offices/?service_type=new", "/syarat/#prioritas"):
        assert f'href="{address}' in page

    person = make_person()
    client.force_login(person.account)
    slot = hours_of(here, day=day)[0]
    form = {"applicants": [person.pk], "service_type": "new", "key": "k" * 32}
    refused = client.post(reverse("booking:book", args=[slot.pk]), form)
    assert refused.status_code == 409
    assert "Kantor Imigrasi Jaksel" in page_text(refused)


def test_counts_are_those_of_the_readers_own_group(client: Any) -> None:
    permit = make_service_type("stay_permit", group="foreigners")
    office = make_office("jaksel", service_types=("new",))
    office.service_types.add(permit)
    until = office.local_day(NOW) + timedelta(days=21)
    make_policy(office, places=30, valid_until=until)
    make_policy(office, places=6, group="foreigners", valid_until=until)
    make_daily_release(office)
    prepare_windows(office_id=office.pk, now=NOW)
    address = reverse("booking:office", args=[office.code])
    counts = {
        code: match_in(
            page_text(client.get(address, {"service_type": code})), r"Tersisa (\d+) dari"
        )
        for code in ("new", "stay_permit")
    }
    citizens, foreigners = (int(counts[code][1]) for code in counts)
    assert (citizens / 30, foreigners / 6) == (citizens // 30, citizens // 30)


def test_a_reader_who_cannot_be_served_here_learns_where(client: Any) -> None:
    permit = make_service_type("stay_permit", group="foreigners")
    make_group("citizens")
    here = place(make_open_office("palembang"), "palembang")
    there = place(make_office("jaksel"), "jaksel")
    there.service_types.add(permit)
    address = reverse("booking:office", args=[here.code])
    link = 'href="/offices/jaksel/?service_type=stay_permit"'
    assert link in page_text(client.get(address))
    refused = page_text(client.get(address, {"service_type": "stay_permit"}))
    assert "tidak dilayani di kantor ini" in refused
    assert link in refused

    foreigner = make_person(identity_kind="passport", identity_number="N1234567", nationality="MY")
    client.force_login(foreigner.account)
    slot = hours_of(here)[0]
    page = page_text(client.get(reverse("booking:book", args=[slot.pk])))
    assert 'href="/offices/?service_type=stay_permit&amp;near=palembang"' in page


def test_an_hour_not_open_yet_counts_down_and_opens_by_itself(client: Any, set_clock: Any) -> None:
    office = make_office("palembang")
    make_policy(office, places=6)
    make_weekly_release(office)
    prepare_windows(office_id=office.pk, now=NOW)
    day = office.local_day(NOW) + timedelta(days=7 + 3)
    address = reverse("booking:day", args=[office.code, day])
    page = page_text(client.get(address))
    opens_at = match_in(page, r'data-opens-at="([^"]+)"')[1]
    assert 'class="slot slot--off" data-state="not_yet_open"' in page
    set_clock(datetime.fromisoformat(opens_at))
    page = page_text(client.get(address))
    assert 'name="slot"' in page
    assert "data-opens-at" not in page
    assert "checked" not in page


def test_an_office_page_links_to_map_and_telephone(client: Any) -> None:
    office = place(make_office("palembang"), "palembang")
    office.phone = "+62 711 710055"
    office.save(update_fields=["phone"])
    page = page_text(client.get(reverse("booking:office", args=[office.code])))
    assert 'href="geo:-3.019,104.79?q=-3.019,104.79(Kantor%20Imigrasi%20Palembang)"' in page
    assert 'href="tel:+62711710055"' in page


def test_sign_in_names_the_hour_and_says_that_it_is_not_held(client: Any) -> None:
    office = make_open_office("palembang")
    slot = hours_of(office)[0]
    answer = client.get(reverse("booking:book", args=[slot.pk]), follow=True)
    page = page_text(answer)
    assert "08.00–09.00 WIB di Kantor Imigrasi Palembang" in page
    assert "belum ditahan" in page
    assert "belum ditahan" not in page_text(client.get("/akun/login/", {"next": "/book/999999/"}))
