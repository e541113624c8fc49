"""Every page uses the reader's language only."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import Resolver404, resolve

from accounts.models import User
from booking.reminders.models import ReminderWording
from counters.queue import services as queue_services
from counters.service import services as service_services
from counters.stations import services as stations_services
from counters.visits.models import Visit
from counters.walk_in.services import admit_at_desk
from devtools.catalogues import read_catalogue
from offices.day_rules.models import DayRule, HallLimit
from offices.directory.models import Counter as Desk
from offices.directory.models import Device, Hall, Lane, Office, Region, ServiceGroup, ServiceType
from offices.hours.models import Holiday, OpeningHours
from offices.limits.models import BookingLimit, NoShowRule, Protocol
from offices.reasons.models import Reason
from quotas.places.models import Slot
from quotas.policies.models import QuotaPolicy
from tests.builders import make_booking, make_person, make_user, person_data
from tests.i18n import texts
from tests.i18n.pages import texts_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)  # a Tuesday, 09.30 in Balikpapan
LINK = re.compile(r'(?:href|action)="([^"#]+)')
# The same word in both languages, or an abbreviation that looks like one: "Min" is Sunday and "min" a minute.
OFFICERS = ("gate", "counter", "pickup", "supervisor")
BOTH = frozenset({"min", "balikpapan", "jakarta"})
# Texts in code about rows of the admin; these rows are added and removed by scenario files.
# The API manual is in English, like its names.
# A message in the outbox has its recipient's language.
LEFT_OUT = re.compile(
    r"^/api/|^/admin/notices/message/\d|/(delete|history|add|autocomplete|jsi18n|password)/$"
)
# Data lists show both languages of a name side by side.
WITH_DATA_OF_BOTH = "/admin/"
# Key names and icon names in Django's own lists, equal in every language.
NOT_OURS = frozenset({"true", "false", "command", "control"})


@cache
def words_of_one_language() -> dict[str, frozenset[str]]:
    """Return the words that occur only in this language's texts."""
    heard: dict[str, set[str]] = {"id": set(), "en": set()}
    for message in read_catalogue("en"):
        if message.id:
            for language, text in (("id", message.id), ("en", message.string)):
                heard[language] |= texts.words(re.sub(r"%\(\w+\)", " ", str(text)))
    return {
        "id": frozenset(
            word for word in heard["id"] - heard["en"] - BOTH - NOT_OURS if len(word) > 2
        ),
        "en": frozenset(
            word for word in heard["en"] - heard["id"] - BOTH - NOT_OURS if len(word) > 2
        ),
    }


@pytest.fixture
def office(set_clock: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Balikpapan on a Tuesday morning: people booked, waiting and being served."""
    # Not the sign-ins of a demo that was started in this checkout: the demo's page lists their offices.
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    for name in ("balikpapan", "jakarta-selatan"):
        call_command("load_scenario", f"scenarios/{name}.yaml", verbosity=0)
    set_clock(NOW)
    call_command("release_windows", verbosity=0)
    office = Office.objects.get(code="balikpapan")
    gate, officer = staff(office, "gate"), staff(office, "counter")
    for _turn in range(3):
        admit_at_desk(
            office_id=office.pk,
            applicant=person_data(),
            service_type_id=ServiceType.objects.get(code="new").pk,
            by=gate,
            now=NOW,
        )
    desk = Desk.objects.filter(hall__office=office).order_by("number")[0]
    session = stations_services.take_counter(counter_id=desk.pk, by=officer, now=NOW)
    visit = queue_services.call_next(session_id=session.pk, by=officer, now=NOW)
    assert isinstance(visit, Visit)
    service_services.start_service(visit_id=visit.pk, session_id=session.pk, by=officer, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE (SKIP_LOCKED)")
    return office


@pytest.fixture
def applicant(office: Office) -> User:
    account = make_user("siti@contoh.id")
    person = make_person(account, now=NOW)
    slots = Slot.objects.filter(
        office=office, lane="online", starts_at__gte=NOW + timedelta(days=2)
    )
    make_booking(slots.order_by("starts_at")[0], person=person, now=NOW)
    make_person(account, now=NOW, full_name="Budi Santoso", sex="male")
    return account


def staff(office: Office | None, role: str) -> User:
    return User.objects.filter(staff_roles__role=role, staff_roles__office=office).order_by("pk")[0]


def names_in_data() -> list[str]:
    """Return the names of people and places, which are equal in every language."""
    people = User.objects.values_list("full_name", flat=True)
    places = Office.objects.values_list("address", flat=True)
    regions = Region.objects.values_list("name", flat=True)
    return ["Siti Rahmawati", "Budi Santoso", "Kantor Imigrasi", *people, *places, *regions]


def texts_in_data() -> list[str]:
    """Return texts of rows in one language only, for pages that list the rows."""
    wordings = ReminderWording.objects.values_list("text", "text_en")
    both = [value for row in wordings for value in row]
    both += [
        value
        for model in (Reason, Holiday, Hall, Lane, Protocol, ServiceGroup, ServiceType)
        for row in model.objects.values_list("name", "name_en")
        for value in row
    ]
    with_code = (Reason, Hall, Lane, ServiceGroup, ServiceType)
    codes = [row.code for model in with_code for row in model.objects.all()]
    titles = [
        row.instrument
        for model in (
            DayRule,
            HallLimit,
            Reason,
            OpeningHours,
            QuotaPolicy,
            BookingLimit,
            NoShowRule,
            Protocol,
        )
        for row in model.objects.all()
    ]
    devices = Device.objects.values_list("name", flat=True)
    return sorted({*both, *codes, *titles, *devices} - {""}, key=len, reverse=True)


def crawl(
    client: Client, start: list[str], *, most_of_a_kind: int, only: str
) -> Iterator[tuple[str, str]]:
    """Yield every page that can be reached by links from a start page, a few of each kind."""
    waiting, visited, kinds = deque(start), set(start), Counter[str]()
    while waiting:
        address = waiting.popleft()
        answer = client.get(address)
        links: list[str] = []
        if answer.status_code in {301, 302}:
            links = [answer["Location"]]
        elif b"<html" in answer.content[:2000]:
            html = answer.content.decode()
            yield address, html
            links = [unescape(link) for link in LINK.findall(html)]
        for target in (urljoin(address, link) for link in links):
            parts = urlsplit(target)
            if parts.netloc or parts.scheme or target in visited or LEFT_OUT.search(parts.path):
                continue
            # A link that names a language leads to a page in that language.
            if not re.match(only, parts.path) or "lang=" in parts.query:
                continue
            visited.add(target)
            try:
                match = resolve(parts.path)
            except Resolver404:
                continue
            kind = match.view_name or match.route
            kinds[kind] += 1
            if kinds[kind] <= most_of_a_kind:
                waiting.append(target)


def foreign_words(html: str, language: str, leave_out: list[str]) -> list[str]:
    """Return the texts of a page with words of the other language."""
    other = "en" if language == "id" else "id"
    lines = []
    for text in texts_in(html, language):
        plain = text
        for name in leave_out:
            plain = plain.replace(name, " ")
        plain = re.sub(r"\S*[@/_]\S*|^[\[{].*[\]}]$", " ", plain)
        strange = texts.words(plain) & words_of_one_language()[other]
        if strange:
            lines.append(f"{sorted(strange)} in {text[:200]!r}")
    return lines


@pytest.mark.parametrize("language", ["en", pytest.param("id", marks=pytest.mark.slow)])
def test_pages_use_the_readers_language_only(
    office: Office, applicant: User, language: str
) -> None:
    names = names_in_data()
    data = [*names, *texts_in_data()]
    screens = r"/admin/(gate|counter|production|pickup|today|reports)?(/|$)"
    readers: list[tuple[User | None, list[str], int, str]] = [
        (None, ["/", "/akun/signup/", "/akun/password/reset/", "/luring/", "/styleguide/"], 2, "/"),
        (applicant, ["/bookings/", "/people/", "/akun/"], 2, "/(akun|book|people)"),
        *((staff(office, role), ["/admin/"], 1, screens) for role in OFFICERS),
        (staff(None, "national"), ["/admin/?all=1"], 1, "/admin/"),
    ]
    pages: set[str] = set()
    problems: set[str] = set()
    for reader, start, most, part in readers:
        client = Client(headers={"accept-language": language})
        if reader is not None:
            client.force_login(reader)
        for address, html in crawl(client, start, most_of_a_kind=most, only=part):
            pages.add(address)
            leave_out = data if address.startswith(WITH_DATA_OF_BOTH) else names
            problems |= {f"{address} {line}" for line in foreign_words(html, language, leave_out)}
    assert len(pages) > 50
    assert not problems, "\n".join(sorted(problems))
