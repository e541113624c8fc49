"""Changing PERSON_KEY: every hash of a person is computed again."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from booking.bookings.models import Booking
from booking.people.models import Applicant
from core import clock, crypto
from ops.management.commands import rotate_person_key
from quotas.watches.models import OpeningWatch
from quotas.watches.services import address_key, request_watch
from tests.builders import make_booking, make_person

pytestmark = pytest.mark.django_db
NEW = "the-new-person-key-of-this-test-0123456789"


@pytest.fixture
def old_key(settings: Settings) -> str:
    """The key until now; the settings have the new one already."""
    return str(settings.PERSON_KEY)


def use_new_key(settings: Settings, old_key: str) -> None:
    settings.PERSON_KEY_OLD, settings.PERSON_KEY = old_key, NEW


def rotate() -> str:
    output = StringIO()
    call_command("rotate_person_key", stdout=output)
    return output.getvalue()


def expected_key(person: Applicant) -> str:
    return Applicant.key_for(
        kind=person.identity_kind, nationality="ID", number=person.identity_number, key=NEW
    )


def test_every_table_with_the_hash_is_covered() -> None:
    names = {model._meta.label for model in rotate_person_key.models_with_person_key()}
    assert names >= {
        "booking.Applicant",
        "booking.Booking",
        "booking.Contest",
        "booking.DrawLoss",
        "booking.DrawMember",
        "booking.Restriction",
        "booking.WaitingMember",
    }


def test_bookings_and_people_get_the_new_hash(
    settings: Settings, old_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotate_person_key, "BATCH", 2)
    bookings = [make_booking() for _number in range(3)]
    use_new_key(settings, old_key)
    assert "3 people checked" in rotate()
    for booking in bookings:
        person = Applicant.objects.get(pk=booking.applicant_id)
        assert person.person_key == expected_key(person)
        assert Booking.objects.get(pk=booking.pk).person_key == person.person_key


def test_the_same_person_is_recognised_after_the_rotation(settings: Settings, old_key: str) -> None:
    person = make_person()
    use_new_key(settings, old_key)
    rotate()
    again = make_person(identity_number=person.identity_number)
    person.refresh_from_db()
    assert again.person_key == person.person_key


def test_control_without_the_command_the_same_person_looks_like_somebody_else(
    settings: Settings, old_key: str
) -> None:
    """If this fails, the test above proves nothing."""
    person = make_person()
    use_new_key(settings, old_key)
    assert make_person(identity_number=person.identity_number).person_key != person.person_key


def test_an_interrupted_run_is_completed_by_the_next_one(settings: Settings, old_key: str) -> None:
    first, second = make_booking(), make_booking()
    use_new_key(settings, old_key)
    done = expected_key(first.applicant)
    Applicant.objects.filter(pk=first.applicant_id).update(person_key=done)
    rotate()
    rotate()
    for booking in (first, second):
        key = expected_key(booking.applicant)
        assert Booking.objects.get(pk=booking.pk).person_key == key
        assert Applicant.objects.get(pk=booking.applicant_id).person_key == key


def test_a_wrong_old_key_changes_nothing(settings: Settings, old_key: str) -> None:
    booking = make_booking()
    use_new_key(settings, "some-other-key")
    with pytest.raises(CommandError, match="PERSON_KEY_OLD"):
        rotate()
    assert Booking.objects.get().person_key == booking.person_key


@pytest.mark.parametrize("old", ["", NEW])
def test_both_keys_are_needed(settings: Settings, old: str) -> None:
    settings.PERSON_KEY, settings.PERSON_KEY_OLD = NEW, old
    with pytest.raises(CommandError, match="PERSON_KEY_OLD"):
        rotate()


def test_hashes_of_numbers_that_are_gone_can_no_longer_be_guessed(
    settings: Settings, old_key: str
) -> None:
    """Rows of one person still belong together afterwards."""
    booking = make_booking()
    Applicant.objects.update(identity_number="")
    use_new_key(settings, old_key)
    assert "1 hashes belong to numbers" in rotate()
    key = Booking.objects.get().person_key
    assert key not in (booking.person_key, "")
    assert Applicant.objects.get().person_key == key


def test_a_row_that_was_missed_is_reported(
    settings: Settings, old_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of the check at the end: without the update it must fail."""
    make_booking()
    use_new_key(settings, old_key)
    monkeypatch.setattr(rotate_person_key, "_rotate", lambda *_span: 0)
    monkeypatch.setattr(rotate_person_key, "_hide_keys_without_number", lambda _cursor: 0)
    with pytest.raises(CommandError, match="still have an old hash"):
        rotate()


def test_subscriptions_keep_one_entry_for_an_address(settings: Settings, old_key: str) -> None:
    office = make_booking().office
    subscribe = {"office_id": office.pk, "address": "siti@contoh.id", "language": "id"}
    request_watch(**subscribe, now=clock.now())
    use_new_key(settings, old_key)
    rotate()
    request_watch(**subscribe, now=clock.now())
    assert OpeningWatch.objects.get().address_key == address_key("siti@contoh.id")


def test_a_key_can_be_given() -> None:
    assert crypto.keyed_hash("a", key=NEW) != crypto.keyed_hash("a")
