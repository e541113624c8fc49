"""What a person still has to do before the visit. "Ready" is shown only if nothing is left."""

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from booking.applications.documents import document_text
from booking.applications.models import PassportApplication
from booking.applications.requirements import Age, asks_issued, is_for_adults
from booking.applications.services import REASONS_BY_ISSUE
from booking.people.guardians import has_guardian_consent, is_minor
from booking.people.models import Applicant
from core.formats import day_long
from offices.directory.models import ServiceType


@dataclass(frozen=True)
class Missing:
    """One thing that is missing, and the page where it can be done."""

    text: str
    url: str


def missing_for(
    person: Applicant,
    service: ServiceType,
    application: PassportApplication | None,
    *,
    day: dt.date,
    now: dt.datetime,
) -> list[Missing]:
    """Return what is missing for a visit on a day; an empty list means that the person is ready."""
    address = reverse("booking:application_for", args=[person.pk, service.code])
    missing = []
    if is_minor(person.birth_date, now=now) and not has_guardian_consent(person.pk):
        text = _("Persetujuan orang tua atau wali belum diberikan.")
        missing.append(Missing(text, reverse("booking:person", args=[person.pk])))
    if application is None:
        return [*missing, Missing(_("Permohonan belum diisi."), address)]
    application.applicant, application.service_type = person, service
    missing += [
        Missing(text, f"{address}?step={step}") for text, step in _open_answers(application, day)
    ]
    rest = application.missing_documents(day)
    if rest:
        names = ", ".join(document_text(row) for row in rest)
        text = _("Berkas belum siap: %(names)s.") % {"names": names}
        missing.append(Missing(text, f"{address}?step=documents"))
    return missing


def _open_answers(application: PassportApplication, day: dt.date) -> list[tuple[str, str]]:
    """Return sentences about answers that are missing or do not fit the day, each with its question."""
    facts = application.circumstances(day)
    until = application.permit_until
    is_passport = application.service_type.makes_passport
    checks = [
        (
            facts.age == Age.CHILD and is_for_adults(application.product),
            _("Paspor 10 tahun tidak tersedia pada umur ini; pilih paspor 5 tahun."),
            "product",
        ),
        (
            facts.age == Age.CHILD and not application.parents,
            _("Data orang tua atau wali belum diisi."),
            "parents",
        ),
        (
            asks_issued(facts.age, facts.reason, reasons=REASONS_BY_ISSUE)
            and not application.issued,
            _("Anda belum mengisi kapan paspor lama diterbitkan."),
            "issued",
        ),
        (
            not is_passport and not application.permit,
            _("Jenis izin tinggal belum diisi."),
            "permit",
        ),
        (
            until is not None and until < day,
            _("Izin tinggal habis %(day)s, sebelum jadwal ini. Pilih jadwal yang lebih awal.")
            % {"day": day_long(until) if until else ""},
            "permit_until",
        ),
    ]
    return [(text, step) for is_open, text, step in checks if is_open]
