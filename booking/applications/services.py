"""Writes of passport applications, and the reasons and products a service allows."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.applications.models import ApplicationDraft, PassportApplication, ResponsibleAdult
from booking.applications.products import PASSPORTS, not_made, refused_product
from booking.applications.requirements import (
    MARRIED_FROM_YEARS,
    Age,
    age_on,
    asks_issued,
    asks_marriage,
    is_for_adults,
    years_on,
)
from booking.people.guardians import refuse_without_guardian
from booking.people.identity import clean_nik, clean_passport_number
from booking.people.models import Applicant
from booking.people.selectors import FOREIGNERS, fits
from booking.statuses import LIVE, Status
from core.clock import local_day
from core.errors import InvalidInput, NotFound
from core.names import clean_name
from core.text import compact_code
from offices.directory.models import Fee, Office, ServiceType
from offices.directory.selectors import fees_on
from offices.limits.selectors import products_on
from offices.permissions import Right, check_right, is_officer

Reason = PassportApplication.Reason
# Bookings whose office may complete the application: a person marked as missing may still arrive.
OPEN_TO_OFFICERS = (*LIVE, Status.NO_SHOW, Status.LEFT)
# Reasons for which documents depend on when the last passport was issued.
REASONS_BY_ISSUE: Final = (Reason.EXPIRED, Reason.FULL)
# How many adults are named for a child.
ADULTS_NAMED: Final[Mapping[str, int]] = {
    PassportApplication.Parents.BOTH: 2,
    PassportApplication.Parents.ONE: 1,
    PassportApplication.Parents.GUARDIAN: 1,
}
# Numbers of passports have at most nine characters (ICAO Doc 9303).
LONGEST_PASSPORT_NUMBER: Final = 9
# Version -> sentence; the last one is shown now. A changed sentence gets a new version.
DECLARATIONS: Final = {
    "2026-1": _("Saya menyatakan isian ini benar dan berkasnya asli."),
}


@dataclass(frozen=True)
class AdultData:
    """A parent or guardian as entered: the number is a NIK (16 digits) or that of a passport."""

    full_name: str
    identity_number: str


class Follow(Protocol):
    """What happens after an application was saved."""

    def __call__(self, *, application: PassportApplication, now: dt.datetime) -> None: ...


# Called after an application was saved, in its transaction. Features above register theirs.
APPLICATION_CHANGED: list[Follow] = []


@dataclass(frozen=True)
class ApplicationData:
    """An application as entered. `documents` maps a document code to whether it is available.

    `issued`, `parents`, `adults` and the permit are for those whom they concern; others leave them out. The account's
    holder sets `is_declared` when the declaration was confirmed.
    """

    service_type: str
    reason: str
    purpose: str
    product: str
    documents: Mapping[str, bool] = field(default_factory=dict)
    is_married: bool = False
    issued: str = ""
    parents: str = ""
    adults: Sequence[AdultData] = ()
    permit: str = ""
    permit_until: dt.date | None = None
    is_declared: bool = False


def save_application(
    *, applicant_id: int, by: User, data: ApplicationData, now: dt.datetime
) -> PassportApplication:
    """Create a person's application for a service, or update the existing one; its draft is deleted.

    Allowed for the person's account, and for officers of the office of their newest open booking of the service.
    The account's holder answers every question, names a child's parents and declares that the answers are true; an
    officer sees the documents instead. Raises NotFound, NotAllowed, GuardianConsentMissing for a child of the
    account without consent, and InvalidInput with its fields.
    """
    service = ServiceType.objects.select_related("group").filter(code=data.service_type).first()
    if service is None:
        raise InvalidInput(
            fields={"service_type": [_("Layanan ini tidak ada. Pilih dari daftar.")]}
        )
    with transaction.atomic():
        person = (
            Applicant.objects.select_for_update(no_key=True)
            .filter(pk=applicant_id, removed_at__isnull=True)
            .first()
        )
        if person is None:
            raise NotFound
        _check_right(person, service, by=by, now=now)
        is_own = person.account_id == by.pk
        today = local_day(now, settings.TIME_ZONE)
        booking = _live_booking(person, service)
        day = booking.slot.day if booking is not None else today
        facts = _Facts.of(data, service=service, person=person, day=day)
        if is_own and facts.is_child:
            refuse_without_guardian(people=[person], now=now)
        _check(data, facts=facts, today=today, is_own=is_own)
        if booking is not None:
            _check_office(booking, data.product)
        values = _values(data, facts, now=now) | _declared(is_own=is_own, now=now)
        application, _is_new = PassportApplication.objects.update_or_create(
            applicant=person,
            service_type=service,
            defaults=values,
            create_defaults={**values, "created_at": now},
        )
        _write_adults(application, data.adults if facts.is_child else ())
        ApplicationDraft.objects.filter(applicant=person, service_type=service).delete()
        for follow in APPLICATION_CHANGED:
            follow(application=application, now=now)
        return application


def data_of(application: PassportApplication) -> ApplicationData:
    """Return a stored application as input data, so that an officer can change a part of it."""
    return ApplicationData(
        service_type=application.service_type.code,
        reason=application.reason,
        purpose=application.purpose,
        product=application.product,
        documents=application.documents,
        is_married=application.is_married,
        issued=application.issued,
        parents=application.parents,
        adults=[
            AdultData(row.full_name, row.identity_number)
            for row in application.responsible_adults.all()
        ],
        permit=application.permit,
        permit_until=application.permit_until,
    )


def save_draft(
    *,
    applicant_id: int,
    account_id: int,
    service: ServiceType,
    answers: Mapping[str, Any],
    now: dt.datetime,
) -> None:
    """Keep the answers of an unfinished application. Raises NotFound for another account's person."""
    with transaction.atomic():
        people = Applicant.objects.select_for_update(no_key=True)
        if not people.filter(pk=applicant_id, account_id=account_id, removed_at=None).exists():
            raise NotFound
        ApplicationDraft.objects.update_or_create(
            applicant_id=applicant_id,
            service_type=service,
            defaults={"answers": json.dumps(dict(answers)), "changed_at": now},
        )


def delete_drafts(*, draft_ids: Iterable[int]) -> None:
    """Delete unfinished applications."""
    ApplicationDraft.objects.filter(pk__in=list(draft_ids)).delete()


def reasons_of(service: ServiceType) -> tuple[str, ...]:
    """Return the reasons allowed for a service."""
    if not service.makes_passport:
        return (Reason.STAY,)
    if service.code == "new":
        return (Reason.FIRST,)
    return (Reason.EXPIRED, Reason.FULL, Reason.LOST, Reason.DAMAGED)


def purposes_of(service: ServiceType) -> tuple[str, ...]:
    """Return the purposes of travel to choose from, without umrah for foreigners."""
    purposes = PassportApplication.Purpose
    hidden = {purposes.UMRAH} if service.group.code == FOREIGNERS else set()
    return tuple(str(purpose) for purpose in purposes if purpose not in hidden)


def products_of(service: ServiceType, day: dt.date) -> tuple[str, ...]:
    """Return the products of a service: those with a fee on that day, or all if no fee is known."""
    wanted = PASSPORTS if service.makes_passport else (Fee.Product.STAY_PERMIT,)
    fees = fees_on(day)
    priced = tuple(str(product) for product in wanted if product in fees)
    return priced or tuple(str(product) for product in wanted)


def check_products(*, office: Office, day: dt.date, application_ids: Sequence[int]) -> None:
    """Raise ProductNotMade if the office does not issue the product of one of the applications on that day."""
    if not application_ids or products_on(office, day) is None:
        return
    rows = PassportApplication.objects.filter(pk__in=application_ids)
    for product in rows.order_by("pk").values_list("product", flat=True):
        rule = refused_product(office, day, product)
        if rule is not None:
            raise not_made(office, rule)


def _check_right(person: Applicant, service: ServiceType, *, by: User, now: dt.datetime) -> None:
    if person.account_id == by.pk:
        return
    rows = person.bookings.filter(service_type=service, status__in=OPEN_TO_OFFICERS)
    booking = rows.select_related("office").order_by("-slot__starts_at").first()
    if booking is None or not is_officer(by):
        raise NotFound
    check_right(by, Right.BOOK_AT_DESK, office=booking.office, now=now)


def erase_applications(*, application_ids: Iterable[int]) -> None:
    """Erase purpose, documents, permit and parents. Service and product stay: places and fees need them."""
    ids = list(application_ids)
    ResponsibleAdult.objects.filter(application__in=ids).delete()
    PassportApplication.objects.filter(pk__in=ids).update(
        purpose="", documents={}, is_married=False, parents="", permit="", permit_until=None
    )


def erase_adults(*, applicant_ids: Iterable[int]) -> None:
    """Erase the parents and guardians that these people's applications name."""
    ResponsibleAdult.objects.filter(application__applicant__in=list(applicant_ids)).delete()


def _live_booking(person: Applicant, service: ServiceType) -> Any:
    rows = person.bookings.filter(service_type=service, status__in=LIVE)
    return rows.select_related("office", "slot").first()


def day_of_visit(person: Applicant, service: ServiceType, *, today: dt.date) -> dt.date:
    """Return the day that decides about the person's age: the booked day, without a booking today."""
    booking = _live_booking(person, service)
    day: dt.date = booking.slot.day if booking is not None else today
    return day


def _check_office(booking: Any, product: str) -> None:
    """A person with a live booking can only choose a product that its office issues on that day."""
    rule = refused_product(booking.office, booking.slot.day, product)
    if rule is not None:
        refusal = not_made(booking.office, rule)
        raise InvalidInput(fields={"product": [str(refusal)]})


@dataclass(frozen=True)
class _Facts:
    """What decides which questions concern a person: age on the day of the visit, service, reason."""

    service: ServiceType
    person: Applicant
    years: int
    is_child: bool
    asks_issued: bool

    @classmethod
    def of(
        cls, data: ApplicationData, *, service: ServiceType, person: Applicant, day: dt.date
    ) -> "_Facts":
        age = age_on(person.birth_date, day, is_married=data.is_married)
        return cls(
            service=service,
            person=person,
            years=years_on(person.birth_date, day),
            is_child=service.makes_passport and age == Age.CHILD,
            asks_issued=service.makes_passport
            and asks_issued(age, data.reason, reasons=REASONS_BY_ISSUE),
        )


def _values(data: ApplicationData, facts: _Facts, *, now: dt.datetime) -> dict[str, Any]:
    """Return the columns of an application. Answers to questions that do not apply stay empty."""
    documents = facts.service.documents
    is_for_foreigners = not facts.service.makes_passport
    return {
        "reason": data.reason,
        "purpose": data.purpose,
        "product": data.product,
        "documents": {row["code"]: bool(data.documents.get(row["code"])) for row in documents},
        "is_married": data.is_married and asks_marriage(facts.years),
        "issued": data.issued if facts.asks_issued else "",
        "parents": data.parents if facts.is_child else "",
        "permit": data.permit if is_for_foreigners else "",
        "permit_until": data.permit_until if is_for_foreigners else None,
        "changed_at": now,
    }


def _declared(*, is_own: bool, now: dt.datetime) -> dict[str, Any]:
    """Return the columns of the declaration; an officer's change leaves them as they are."""
    return {"declaration": current_declaration()[0], "declared_at": now} if is_own else {}


def current_declaration() -> tuple[str, Any]:
    """Return version and sentence shown now."""
    return list(DECLARATIONS.items())[-1]


def _write_adults(application: PassportApplication, adults: Sequence[AdultData]) -> None:
    application.responsible_adults.all().delete()
    ResponsibleAdult.objects.bulk_create(
        ResponsibleAdult(
            application=application,
            position=position,
            full_name=clean_name(adult.full_name),
            **_identity(adult.identity_number),
        )
        for position, adult in enumerate(adults, start=1)
    )


def check_adult_number(text: str) -> None:
    """Raise ValueError if a parent's number is neither a NIK nor the number of a passport."""
    _identity(text)


def _identity(text: str) -> dict[str, str]:
    """Return kind and number: more digits than a passport number has are a NIK. Raises ValueError."""
    digits = compact_code(text)
    if digits.isdigit() and digits.isascii() and len(digits) > LONGEST_PASSPORT_NUMBER:
        return {
            "identity_kind": str(Applicant.IdentityKind.NIK),
            "identity_number": clean_nik(text),
        }
    return {
        "identity_kind": str(Applicant.IdentityKind.PASSPORT),
        "identity_number": clean_passport_number(text),
    }


def _check(data: ApplicationData, *, facts: _Facts, today: dt.date, is_own: bool) -> None:
    mistakes = _mistakes(data, facts=facts, today=today)
    if facts.service.makes_passport:
        mistakes |= _passport_mistakes(data, facts=facts, is_own=is_own)
    else:
        mistakes |= _permit_mistakes(data, is_own=is_own)
    if is_own and not data.is_declared:
        mistakes["declaration"] = [_("Centang pernyataan bahwa isian ini benar.")]
    if mistakes:
        raise InvalidInput(fields=mistakes)


def _mistakes(data: ApplicationData, *, facts: _Facts, today: dt.date) -> dict[str, list[Any]]:
    service = facts.service
    mistakes: dict[str, list[Any]] = {}
    if not fits(facts.person, service):
        mistakes["service_type"] = [
            _("Layanan ini bukan untuk jenis identitas orang ini. Pilih layanan lain.")
        ]
    if data.reason not in reasons_of(service):
        mistakes["reason"] = [_("Alasan ini tidak berlaku untuk layanan ini. Pilih dari daftar.")]
    if data.purpose not in purposes_of(service):
        mistakes["purpose"] = [_("Pilih tujuan perjalanan dari daftar.")]
    if data.product not in products_of(service, today):
        mistakes["product"] = [
            _("Jenis paspor ini tidak tersedia untuk layanan ini. Pilih dari daftar.")
        ]
    elif facts.is_child and is_for_adults(data.product):
        mistakes["product"] = [
            _(
                "Paspor 10 tahun hanya untuk yang berusia 17 tahun ke atas atau sudah menikah. Pilih paspor 5 tahun."
            )
        ]
    if set(data.documents) - {row["code"] for row in service.documents}:
        mistakes["documents"] = [
            _("Ada berkas yang tidak diperlukan untuk layanan ini. Pilih dari daftar.")
        ]
    return mistakes


def _passport_mistakes(
    data: ApplicationData, *, facts: _Facts, is_own: bool
) -> dict[str, list[Any]]:
    mistakes: dict[str, list[Any]] = {}
    if data.is_married and not facts.is_child and facts.years < MARRIED_FROM_YEARS:
        mistakes["is_married"] = [_("Periksa tanggal lahir: orang ini masih anak-anak.")]
    is_issued_missing = is_own and facts.asks_issued and not data.issued
    if is_issued_missing or (data.issued and data.issued not in PassportApplication.Issued):
        mistakes["issued"] = [_("Pilih kapan paspor lama terbit.")]
    if facts.is_child and (is_own or data.parents):
        mistakes |= _adult_mistakes(data)
    return mistakes


def _adult_mistakes(data: ApplicationData) -> dict[str, list[Any]]:
    """Return errors about a child's parents: who they are, and the name and number of each."""
    wanted = ADULTS_NAMED.get(data.parents)
    if wanted is None:
        return {"parents": [_("Pilih siapa yang bertanggung jawab atas anak ini.")]}
    mistakes: dict[str, list[Any]] = {}
    for position in range(1, wanted + 1):
        adult = data.adults[position - 1] if position <= len(data.adults) else AdultData("", "")
        for name, check, text in (
            (f"adult_{position}_name", clean_name, adult.full_name),
            (f"adult_{position}_number", _identity, adult.identity_number),
        ):
            try:
                check(text)
            except ValueError as error:
                mistakes[name] = [str(error)]
    if len(data.adults) > wanted:
        mistakes["parents"] = [_("Ada lebih banyak nama daripada yang dipilih. Periksa isian ini.")]
    return mistakes


def _permit_mistakes(data: ApplicationData, *, is_own: bool) -> dict[str, list[Any]]:
    mistakes: dict[str, list[Any]] = {}
    if (is_own or data.permit) and data.permit not in PassportApplication.Permit:
        mistakes["permit"] = [_("Pilih jenis izin tinggal Anda sekarang.")]
    if is_own and data.permit_until is None:
        mistakes["permit_until"] = [_("Isi sampai kapan izin tinggal Anda berlaku.")]
    return mistakes
