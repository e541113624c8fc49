"""Rows that a booking references exist and stay, although no booking locks them (docs/adr/0016)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from django.db import IntegrityError, connection, transaction
from psycopg2 import errors

from booking.bookings.models import Booking
from core.db import constraint_name
from offices.directory.models import ServiceType
from tests.builders import make_booking, make_open_slot

NOBODY = 2_000_000_000


def refusal_of(statement: str, *values: Any) -> str | None:
    """Return the name of the constraint that refuses a statement at the end of its transaction."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        return constraint_name(error)
    return None


@pytest.mark.django_db
def test_a_booking_belongs_to_the_office_of_its_slot() -> None:
    booking, other = make_booking(), make_open_slot().office
    update = "UPDATE booking_booking SET office_id = %s WHERE id = %s"
    assert refusal_of(update, other.pk, str(booking.pk)) == "booking_is_of_its_slots_office"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "law"),
    [
        ("slot_id", "booking_is_of_its_slots_office"),
        ("office_id", "booking_is_of_its_slots_office"),
        ("place_id", "booking_holds_its_place"),
        ("service_type_id", "booking_service_is_there"),
    ],
)
def test_a_booking_cannot_reference_missing_rows(column: Any, law: Any) -> None:
    booking = make_booking()
    update = f"UPDATE booking_booking SET {column} = %s WHERE id = %s"
    assert refusal_of(update, NOBODY, str(booking.pk)) == law


@pytest.mark.django_db
def test_a_service_with_bookings_cannot_be_deleted() -> None:
    booking = make_booking()
    delete = "DELETE FROM offices_servicetype WHERE id = %s"
    assert refusal_of(delete, booking.service_type_id) == "service_has_no_bookings"


def a_booking_and_another_service() -> tuple[Booking, ServiceType]:
    booking = make_booking()
    group = booking.service_type.group
    return booking, ServiceType.objects.create(code="late", name="Baru", name_en="New", group=group)


@pytest.mark.django_db
def test_a_service_without_bookings_can_be_deleted() -> None:
    _booking, service = a_booking_and_another_service()
    service.delete()
    assert not ServiceType.objects.filter(code="late").exists()


@contextmanager
def another_session() -> Iterator[Any]:
    parameters = connection.get_connection_params()
    kept = {
        name: parameters[name]
        for name in ("dbname", "user", "password", "host", "port")
        if name in parameters
    }
    session: Any = psycopg2.connect(**kept)
    try:
        yield session
    finally:
        session.close()


@pytest.mark.django_db(transaction=True)
def test_deleting_a_service_waits_for_bookings_in_progress() -> None:
    booking, service = a_booking_and_another_service()
    with another_session() as booker, another_session() as deleter:
        book, delete = booker.cursor(), deleter.cursor()
        book.execute(
            "UPDATE booking_booking SET service_type_id = %s WHERE id = %s",
            [service.pk, str(booking.pk)],
        )
        statement = f"DELETE FROM offices_servicetype WHERE id = {service.pk}"
        # The control: without the guard it does not wait and misses the booking.
        delete.execute("ALTER TABLE offices_servicetype DISABLE TRIGGER service_has_no_bookings")
        delete.execute(statement)
        deleter.rollback()
        delete.execute("SET LOCAL lock_timeout = '100ms'")
        with pytest.raises(errors.LockNotAvailable):
            delete.execute(statement)
        deleter.rollback()
        booker.commit()
        with pytest.raises(errors.ForeignKeyViolation):
            delete.execute(statement)
    assert ServiceType.objects.filter(pk=service.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_booking_waits_for_the_deletion_of_the_service() -> None:
    booking, service = a_booking_and_another_service()
    with another_session() as booker, another_session() as deleter:
        book = booker.cursor()
        update = "UPDATE booking_booking SET service_type_id = %s WHERE id = %s"
        deleter.cursor().execute(f"DELETE FROM offices_servicetype WHERE id = {service.pk}")
        book.execute("SET LOCAL lock_timeout = '100ms'")
        with pytest.raises(errors.LockNotAvailable):
            book.execute(update, [service.pk, str(booking.pk)])
        booker.rollback()
        deleter.commit()
        book.execute(update, [service.pk, str(booking.pk)])
        with pytest.raises(errors.ForeignKeyViolation):
            booker.commit()
    assert Booking.objects.get().service_type_id == booking.service_type_id
