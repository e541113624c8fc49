"""Writes of an account's people."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.people.errors import LockedByBooking, TooManyPeople
from booking.people.identity import (
    clean_nik,
    clean_passport_number,
    clean_phone,
    countries,
    read_nik,
)
from booking.people.models import ERASED_BIRTH_DATE, Applicant, Sex
from booking.statuses import LIVE
from core.clock import local_day
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import InvalidInput, NotFound
from core.names import clean_name

PEOPLE_LIMIT: Final = 20
OLDEST_YEARS: Final = 120
NAME_LENGTH: Final = 120
Kind = Applicant.IdentityKind


@dataclass(frozen=True)
class ApplicantData:
    """A person as entered. With a NIK the nationality is always Indonesian."""

    full_name: str
    birth_date: dt.date
    sex: str
    identity_number: str
    identity_kind: str = Kind.NIK
    nationality: str = "ID"
    phone: str = ""


def add_applicant(*, account_id: int, data: ApplicantData, now: dt.datetime) -> Applicant:
    """Add a person to an account. Raises InvalidInput with its fields, TooManyPeople."""
    values = checked(data, now=now)
    with busy_on_timeout(), constraints_as_errors(ONCE), transaction.atomic():
        # The number of people per account is limited, so the account's row is locked.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=account_id)
        if _people(account_id).count() >= PEOPLE_LIMIT:
            raise TooManyPeople(limit=PEOPLE_LIMIT)
        return Applicant.objects.create(account_id=account_id, created_at=now, **values)


def change_applicant(
    *, applicant_id: int, account_id: int, data: ApplicantData, now: dt.datetime
) -> Applicant:
    """Change a person. Raises NotFound, InvalidInput, and LockedByBooking for anything but the phone number."""
    values = checked(data, now=now)
    with busy_on_timeout(), constraints_as_errors(ONCE), transaction.atomic():
        person = _locked(applicant_id=applicant_id, account_id=account_id)
        changed = [name for name, value in values.items() if getattr(person, name) != value]
        if set(changed) - {"phone"}:
            _refuse_while_booked(person)
        if "person_key" in changed and person.number_confirmed_at is not None:
            values["number_confirmed_at"] = None
            changed.append("number_confirmed_at")
        for name in changed:
            setattr(person, name, values[name])
        if changed:
            person.save(update_fields=changed)
        return person


def confirm_number(*, applicant_id: int, person_key: str, now: dt.datetime) -> None:
    """Record that an officer has seen the identity card with this number.

    Nothing is recorded if the account has entered another number for the person since.
    """
    rows = Applicant.objects.filter(pk=applicant_id, person_key=person_key)
    rows.update(number_confirmed_at=now)


@transaction.atomic
def remove_applicant(*, applicant_id: int, account_id: int, now: dt.datetime) -> None:
    """Remove a person from an account; past bookings keep them. Raises NotFound, LockedByBooking."""
    person = _locked(applicant_id=applicant_id, account_id=account_id)
    _refuse_while_booked(person)
    person.removed_at = now
    person.save(update_fields=["removed_at"])


def correct_applicant(*, applicant_id: int, data: ApplicantData, now: dt.datetime) -> list[str]:
    """Correct a person's details on an officer's word, also while booked; return the changed fields.

    The identity number stays: bookings name the person by its hash. Raises NotFound, InvalidInput.
    """
    with busy_on_timeout(), transaction.atomic():
        rows = Applicant.objects.select_for_update(no_key=True)
        person = rows.filter(pk=applicant_id, erased_at__isnull=True).first()
        if person is None:
            raise NotFound
        values = checked(
            replace(
                data,
                identity_kind=person.identity_kind,
                identity_number=person.identity_number,
                nationality=person.nationality,
            ),
            now=now,
        )
        changed = [name for name, value in values.items() if getattr(person, name) != value]
        for name in changed:
            setattr(person, name, values[name])
        if changed:
            person.save(update_fields=changed)
        return changed


def erase_identity_numbers(*, applicant_ids: Iterable[int]) -> None:
    """Erase the identity numbers of people; their keyed hashes stay."""
    Applicant.objects.filter(pk__in=applicant_ids).update(identity_number="")


def erase_people(*, applicant_ids: Iterable[int], now: dt.datetime) -> None:
    """Erase everything that describes these people. The rows and their keyed hashes stay."""
    rows = Applicant.objects.filter(pk__in=applicant_ids)
    rows.filter(removed_at__isnull=True).update(removed_at=now)
    rows.update(
        full_name="",
        identity_number="",
        birth_date=ERASED_BIRTH_DATE,
        sex="",
        phone="",
        nik_differs=False,
        restricted_at=None,
        erased_at=now,
    )


def restrict_processing(*, applicant_ids: Iterable[int], now: dt.datetime) -> None:
    """Keep these people's data without using them: no new booking, no erasure."""
    rows = Applicant.objects.filter(pk__in=applicant_ids, erased_at__isnull=True)
    rows.filter(restricted_at__isnull=True).update(restricted_at=now)


def end_restriction_of_processing(*, applicant_ids: Iterable[int]) -> None:
    """Use these people's data again."""
    Applicant.objects.filter(pk__in=applicant_ids).update(restricted_at=None)


def data_of(person: Applicant) -> ApplicantData:
    """Return a stored person as input data, so that a partial change can be merged into it."""
    return ApplicantData(
        **{field.name: getattr(person, field.name) for field in fields(ApplicantData)}
    )


def checked(data: ApplicantData, *, now: dt.datetime) -> dict[str, Any]:
    """Return the validated column values of a person. Raises InvalidInput with every invalid field."""
    typed = vars(data)
    mistakes = mistakes_in(typed, now=now)
    if mistakes:
        raise InvalidInput(fields=mistakes)
    is_nik = data.identity_kind == Kind.NIK
    values = {
        **typed,
        "full_name": clean_name(data.full_name),
        "identity_number": _number_rule(data.identity_kind)(data.identity_number),
        "nationality": "ID" if is_nik else data.nationality.upper(),
        "phone": clean_phone(data.phone),
    }
    values["person_key"] = Applicant.key_for(
        kind=data.identity_kind, nationality=values["nationality"], number=values["identity_number"]
    )
    values["nik_differs"] = is_nik and read_nik(values["identity_number"]).needs_checking(
        birth_date=data.birth_date, is_woman=data.sex == Sex.FEMALE
    )
    return values


def mistakes_in(typed: Mapping[str, Any], *, now: dt.datetime) -> dict[str, list[Any]]:
    """Return errors by field name for the given fields only; absent fields are not required."""
    kind = typed.get("identity_kind", Kind.NIK)
    today = local_day(now, settings.TIME_ZONE)
    rules: dict[str, Callable[[Any], Any]] = {
        "full_name": _checked_name,
        "identity_kind": _checked_kind,
        "identity_number": _number_rule(kind),
        "nationality": lambda code: _checked_nationality(code, kind=kind),
        "birth_date": lambda born: _checked_birth_date(born, today=today),
        "sex": _checked_sex,
        "phone": clean_phone,
    }
    mistakes: dict[str, list[Any]] = {}
    for name, value in typed.items():
        try:
            rules[name](value)
        except ValueError as error:
            mistakes[name] = [str(error)]
    return mistakes


def _number_rule(kind: str) -> Callable[[str], str]:
    return clean_nik if kind == Kind.NIK else clean_passport_number


def _checked_name(text: str) -> None:
    if len(clean_name(text)) > NAME_LENGTH:
        raise ValueError(_("Nama paling panjang 120 karakter. Singkat nama tengahnya."))


def _checked_kind(kind: str) -> None:
    if kind not in Kind.values:
        raise ValueError(_("Pilih NIK atau paspor asing."))


def _checked_nationality(code: str, *, kind: str) -> None:
    if kind == Kind.PASSPORT and code.upper() not in countries():
        raise ValueError(_("Pilih negara penerbit paspor, dua huruf seperti MY atau AU."))


def _checked_birth_date(born: dt.date, *, today: dt.date) -> None:
    if born > today:
        raise ValueError(_("Tanggal lahir ini belum lewat. Periksa tahunnya."))
    if born.year < today.year - OLDEST_YEARS:
        raise ValueError(_("Tanggal lahir ini lebih dari 120 tahun lalu. Periksa tahunnya."))


def _checked_sex(sex: str) -> None:
    if sex not in Sex.values:
        raise ValueError(_("Pilih perempuan atau laki-laki, seperti di dokumen identitas."))


def _already_listed() -> InvalidInput:
    text = _("Nomor ini sudah ada di daftar Anda. Pilih orang itu dari daftar.")
    return InvalidInput(fields={"identity_number": [text]})


ONCE: Final = {"applicant_once_an_account": _already_listed}


def _people(account_id: int) -> Any:
    return Applicant.objects.filter(account_id=account_id, removed_at__isnull=True)


def _locked(*, applicant_id: int, account_id: int) -> Applicant:
    person: Applicant | None = (
        _people(account_id).select_for_update(no_key=True).filter(pk=applicant_id).first()
    )
    if person is None:
        raise NotFound
    return person


def _refuse_while_booked(person: Applicant) -> None:
    if person.bookings.filter(status__in=LIVE).exists():
        raise LockedByBooking
