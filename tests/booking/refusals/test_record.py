"""Every refused booking is recorded: by page, API and desk, outside the transaction that was rolled back."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
import structlog
from django.db import Error, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booking.bookings import checks, services
from booking.bookings.models import Party
from booking.people import services as people_services
from booking.refusals.labels import REASONS
from booking.refusals.models import Refusal
from booking.refusals.services import KEPT_FOR, Channel, delete_refusals, record_refusal
from booking.retention import overdue_refusals
from booking.waiting_list import accepting
from core import clock
from core.errors import DomainError
from offices.directory.models import ServiceType
from offices.staff.models import Role
from ops import logs
from privacy.retention.services import run_retention
from quotas.places import services as places_services
from quotas.places.errors import SlotFull
from quotas.places.models import Slot
from quotas.waiting_room import services as waiting_room_services
from tests.booking.bookings.test_api import client_of
from tests.booking.bookings.ways import WAYS
from tests.booking.waiting_list.waiting_world import make_offer
from tests.builders import (
    NOW,
    fill_slot,
    make_booking,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
    make_user,
)

pytestmark = pytest.mark.django_db
# The page of a full slot with cached reads, as in production, and the row that records the refusal.
MOST_QUERIES = 10
Action = Refusal.Action


@pytest.fixture(autouse=True)
def _at_now(set_clock: Any) -> None:
    set_clock(NOW)


@pytest.fixture
def lines() -> Iterator[Any]:
    """The log lines, formatted as in production."""
    config = logs.configure(as_json=True)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=logs.SHARED,
        processors=config["formatters"]["ours"]["processors"],
    )
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    logs.configure(as_json=False)


def full_slot() -> Slot:
    slot = make_open_slot(places=2)
    fill_slot(slot)
    return slot


def post(slot: Slot, person: Any, **changes: Any) -> Any:
    client = Client()
    client.force_login(person.account)
    form = {"applicants": [person.pk], "service_type": "new", "key": uuid4().hex} | changes
    return client.post(reverse("booking:book", args=[slot.pk]), form)


# --- What is recorded -------------------------------------------------------------------------------
def test_the_page_records_account_slot_reason_and_time() -> None:
    slot, person = full_slot(), make_person()
    assert post(slot, person).status_code == 409
    row = Refusal.objects.get()
    assert (row.channel, row.action, row.code, row.reason) == ("page", "book", "full", "full")
    assert (row.account, row.by, row.office) == (person.account, None, slot.office)
    assert (row.slot_id, row.slot_starts_at, row.size) == (slot.pk, slot.starts_at, 1)
    assert NOW <= row.at < NOW + timedelta(hours=1)


def test_the_api_records_a_refusal() -> None:
    slot, person = full_slot(), make_person()
    assert person.account is not None
    body = {"slot": slot.pk, "applicants": [person.pk], "service_type": "new"}
    answer = client_of(person.account).post("/api/v1/bookings/", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "full")
    row = Refusal.objects.get()
    assert (row.channel, row.code, row.account, row.slot_id) == (
        "api",
        "full",
        person.account,
        slot.pk,
    )


@pytest.mark.parametrize(
    ("body", "slot_id"),
    [({}, None), ({"slot": "x"}, None), ({"slot": 7, "applicants": [1] * 6}, 7), ([1], None)],
)
def test_a_malformed_api_request_is_recorded_too(body: Any, slot_id: int | None) -> None:
    user = make_user()
    answer = client_of(user).post("/api/v1/bookings/", body, format="json")
    assert answer.status_code == 400
    row = Refusal.objects.get()
    assert (row.account, row.code, row.slot_id, row.office) == (user, "invalid", slot_id, None)


def test_the_desk_records_the_officer() -> None:
    booking = make_booking()
    office = make_open_office()
    officer = make_officer(office, Role.GATE)
    client = Client()
    client.force_login(officer)
    form = {
        "lane": "walk_in",
        "full_name": "Siti Rahmawati",
        "nik": booking.applicant.identity_number,
        "birth_date_day": "6",
        "birth_date_month": "2",
        "birth_date_year": "1990",
        "sex": "female",
        "service_type": ServiceType.objects.get(code="new").pk,
    }
    answer = client.post(reverse("counters:gate_walk_in"), form)
    assert answer.status_code == 409
    row = Refusal.objects.get()
    assert (row.channel, row.code, row.account, row.by) == ("desk", "already_booked", None, officer)
    assert row.office == office


def test_the_account_reads_less_than_the_officer() -> None:
    booking = make_booking()
    person = make_person(identity_number=booking.applicant.identity_number)
    post(make_open_slot(), person)
    row = Refusal.objects.get()
    assert (row.code, row.reason) == ("not_bookable", "already_booked")


def test_an_invalid_choice_has_a_precise_reason() -> None:
    post(make_open_slot(), make_person(), applicants=[make_person().pk])
    row = Refusal.objects.get()
    assert (row.code, row.reason) == ("invalid", "not_on_list")


def test_a_withdrawn_slot_is_recorded_by_its_number() -> None:
    person = make_person()
    client = Client()
    client.force_login(person.account)
    form = {"applicants": [person.pk], "service_type": "new", "key": "satu"}
    assert client.post(reverse("booking:book", args=[10**17]), form).status_code == 404
    row = Refusal.objects.get()
    assert (row.slot_id, row.office, row.account) == (10**17, None, person.account)


@pytest.mark.parametrize("is_api", [False, True])
def test_a_refused_reschedule_is_recorded(is_api: bool) -> None:
    booking, slot = make_booking(), full_slot()
    assert booking.account is not None
    if is_api:
        client: Any = client_of(booking.account)
        address = f"/api/v1/bookings/{booking.code}/reschedule/"
    else:
        client = Client()
        client.force_login(booking.account)
        address = reverse("booking:reschedule", args=[booking.code])
    assert client.post(address, {"slot": slot.pk}).status_code == 409
    row = Refusal.objects.get()
    assert (row.action, row.code, row.slot_id) == (Action.RESCHEDULE, "full", slot.pk)
    assert row.channel == ("api" if is_api else "page")


def test_a_reschedule_without_a_slot_is_recorded() -> None:
    booking = make_booking()
    client = Client()
    client.force_login(booking.account)
    answer = client.post(reverse("booking:reschedule", args=[booking.code]), {"slot": "x"})
    assert answer.status_code == 400
    assert Refusal.objects.get().code == "invalid"


@pytest.mark.parametrize("is_api", [False, True])
def test_a_refused_offer_is_recorded(is_api: bool, set_clock: Any) -> None:
    offer = make_offer()
    account = offer.entry.account
    set_clock(offer.answer_by)
    client: Any = client_of(account) if is_api else Client()
    if is_api:
        url = f"/api/v1/offers/{offer.pk}/accept/"
    else:
        client.force_login(account)
        url = reverse("booking:offer", args=[offer.pk])
    assert client.post(url, {"accept": "1"}).status_code == 409
    row = Refusal.objects.get()
    assert (row.action, row.code, row.account) == (Action.OFFER, "offer_over", account)
    assert row.office == offer.slot.office


def test_a_booking_records_no_refusal() -> None:
    for name in ("page", "api"):
        assert WAYS[name]().book() == "booked"
    assert not Refusal.objects.exists()


def test_every_reason_has_a_text() -> None:
    modules = (
        checks,
        services,
        accepting,
        people_services,
        places_services,
        waiting_room_services,
    )
    errors = {
        error
        for module in modules
        for error in vars(module).values()
        if isinstance(error, type) and issubclass(error, DomainError) and error is not DomainError
    }
    codes = {error.code for error in errors} | {error.reason for error in errors if error.reason}
    # Changes to the list of people, and the page of a waiting room.
    codes -= {"locked_by_booking", "too_many_people", "room_not_open"}
    assert codes - set(REASONS) == set()


# --- Outside the rolled-back transaction ---------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_the_record_stays_when_the_booking_is_rolled_back() -> None:
    slot, person = full_slot(), make_person()
    assert post(slot, person).status_code == 409
    assert not Party.objects.filter(account=person.account).exists()
    assert Refusal.objects.get().code == "full"


@pytest.mark.django_db(transaction=True)
def test_control_a_record_inside_the_transaction_is_lost() -> None:
    """If this fails, the test above would pass wherever the record is written."""
    user = make_user()

    @transaction.atomic
    def refuse() -> None:
        record_refusal(SlotFull(), channel=Channel.PAGE, account_id=user.pk, now=NOW)
        raise SlotFull

    with pytest.raises(SlotFull):
        refuse()
    assert not Refusal.objects.exists()


def test_a_record_that_fails_changes_no_answer(throwaway_database: str, lines: Any) -> None:
    slot, person = full_slot(), make_person()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE booking_refusal")
    assert post(slot, person).status_code == 409
    [line] = [line for line in lines() if line["event"] == "refusal_not_recorded"]
    assert (line["refusal"], line["failure"]) == ("full", "ProgrammingError")


# --- The log -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("is_api", [False, True])
def test_the_log_line_names_reason_and_request(is_api: bool, lines: Any) -> None:
    slot, person = full_slot(), make_person()
    assert person.account is not None
    if is_api:
        body = {"slot": slot.pk, "applicants": [person.pk], "service_type": "new"}
        client_of(person.account).post("/api/v1/bookings/", body)
    else:
        post(slot, person)
    [line] = [line for line in lines() if line.get("event") == "request_finished"]
    assert (line["refusal"], line["code"]) == ("full", 409)
    assert line["request_id"] == Refusal.objects.get().request_id
    text = json.dumps(line)
    for secret in (person.account.email, person.identity_number, person.full_name):
        assert secret not in text


def test_the_next_request_has_no_reason_in_its_line(lines: Any) -> None:
    post(full_slot(), make_person())
    Client().get("/api/v1/offices/")
    refused, other = [line for line in lines() if line.get("event") == "request_finished"]
    assert "refusal" in refused
    assert "refusal" not in other


# --- Append-only, for 30 days ---------------------------------------------------------------------------
def record(*, now: Any = NOW, **values: Any) -> Refusal:
    values = {"channel": Channel.PAGE, "account_id": make_user().pk} | values
    record_refusal(SlotFull(), now=now, **values)
    return Refusal.objects.latest("pk")


@pytest.mark.parametrize(
    "statement", ["UPDATE booking_refusal SET code = 'busy'", "DELETE FROM booking_refusal"]
)
def test_a_record_cannot_be_changed_or_deleted(statement: str) -> None:
    record()
    with (
        pytest.raises(Error, match="refusal_append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_control_without_guards_a_record_can_be_changed(unguarded_database: str) -> None:
    row = record()
    Refusal.objects.filter(pk=row.pk).update(code="busy")
    row.refresh_from_db()
    assert row.code == "busy"


def test_a_record_without_account_and_officer_is_refused() -> None:
    with pytest.raises(Error, match="refusal_has_account_or_officer"), transaction.atomic():
        Refusal.objects.create(at=NOW, channel="page", action="book", code="full", reason="full")


def test_records_are_deleted_after_their_time() -> None:
    old, kept = record(now=NOW - KEPT_FOR - timedelta(seconds=1)), record(now=NOW - KEPT_FOR)
    ids = list(overdue_refusals(NOW - KEPT_FOR).values_list("pk", flat=True))
    delete_refusals(refusal_ids=ids)
    assert list(Refusal.objects.all()) == [kept]
    assert not Refusal.objects.filter(pk=old.pk).exists()
    # The trigger is back afterwards.
    with pytest.raises(Error, match="refusal_append_only"), transaction.atomic():
        Refusal.objects.all().delete()


def test_the_nightly_run_deletes_what_is_due(set_clock: Any) -> None:
    record(now=NOW)
    run_retention(now=clock.now())
    assert Refusal.objects.count() == 1
    set_clock(NOW + KEPT_FOR + timedelta(days=1))
    run_retention(now=clock.now())
    assert not Refusal.objects.exists()


# --- The release minute ---------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_record_is_one_statement_without_a_lock_on_the_office() -> None:
    slot, user = full_slot(), make_user()
    with CaptureQueriesContext(connection) as queries:
        record_refusal(SlotFull(), channel=Channel.PAGE, account_id=user.pk, slot=slot, now=NOW)
    assert len(queries) == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT confrelid::regclass::text FROM pg_constraint"
            " WHERE conrelid = 'booking_refusal'::regclass AND contype = 'f'"
        )
        assert {table for (table,) in cursor.fetchall()} == {"accounts_user"}


@pytest.mark.django_db(transaction=True)
def test_a_refused_post_takes_few_queries(settings: Any) -> None:
    settings.SHARED_READ_SECONDS = 60
    slot = full_slot()
    client = Client()
    person = make_person()
    client.force_login(person.account)
    form = {"applicants": [person.pk], "service_type": "new", "key": uuid4().hex}
    address = reverse("booking:book", args=[slot.pk])
    client.post(address, form)  # each connection plans some statements once
    with CaptureQueriesContext(connection) as queries:
        assert client.post(address, form).status_code == 409
    assert len(queries) <= MOST_QUERIES, [row["sql"][:60] for row in queries]
    assert sum("INSERT INTO" in row["sql"] for row in queries) == 1


def test_two_people_in_one_request_are_counted() -> None:
    user = make_user()
    people = [make_person(user) for _each in range(2)]
    post(full_slot(), people[0], applicants=[one.pk for one in people])
    assert Refusal.objects.get().size == 2
