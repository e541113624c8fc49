"""Law 11: no name, identity number or birth date in a log line, address, metric or error page."""

import logging
import logging.config
import re
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from rest_framework.test import APIClient

from booking.bookings.models import Booking
from core import clock
from counters.production.models import PassportBook
from notices import services
from quotas.places.models import Slot
from tests.builders import NOW, make_nik
from tests.reports.load.stories import DAY, make_day

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, LAST = "Xenia", "Qoriatulhuda"
BORN = date(1987, 9, 23)
ADDRESS = re.compile(r'(?:href|action|src|formaction)="([^"]*)"')


@pytest.fixture
def lines() -> Iterator[Any]:
    """Every log line, formatted as in production."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    wanted = django_settings.LOGGING["formatters"]["ours"]
    handler.setFormatter(logging.config.DictConfigurator({}).configure_formatter(dict(wanted)))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


class Trail:
    """What a session leaves behind: requested, linked and redirected addresses; error pages."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.errors: list[str] = []

    def note(self, answer: Any) -> Any:
        self.addresses.append(answer.wsgi_request.get_full_path())
        self.addresses.append(answer.headers.get("Location", ""))
        text = "" if answer.streaming else answer.content.decode(errors="replace")
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            self.addresses += ADDRESS.findall(text)
        # A form shown again contains its writer's own input; an error page must not.
        if answer.status_code >= 400 and ("code-big" in text or hasattr(answer, "data")):
            self.errors.append(text)
        return answer


def watched(client: Any, trail: Any) -> Any:
    """Record every response of a client."""
    ask = client.request

    def request(**values: Any) -> Any:
        return trail.note(ask(**values))

    client.request = request
    return client


def story(client: Any, trail: Any, nik: Any) -> Any:
    """Register, add people, book, move, be served and collect: by API, page and desk."""
    api = watched(APIClient(), trail)
    day = make_day()
    account = {
        "email": "pemohon@contoh.id",
        "password": "pagi-hujan-88",
        "full_name": f"{FIRST} {LAST}",
    }
    api.post("/api/v1/auth/register/", account)
    token = api.post("/api/v1/auth/token/", account).json()["token"]
    api.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    person = {"full_name": f"{FIRST} {LAST}", "nik": nik, "birth_date": str(BORN), "sex": "female"}
    api.post("/api/v1/applicants/", person | {"nik": nik[:-1]})
    made = api.post("/api/v1/applicants/", person).json()
    api.post("/api/v1/applicants/", person)
    slots = Slot.objects.filter(office=day.office, lane="online")
    first = slots.filter(day=DAY).first()
    other = slots.filter(day__gt=DAY).order_by("day").first()
    booking_request = {"slot": first.pk, "applicants": [made["id"]], "service_type": "new"}
    code = api.post("/api/v1/bookings/", booking_request).json()["bookings"][0]["code"]
    api.post("/api/v1/bookings/", booking_request)
    api.patch(f"/api/v1/applicants/{made['id']}/", {"full_name": f"{FIRST} Lain"})
    api.post(f"/api/v1/bookings/{code}/reschedule/", {"slot": other.pk})
    # A foreign program may put anything into an address, but the log must not repeat it.
    APIClient().get(f"/api/v1/applicants/{nik}/")
    pages(watched(client, trail), account, made["id"], code, nik)
    return day, code


def pages(client: Any, account: Any, person_id: Any, code: Any, nik: Any) -> None:
    client.post(
        reverse("account_login"), {"login": account["email"], "password": account["password"]}
    )
    for path in (
        "/",
        "/offices/",
        "/people/",
        f"/people/{person_id}/",
        f"/people/{person_id}/application/",
        "/bookings/",
        f"/bookings/{code}/",
        f"/bookings/{code}/cancel/",
        f"/bookings/{code}/reschedule/",
        f"/bookings/{code}/ticket.ics",
        "/bookings/TIDAKADA00/",
        "/people/999999/",
        "/akun/",
        "/tidak/ada/",
    ):
        client.get(path)
    wrong = {
        "full_name": f"{FIRST} {LAST}",
        "kind": "nik",
        "nik": nik[:-2],
        "birth_date_0": "23",
        "birth_date_1": "9",
        "birth_date_2": "1987",
        "sex": "female",
    }
    client.post("/people/add/", wrong)
    client.post(f"/people/{person_id}/", wrong)
    client.post(f"/people/{person_id}/remove/")


def at_the_office(client: Any, trail: Any, day: Any, code: Any) -> Any:
    desk = watched(client, trail)
    booking = Booking.objects.select_related("slot").get(code=code)
    moment = day.at(8, day=booking.slot.day)
    visit = day.arrive(booking, moment)
    day.open_counter(day=booking.slot.day)
    book = day.serve(visit, called=moment, left=day.at(9, day=booking.slot.day))
    desk.force_login(day.officer)
    for path in ("gate/", "counter/", "pickup/", "production/", "today/"):
        desk.get(f"/admin/{path}")
    desk.force_login(day.gate)
    for path in ("gate/", f"gate/{booking.pk}/", "pickup/"):
        desk.get(f"/admin/{path}")
    desk.post("/admin/gate/", {"code": code})
    return PassportBook.objects.get(pk=book.pk)


def test_no_personal_data_leaks_during_a_whole_visit(
    client: Any, lines: Any, mailbox: Any, set_clock: Any, settings: Any
) -> None:
    set_clock(NOW)
    nik = make_nik(born=BORN)
    trail = Trail()
    client.raise_request_exception = False
    day, code = story(client, trail, nik)
    at_the_office(type(client)(), trail, day, code)
    services.deliver_due(now=clock.now())
    settings.EMAIL_PORT = 1
    services.deliver_due(now=day.at(23))
    written = lines.getvalue()
    assert "request_finished" in written, "the story was logged at all"
    assert len(trail.addresses) > 100
    assert len(trail.errors) >= 3
    secrets = (FIRST, LAST, nik, str(BORN), f"{BORN:%d-%m-%Y}", f"{BORN:%d%m%Y}")
    for secret in secrets:
        assert secret not in written
        assert [path for path in trail.addresses if secret in unquote(path)] == []
        assert [page for page in trail.errors if secret in page] == []
    figures = type(client)().get("/metrics").content.decode(errors="replace")
    assert not any(secret in figures for secret in secrets)
