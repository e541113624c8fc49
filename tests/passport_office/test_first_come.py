"""Before Django's frame people are told what Django would have said; whatever is not plain goes to Django."""

import gzip
import re
import secrets
import threading
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
import structlog
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import OperationalError, close_old_connections
from django.test import Client, RequestFactory
from django.urls import reverse

from booking.models import Booking, Restriction
from booking.services import cancel_booking
from core.web import REFUSALS
from notices.models import Message
from passport_office import first_come
from passport_office.first_come import FirstCome
from passport_office.page_cache import PageCache
from quotas.models import Place
from tests.builders import INSTRUMENT, NOW, fill_slot, make_booking, make_open_slot, make_person
from tests.quotas.room_world import OPENS, make_room_office, slot_of

pytestmark = pytest.mark.django_db
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=")([^"]+)')


class Django:
    """Django itself, with a count of how often it was asked."""

    asked = 0

    def __init__(self) -> None:
        self.handler = PageCache(WSGIHandler())

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.asked += 1
        return self.handler(environ, start_response)


class Reader:
    """A browser that has signed in, and has the cookie of our forms."""

    def __init__(self, person: Any, **headers: str) -> None:
        client = Client()
        client.force_login(person.account)
        self.person, self.headers = person, headers
        self.secret = secrets.token_hex(16)
        self.cookies = {"sessionid": client.cookies["sessionid"].value, "csrftoken": self.secret}

    def send(self, application: Any, slot: Any, **changes: Any) -> tuple[str, dict[str, str], str]:
        form = {
            "csrfmiddlewaretoken": self.secret, "key": uuid4().hex, "applicants": self.person.pk,
            "service_type": "new", **changes,
        }  # fmt: skip
        factory = RequestFactory(headers=self.headers)
        factory.cookies = SimpleCookie(self.cookies)
        request = factory.post(
            reverse("booking:book", args=[slot.pk]),
            urlencode(form, doseq=True),
            content_type="application/x-www-form-urlencoded",
        )
        told: list[Any] = []
        answer = application(request.environ, lambda *given: told.extend(given))
        body = b"".join(answer)
        head = dict(told[1])
        if "Content-Length" in head:
            assert int(head["Content-Length"]) == len(body)
        is_packed = head.get("Content-Encoding") == "gzip"
        assert is_packed == ("409" in told[0] and self.headers.get("accept-encoding") == "gzip")
        text = gzip.decompress(body) if is_packed else body
        return told[0], head, text.decode()


@pytest.fixture(autouse=True)
def _in_one_transaction(set_clock, monkeypatch):
    """As Django's own test client does: a connection in a test's transaction is no old one."""
    set_clock(NOW)
    monkeypatch.setattr(first_come, "close_old_connections", lambda: None)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def django():
    return Django()


@pytest.fixture
def office(django):
    return FirstCome(django)


@pytest.fixture
def slot():
    return make_open_slot(places=2)


@pytest.fixture
def reader():
    return Reader(make_person())


@pytest.fixture
def told(office, django, slot):
    """Somebody has been told by Django that the hour is full."""
    fill_slot(slot)
    status, _head, _text = Reader(make_person()).send(office, slot)
    assert status == "409 Conflict"
    django.asked = 0


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("packing", ["gzip", "identity"])
def test_who_comes_later_reads_what_django_would_have_said(office, django, slot, language, packing):
    fill_slot(slot)
    headers = {"accept-language": language, "accept-encoding": packing}
    reader = Reader(make_person(), **headers)
    status, head, text = reader.send(office, slot)
    early_status, early_head, early_text = reader.send(office, slot)
    assert django.asked == 1
    assert early_status == status == "409 Conflict"
    assert set(early_head.items()) - {("Content-Length", early_head["Content-Length"])} == set(
        head.items()
    ) - {("Content-Length", head.get("Content-Length"))}
    assert TOKEN.sub("", early_text) == TOKEN.sub("", text)
    assert ("Sesi ini baru saja penuh" in early_text) == (language == "id")
    assert str(reader.person.pk) in early_text


@pytest.mark.usefixtures("told")
def test_a_reader_of_another_language_or_theme_gets_a_page_of_their_own(office, django, slot):
    english = Reader(make_person(), **{"accept-language": "en"})
    english.cookies["theme"] = "dark"
    assert english.send(office, slot)[1]["Content-Language"] == "en"
    _status, head, text = english.send(office, slot)
    assert (head["Content-Language"], django.asked) == ("en", 1)
    assert 'data-theme="dark"' in text


@pytest.mark.usefixtures("told")
def test_each_refusal_is_counted_and_has_its_line(office, django, slot, reader, caplog):
    before = REFUSALS.labels("full")._value.get()
    with caplog.at_level("INFO"):
        reader.send(office, slot)
    assert django.asked == 0
    assert REFUSALS.labels("full")._value.get() == before + 1
    (line,) = [row.msg for row in caplog.records if "code" in row.msg]
    assert (line["code"], line["user_id"]) == (409, reader.person.account_id)
    assert line["request"] == f"POST {reverse('booking:book', args=[slot.pk])}"


def test_a_form_that_has_booked_gets_its_ticket_again(office, slot, reader):
    key = uuid4().hex
    status, head, _text = reader.send(office, slot, key=key)
    assert status == "302 Found"
    fill_slot(slot)
    Reader(make_person()).send(office, slot)
    assert reader.send(office, slot, key=key)[1]["Location"] == head["Location"]
    assert Booking.objects.filter(account=reader.person.account).count() == 1


@pytest.mark.usefixtures("told")
def test_who_has_not_signed_in_is_sent_to_sign_in(office, slot, reader):
    for session in ("", "x" * 32, '"\\000"', "' OR 1=1"):
        reader.cookies["sessionid"] = session
        status, head, _text = reader.send(office, slot)
        assert status == "302 Found"
        assert head["Location"].startswith(f"{reverse('account_login')}?next={quote('/book/')}")


@pytest.mark.usefixtures("told")
def test_a_blocked_account_is_nobody(office, slot, reader):
    reader.person.account.is_active = False
    reader.person.account.save(update_fields=["is_active"])
    assert reader.send(office, slot)[0] == "302 Found"


@pytest.mark.usefixtures("told")
def test_a_session_older_than_the_password_is_over(office, slot, reader):
    reader.person.account.set_password("kata-sandi-baru-2026")
    reader.person.account.save(update_fields=["password"])
    assert reader.send(office, slot)[0] == "302 Found"


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("token", ["", "x" * 32, "a" * 64])
def test_a_forged_form_is_refused_as_forged(office, slot, reader, token):
    assert reader.send(office, slot, csrfmiddlewaretoken=token)[0] == "403 Forbidden"


@pytest.mark.usefixtures("told")
def test_who_has_an_hour_is_told_that(office, slot, reader):
    make_booking(slot=make_open_slot(places=1), person=reader.person)
    status, _head, text = reader.send(office, slot)
    assert status == "409 Conflict"
    assert "sudah punya" in text


@pytest.mark.usefixtures("told")
def test_who_may_not_book_is_told_that(office, django, slot, reader):
    booking = make_booking(slot=make_open_slot(places=1), person=reader.person)
    cancel_booking(booking_id=booking.pk, by=reader.person.account, reason="", now=NOW)
    Restriction.objects.create(
        person_key=reader.person.person_key, applicant=reader.person, booking=booking, office=booking.office,
        made_at=NOW, until_at=NOW + timedelta(days=3), instrument=INSTRUMENT,
    )  # fmt: skip
    _status, _head, text = reader.send(office, slot)
    assert django.asked == 1
    assert "Sesi ini baru saja penuh" not in text


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    "changes",
    [
        {"applicants": []},
        {"applicants": "x"},
        {"applicants": 999_999},
        {"applicants": ["1", "2"]},
        {"key": ""},
        {"key": "x" * 65},
        {"service_type": "none"},
        {"note": "x" * 5_000},
    ],
)
def test_whatever_is_not_plain_is_left_to_django(office, django, slot, reader, changes):
    reader.send(office, slot, **changes)
    assert django.asked == 1


@pytest.mark.usefixtures("told")
def test_a_place_that_came_back_is_booked(office, slot, reader):
    place = Place.objects.filter(slot=slot).first()
    Place.objects.filter(pk=place.pk).update(holder=None)
    status, head, _text = reader.send(office, slot)
    assert status == "302 Found"
    assert head["Location"].startswith(reverse("booking:bookings"))


@pytest.mark.usefixtures("told")
def test_a_database_that_fails_is_left_to_django(office, django, slot, reader, monkeypatch):
    def fail(_form, **_given):
        raise OperationalError

    monkeypatch.setattr(first_come.services, "find_asker", fail)
    monkeypatch.setattr(first_come.connections, "close_all", lambda: None)
    assert reader.send(office, slot)[0] == "409 Conflict"
    assert django.asked == 1


@pytest.mark.usefixtures("told", "sold")
@pytest.mark.parametrize("is_full", [True, False])
def test_past_the_waiting_room_nobody_is_answered_early(office, django, set_clock, is_full):
    slot = slot_of(make_room_office(places=1))
    set_clock(OPENS + timedelta(seconds=1))
    if is_full:
        fill_slot(slot, now=OPENS + timedelta(seconds=1))
    status, head, _text = Reader(make_person()).send(office, slot)
    assert (status, django.asked) == ("302 Found", 1)
    assert head["Location"].startswith("/rooms/")


# --- Who comes in time ---------------------------------------------------------------------------
@pytest.fixture
def sold(office, django):
    """Somebody has been given a ticket by Django."""
    status, head, _text = Reader(make_person()).send(office, make_open_slot(places=1))
    assert status == "302 Found"
    assert head["Location"].startswith(reverse("booking:bookings"))
    django.asked = 0


@pytest.mark.parametrize("language", ["id", "en"])
def test_who_comes_in_time_is_sent_to_a_ticket_as_django_would_have_sent_them(
    office, django, slot, language
):
    headers = {"accept-language": language}
    answers = [Reader(make_person(), **headers).send(office, slot) for _each in range(2)]
    assert django.asked == 1
    (status, head, text), (early_status, early_head, early_text) = answers
    assert (early_status, early_text) == (status, text) == ("302 Found", "")
    codes = [answer[1].pop("Location").rsplit("/", 2)[1] for answer in answers]
    assert {row.code for row in Booking.objects.all()} == set(codes)
    assert len(set(codes)) == 2
    said, early_said = (row.pop("Set-Cookie").strip() for row in (head, early_head))
    assert early_head == head
    assert early_said.split(":")[0] == said.split(":")[0]  # behind it stands when it was signed
    assert early_said.partition(";")[2] == said.partition(";")[2]
    assert Message.objects.filter(kind="booking_confirmed").count() == 2


@pytest.mark.usefixtures("sold")
def test_a_booking_has_its_line_and_its_number(office, django, slot, reader, caplog):
    with caplog.at_level("INFO"):
        reader.send(office, slot)
    assert django.asked == 0
    (line,) = [row.msg for row in caplog.records if "code" in row.msg]
    assert (line["code"], line["user_id"]) == (302, reader.person.account_id)
    letter = Message.objects.get(about_id=str(Booking.objects.get(slot=slot).pk))
    assert line["request_id"] == letter.request_id
    assert "request_id" not in structlog.contextvars.get_contextvars()


@pytest.mark.usefixtures("sold")
def test_a_form_sent_twice_in_time_makes_one_booking(office, django, slot, reader):
    key = uuid4().hex
    first, second = (reader.send(office, slot, key=key) for _each in range(2))
    assert first[1]["Location"] == second[1]["Location"]
    assert django.asked == 1
    assert Booking.objects.filter(slot=slot).count() == 1


@pytest.mark.usefixtures("told")
def test_nothing_is_learnt_of_who_has_messages_to_read(office, django, reader):
    """A head is for everyone; the messages of one who came first would be read by all who come after."""
    slot = make_open_slot(places=3)
    reader.cookies["messages"] = "something"
    assert reader.send(office, slot)[0] == "302 Found"
    assert not [key for key in office.heads if key[0] == "ticket"]
    assert Reader(make_person()).send(office, slot)[0] == "302 Found"
    assert django.asked == 2
    assert len([key for key in office.heads if key[0] == "ticket"]) == 1


def test_in_a_crowd_one_asks_django_and_the_others_wait_for_what_it_says(office, django, slot):
    reader, answers = Reader(make_person()), []
    office.learning.acquire()
    threading.Timer(0.02, office.learning.release).start()
    answers.append(reader.send(office, slot))
    assert (answers[0][0], django.asked) == ("302 Found", 1)
    assert not office.learning.locked()


@pytest.mark.usefixtures("sold")
def test_who_has_messages_to_read_keeps_them(office, django, slot, reader):
    reader.cookies["messages"] = "something"
    assert reader.send(office, slot)[0] == "302 Found"
    assert django.asked == 1


@pytest.mark.usefixtures("sold")
@pytest.mark.parametrize(
    "how", ["blocked", "password", "session", "another", "signed_out", "token"]
)
def test_nobody_books_in_the_name_of_another(office, slot, reader, how):
    account, token = reader.person.account, reader.secret
    if how == "blocked":
        account.is_active = False
        account.save(update_fields=["is_active"])
    if how == "password":
        account.set_password("kata-sandi-baru-2026")
        account.save(update_fields=["password"])
    if how == "session":
        reader.cookies["sessionid"] = "x" * 32
    if how == "another":
        reader.cookies["sessionid"] = Reader(make_person()).cookies["sessionid"]
    if how == "signed_out":
        Session.objects.filter(session_key=reader.cookies["sessionid"]).update(expire_date=EPOCH)
        caches["default"].clear()
    if how == "token":
        token = "y" * 32
    status, head, _text = reader.send(office, slot, csrfmiddlewaretoken=token)
    expected = {"token": "403 Forbidden", "another": "400 Bad Request"}
    assert status == expected.get(how, "302 Found")
    assert not head.get("Location", "").startswith(reverse("booking:bookings"))
    assert not Booking.objects.filter(slot=slot).exists()


@pytest.mark.usefixtures("sold", "told")
def test_the_last_place_is_taken_and_the_next_one_reads_that_it_is_full(
    office, django, settings, reader
):
    settings.SHARED_READ_SECONDS = 60.0  # whoever comes now believes that there is one place left
    slot = make_open_slot(places=1)
    first, late, later = (Reader(make_person()).send(office, slot) for _each in range(3))
    assert [first[0], late[0], later[0]] == ["302 Found", "409 Conflict", "409 Conflict"]
    assert django.asked == 0
    assert Booking.objects.filter(slot=slot).count() == 1


@pytest.mark.usefixtures("sold", "told")
def test_who_has_an_hour_is_told_that_though_there_are_places(office, django, slot, reader):
    free = make_open_slot(places=1)
    make_booking(slot=make_open_slot(places=1), person=reader.person)
    status, _head, text = reader.send(office, free)
    assert (status, django.asked) == ("409 Conflict", 1)
    assert "sudah punya" in text


@pytest.mark.usefixtures("sold")
def test_a_family_is_left_to_django(office, django, reader):
    slot, second = make_open_slot(places=2), make_person(reader.person.account)
    status, head, _text = reader.send(office, slot, applicants=[reader.person.pk, second.pk])
    assert (status, django.asked) == ("302 Found", 1)
    assert head["Location"] == reverse("booking:bookings")


def test_other_requests_go_their_way(office, django, slot, reader):
    factory = RequestFactory()
    environ = factory.get(reverse("booking:book", args=[slot.pk])).environ
    told: list[Any] = []
    b"".join(office(environ, lambda *given: told.extend(given)))
    assert (told[0], django.asked) == ("302 Found", 1)
