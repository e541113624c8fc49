"""The short way of one person to one hour does what the long way does, and leaves every refusal to it."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.models import LIVE, Booking, BookingEvent, Party
from booking.selectors import hour_of
from booking.selectors.bookings import HOUSEHOLD
from booking.services import create_bookings
from booking.services.alone import ASKER, LATE_COMER, book_alone, rehearse
from booking.services.claims import PEOPLE, Claim
from booking.services.messages import tell_confirmed
from notices.models import Message
from offices.models import Office
from quotas.errors import SlotFull
from quotas.models import RESERVED, Place
from tests.builders import NOW, make_booking, make_open_slot, make_person
from tests.outbox import calendar_of, text_of

pytestmark = pytest.mark.django_db
NAMES = (
    "Siti",
    "Siti Rahmawati Putri",
    "  Ni   Luh\tAyu ",
    'O"Brien "Bud"',
    "Ahmad \\ Fauzi",
    "Éloïse Ñandú",
    "Siti\u00a0Rahma",
)


def claim_of(person, slot, key="satu"):
    hour = hour_of(slot.pk)
    return Claim(
        account_id=person.account_id,
        slot=hour.slot,
        service=next(row for row in hour.services if row.code == "new"),
        key=key,
        via=Booking.Via.FIRST_COME,
        by_id=person.account_id,
        now=NOW,
    )


def take(person, slot, key="satu", name=None):
    claim = claim_of(person, slot, key)
    return book_alone(claim, person_id=person.pk, body_hash="x", person_name=name)


def what_it_says(message):
    left_out = {"id", "request_id"}
    return {
        field.attname: getattr(message, field.attname)
        for field in message._meta.concrete_fields
        if field.attname not in left_out
    }


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("is_known", [True, False])
def test_the_letter_is_the_same_on_every_way(name, language, is_known):
    person = make_person()
    person.full_name = name  # some of these no form of today would take
    person.save(update_fields=["full_name"])
    person.account.language = language
    person.account.save(update_fields=["language"])
    assert take(person, make_open_slot(), name=name if is_known else None)
    short = Message.objects.get(kind="booking_confirmed")
    Message.objects.all().delete()
    booking = Booking.objects.select_related("applicant__account", "service_type", "party").get()
    tell_confirmed([booking], now=NOW)
    assert what_it_says(short) == what_it_says(Message.objects.get(kind="booking_confirmed"))


def test_booking_history_and_party_are_the_same_on_both_ways():
    slot = make_open_slot(places=2)
    short, long = make_person(), make_person()
    assert take(short, slot)
    create_bookings(
        account_id=long.account_id,
        slot_id=slot.pk,
        applicant_ids=[long.pk],
        service_type="new",
        key="dua",
        now=NOW,
    )
    one, other = (Booking.objects.get(applicant=person) for person in (short, long))
    own = {"id", "code", "account_id", "applicant_id", "person_key", "party_id", "place_id", "key"}
    for field in Booking._meta.concrete_fields:
        if field.attname not in own:
            assert getattr(one, field.attname) == getattr(other, field.attname), field
    lines = BookingEvent.objects.order_by("pk").values("kind", "old", "new", "reason", "at")
    assert lines[0] == lines[1]
    assert one.place.holder == one.pk


def refused(person, slot):
    """Whoever is refused finds nothing changed."""
    before = (Party.objects.count(), Booking.objects.count(), Message.objects.count())
    assert take(person, slot, key="lain") is None
    assert before == (Party.objects.count(), Booking.objects.count(), Message.objects.count())


def test_who_has_an_hour_changes_nothing():
    person = make_person()
    make_booking(person=person)
    refused(person, make_open_slot())


def test_a_stranger_of_another_account_changes_nothing():
    person, stranger = make_person(), make_person()
    claim = claim_of(person, make_open_slot())
    assert book_alone(claim, person_id=stranger.pk, body_hash="x") is None
    assert not Party.objects.exists()


def test_a_foreigner_in_an_hour_for_citizens_changes_nothing():
    person = make_person()
    person.identity_kind = "passport"
    person.save(update_fields=["identity_kind"])
    refused(person, make_open_slot())


def test_a_full_hour_changes_nothing():
    slot = make_open_slot(places=1)
    make_booking(slot)
    before = (Party.objects.count(), Booking.objects.count(), Message.objects.count())
    with pytest.raises(SlotFull):
        take(make_person(), slot)
    assert before == (Party.objects.count(), Booking.objects.count(), Message.objects.count())


@pytest.mark.parametrize("why", ["withdrawn", "closed", "not_yet_open", "stopped"])
def test_an_hour_without_open_places_is_not_called_full(why):
    """Those have a reason of their own, which the long way finds."""
    slot = make_open_slot(places=1)
    places = Place.objects.filter(slot=slot)
    if why == "withdrawn":
        places.update(withdrawn_at=NOW)
    if why == "closed":
        places.update(closes_at=NOW)
    if why == "not_yet_open":
        places.update(opens_at=NOW + timedelta(minutes=1))
    if why == "stopped":
        make_booking(slot)
        Office.objects.filter(pk=slot.office_id).update(booking_stopped_reason="Banjir")
    refused(make_person(), slot)


def test_an_hour_is_full_only_for_who_could_have_booked_it():
    slot, person = make_open_slot(places=1), make_person()
    make_booking(slot)
    make_booking(person=person)
    refused(person, slot)


def test_a_name_that_is_another_by_now_changes_nothing():
    person, slot = make_person(), make_open_slot()
    assert take(person, slot, name="Siti Lain") is None
    assert not Booking.objects.exists()


def test_an_hour_that_waits_for_its_draw_is_not_called_full():
    slot = make_open_slot(places=1)
    Place.objects.filter(slot=slot).update(cooldown_until=RESERVED)
    refused(make_person(), slot)


def test_a_key_that_was_used_changes_nothing():
    slot, person = make_open_slot(places=2), make_person()
    assert take(person, slot)
    assert take(person, slot) is None
    assert Party.objects.count() == 1


def test_the_statement_knows_every_status_that_lives():
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'booking_book_one'")
        [(source,)] = cursor.fetchall()
    live = ", ".join(f"'{status}'" for status in LIVE)
    assert source.count(f"({live})") == 1
    assert source.count(f"ARRAY[{live}]") == 1


def test_who_has_an_hour_is_sought_by_the_person_and_never_by_walking_through_all_of_them():
    """`EXISTS` leaves the choice to the planner, who believes of ten million bookings that none is live."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'booking_book_one'")
        [(source,)] = cursor.fetchall()
    for statement in (source, ASKER.statement, LATE_COMER.statement, PEOPLE, HOUSEHOLD.statement):
        asked, rest = statement.split("FROM booking_booking live", 1)
        assert asked.rstrip().endswith("(SELECT true"), asked[-80:]
        assert "LIMIT 1) IS " in rest


def test_the_id_of_the_booking_stands_in_the_letter_and_nobody_elses_does():
    assert take(make_person(), make_open_slot())
    message = Message.objects.get(kind="booking_confirmed")
    assert str(Booking.objects.get().pk) in calendar_of(message)
    assert str(UUID(int=0)) not in f"{message.context}{text_of(message)}"
    assert "__________" not in f"{message.context}{text_of(message)}"
    assert "\ue000" not in f"{message.context}{text_of(message)}"


def test_a_rehearsal_books_for_nobody():
    make_open_slot(places=1)
    with CaptureQueriesContext(connection) as queries:
        for _each in range(2):
            rehearse()
    assert len(queries) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in (Party, Booking, Message):
        assert not table.objects.exists()
    assert not Place.objects.exclude(holder=None).exists()
