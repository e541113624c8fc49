"""Rotating the keys of encrypted fields."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from booking.people.models import Applicant
from core.crypto import decrypt
from tests.builders import make_person

pytestmark = pytest.mark.django_db


def stored(person: Applicant) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity_number FROM booking_applicant WHERE id = %s", [person.pk])
        return str(cursor.fetchone()[0])


def test_after_a_rotation_the_old_key_can_be_removed(settings: Settings) -> None:
    person = make_person()
    number, before = person.identity_number, stored(person)
    new = Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, *settings.FIELD_KEYS]
    output = StringIO()
    call_command("rotate_field_keys", stdout=output)
    assert "1 encrypted anew" in output.getvalue()
    settings.FIELD_KEYS = [new]
    assert stored(person) != before
    assert Applicant.objects.get(pk=person.pk).identity_number == number
    with pytest.raises(ValueError, match="FIELD_KEYS"):
        decrypt(before)


def test_a_missing_old_key_stops_the_rotation(
    settings: Settings,
) -> None:
    person = make_person()
    before = stored(person)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="FIELD_KEYS"):
        call_command("rotate_field_keys")
    assert stored(person) == before
