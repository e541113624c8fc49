"""What is drawn once for everyone says the same to each reader as a page drawn for them alone, and nothing of anyone else."""

import gzip
import re

import pytest
from django.urls import reverse
from django.utils.html import escape

from booking import selectors
from booking.models import Booking
from booking.services import ApplicationData, save_application
from booking.views import book, hour_page, ticket_page
from booking.views.drawn import MARK, Drawing, Page, own
from offices.models import Fee
from tests.builders import (
    INSTRUMENT,
    NOW,
    SINCE,
    make_booking,
    make_open_office,
    make_open_slot,
    make_person,
)

pytestmark = pytest.mark.django_db
ONE_TIME = re.compile(r'(name="(csrfmiddlewaretoken|key)" value=")[^"]+')


@pytest.fixture(autouse=True)
def _at_now(set_clock, settings):
    set_clock(NOW)
    settings.SHARED_READ_SECONDS = 60.0  # what is kept for one reader is what the next one gets


@pytest.fixture(params=["id", "en"])
def reader(request, client):
    client.cookies["django_language"] = request.param
    return client


def text_of(answer):
    text = answer.content.decode()
    assert MARK not in text
    return ONE_TIME.sub(r"\1", text)


def prepare(person):
    Fee.objects.get_or_create(
        product="electronic_10", amount=950_000, valid_from=SINCE, instrument=INSTRUMENT
    )
    data = ApplicationData("new", "first", "holiday", "electronic_10", {"ktp": True})
    save_application(applicant_id=person.pk, account_id=person.account_id, data=data, now=NOW)


def drawn_alone(request, slot, **query):
    """Draw the page of an hour as it is drawn when something is in the way of sharing it."""
    request.method = "HEAD"
    _slot, view, offered = book._hour(slot.pk, NOW)
    home = selectors.household_of(request.user.pk)
    chosen = query.get("chosen", [home.people[0].pk])
    page = hour_page.HourPage(_slot, view, offered[0], offered, home, chosen, NOW)
    answer = hour_page.show_hour(request, page)
    request.method = "GET"
    return answer


def test_the_page_of_an_hour_is_the_same_for_two_readers_but_for_who_comes(reader):
    slot = make_open_slot(places=3)
    people = [make_person(full_name=name) for name in ("Siti Rahma", "Budi Santoso", "Ayu Lestari")]
    prepare(people[1])
    for person in people:
        reader.force_login(person.account)
        answer = reader.get(reverse("booking:book", args=[slot.pk]))
        page = text_of(answer)
        assert page == text_of(drawn_alone(answer.wsgi_request, slot))
        assert person.full_name in page
        assert not any(other.full_name in page for other in people if other != person)


def test_whoever_chose_several_keeps_them_in_every_link(client):
    slot, first = make_open_slot(places=3), make_person()
    second = make_person(first.account)
    client.force_login(first.account)
    chosen = [first.pk, second.pk]
    address = f"{reverse('booking:book', args=[slot.pk])}?service_type=new&who={chosen[0]}&who={chosen[1]}"
    answer = client.get(address)
    assert text_of(answer) == text_of(drawn_alone(answer.wsgi_request, slot, chosen=chosen))


def test_a_ticket_is_the_same_for_two_readers_but_for_its_own(reader):
    office = make_open_office(places=12)
    slots = [make_open_slot(office=office, days_from_now=3 + turn) for turn in range(3)]
    people = [make_person(full_name=name) for name in ("Siti Rahma", "Budi Santoso", "Ayu Lestari")]
    prepare(people[2])
    for slot, person in zip(slots, people, strict=True):
        booking = make_booking(slot, person=person)
        reader.force_login(person.account)
        answer = reader.get(reverse("booking:ticket", args=[booking.code]))
        page = text_of(answer)
        whole = selectors.booking_of(person.account_id, booking.code)
        assert page == text_of(ticket_page.show_ticket(answer.wsgi_request, whole, NOW))
        others = Booking.objects.exclude(pk=booking.pk)
        assert not any(other.code in page for other in others)
        assert str(own("code")) not in page


def test_a_ticket_bears_the_sentence_of_success_once(client):
    slot, person = make_open_slot(places=3), make_person()
    client.force_login(person.account)
    form = {"applicants": [person.pk], "service_type": "new", "key": "satu"}
    answer = client.post(reverse("booking:book", args=[slot.pk]), form)
    first = client.get(answer["Location"])
    assert "Tempat ini milik Anda" in text_of(first)
    assert "Tempat ini milik Anda" not in text_of(client.get(answer["Location"]))


def test_a_strangers_ticket_is_not_found_though_the_hour_was_drawn(client):
    slot = make_open_slot(places=3)
    mine, other = make_booking(slot), make_booking(slot)
    client.force_login(mine.account)
    assert client.get(reverse("booking:ticket", args=[mine.code])).status_code == 200
    assert client.get(reverse("booking:ticket", args=[other.code])).status_code == 404


def test_a_name_cannot_bring_a_sign_or_markup_into_a_page(client):
    slot, person = make_open_slot(places=3), make_person()
    person.full_name = f"<b>{own('key')}</b> & Co"
    person.save(update_fields=["full_name"])
    client.force_login(person.account)
    page = client.get(reverse("booking:book", args=[slot.pk])).content.decode()
    assert "<b>&lt;b&gt;" in page
    assert "<b><b>" not in page


@pytest.mark.parametrize("name", ["Ayu", "A & <b>", "é" * 200, "x" * 5_000, ""])
@pytest.mark.parametrize("text", ["{0}", "<p>" * 400 + "{0}</p>{0}.", "only", ""])
def test_a_page_packed_piece_by_piece_is_the_same_page(text, name):
    page = Page(Drawing.of(text.format(own("name"))), {"name": name})
    for _each in range(2):
        written = page.written("")
        assert gzip.decompress(page.written("gzip")) == written
        assert written.decode() == text.format(escape(name))


def test_a_drawing_takes_what_is_the_same_for_some_and_drawings_in_turn():
    inner = Drawing.of(f"[{own('who')}]")
    some = Drawing.of(f"<b>{own('who')}</b>{own('day')}{own('ways')}").with_some(
        {"day": "4 > 3", "ways": inner}
    )
    assert some.with_own({"who": "<Ayu>"}) == "<b>&lt;Ayu&gt;</b>4 &gt; 3[&lt;Ayu&gt;]"


def test_the_length_of_a_packed_page_tells_nothing_of_its_token():
    page = Page(Drawing.of(f"text{own('token')}text"), {"token": "0123456789"})
    assert len({len(page.written("gzip")) for _each in range(200)}) > 20
