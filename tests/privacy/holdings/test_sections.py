"""Every table about people is in an export, or is left out for a written reason."""

from django.apps import apps
from django.db.models import ForeignKey, Model

from accounts.models import User
from booking.bookings.models import Booking
from booking.people.models import Applicant
from counters.production.models import PassportBook
from counters.visits.models import Visit
from notices.models import Message
from privacy.holdings.sections import LEFT_OUT, SECTIONS

ABOUT_PEOPLE = {Applicant, Booking, Visit, PassportBook}
# Foreign keys to accounts that name who acted, not the person of the row.
ACTORS = {
    "by",
    "decided_by",
    "lifted_by",
    "notified_by",
    "answered_by",
    "typed_by",
    "confirmed_by",
    "absent_by",
    "noted_by",
    "made_by",
    "reopened_by",
    "ended_by",
}


def leads_to_people(model: type[Model]) -> bool:
    names = {field.name for field in model._meta.concrete_fields}
    if model in ABOUT_PEOPLE or names & {"person_key", "address", "applicant_ids"}:
        return True
    return any(
        isinstance(field, ForeignKey)
        and (
            field.related_model in ABOUT_PEOPLE
            or (field.related_model is User and field.name not in ACTORS)
        )
        for field in model._meta.concrete_fields
    )


def test_every_table_about_people_is_exported_or_left_out_for_a_reason() -> None:
    exported = {section.model for section in SECTIONS}
    missing = [
        model._meta.label
        for model in apps.get_models()
        if leads_to_people(model) and model not in exported and model._meta.label not in LEFT_OUT
    ]
    assert missing == []


def test_histories_of_exported_tables_are_exported() -> None:
    exported = {section.model for section in SECTIONS}
    missing = [
        model._meta.label
        for model in apps.get_models()
        if any(
            isinstance(field, ForeignKey)
            and field.related_model in exported
            and field.remote_field.related_name == "history"
            for field in model._meta.concrete_fields
        )
        and model not in exported
    ]
    assert missing == []


def test_no_secret_is_exported() -> None:
    words = ("password", "digest", "token", "session_key", "secret", "seed", "person_key")
    wrong = [
        f"{section.model._meta.label}.{field.name}"
        for section in SECTIONS
        for field in section.model._meta.concrete_fields
        if field.name not in section.hidden and any(word in field.name for word in words)
    ]
    assert wrong == []
    hidden = next(section.hidden for section in SECTIONS if section.model is Message)
    assert "context" in hidden  # it holds links that act for the reader


def test_what_is_left_out_exists_and_has_a_reason() -> None:
    labels = {model._meta.label for model in apps.get_models()}
    assert LEFT_OUT.keys() <= labels
    assert all(LEFT_OUT.values())
