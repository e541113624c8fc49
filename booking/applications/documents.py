"""The documents of one person's application, for pages, messages, the gate and the counter."""

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import override

from booking.applications.models import PassportApplication
from booking.applications.requirements import (
    Age,
    Circumstances,
    Document,
    Need,
    age_on,
    documents_for,
)
from booking.applications.services import reasons_of
from booking.people.models import Applicant
from core.languages import known_language, localized, reader_language
from offices.directory.models import ServiceType


def circumstances_of(
    person: Applicant,
    service: ServiceType,
    application: PassportApplication | None,
    day: dt.date,
) -> Circumstances:
    """Return what decides about documents and products on a day, as far as it is known."""
    if application is not None:
        application.applicant, application.service_type = person, service
        return application.circumstances(day)
    reasons = reasons_of(service)
    age = str(age_on(person.birth_date, day)) if service.makes_passport else ""
    return Circumstances(day=day, age=age, reason=reasons[0] if len(reasons) == 1 else "")


def documents_of(
    person: Applicant,
    service: ServiceType,
    application: PassportApplication | None,
    day: dt.date,
) -> list[Document]:
    """Return the documents that a person brings for a service on a day, in the order of the list."""
    return documents_for(service.documents, circumstances_of(person, service, application, day))


def number_proof_of(person: Applicant) -> tuple[str, str] | None:
    """Return the proof of a NIK that differs from the person's data, and why it is needed, in the active language."""
    if not person.nik_differs:
        return None
    return _("Akta kelahiran atau kartu keluarga"), _("karena NIK perlu dicocokkan")


def cases_of(service: ServiceType, day: dt.date) -> list[tuple[str, list[Document]]]:
    """Return the usual cases of a service with their documents, for the page that lists them all."""
    reasons, issued = PassportApplication.Reason, PassportApplication.Issued
    both = str(PassportApplication.Parents.BOTH)
    if not service.makes_passport:
        return [("", documents_for(service.documents, Circumstances(day=day)))]
    if reasons_of(service) == (reasons.FIRST,):
        cases = [
            (_("Dewasa"), Circumstances(day=day, age=Age.ADULT, reason=reasons.FIRST)),
            (_("Anak"), Circumstances(day=day, age=Age.CHILD, reason=reasons.FIRST, parents=both)),
        ]
    else:
        cases = [
            (
                _("Dewasa, paspor terbit tahun 2009 atau sesudahnya"),
                Circumstances(
                    day=day, age=Age.ADULT, reason=reasons.EXPIRED, issued=issued.SINCE_2009
                ),
            ),
            (
                _("Dewasa, paspor terbit sebelum tahun 2009"),
                Circumstances(
                    day=day, age=Age.ADULT, reason=reasons.EXPIRED, issued=issued.BEFORE_2009
                ),
            ),
            (_("Dewasa, hilang"), Circumstances(day=day, age=Age.ADULT, reason=reasons.LOST)),
            (_("Dewasa, rusak"), Circumstances(day=day, age=Age.ADULT, reason=reasons.DAMAGED)),
            (
                _("Anak"),
                Circumstances(day=day, age=Age.CHILD, reason=reasons.EXPIRED, parents=both),
            ),
        ]
    return [(label, documents_for(service.documents, case)) for label, case in cases]


def document_text(document: Document, language: str | None = None) -> str:
    """Return the name of a document, and that it is optional or depends on the application."""
    code = reader_language() if language is None else known_language(language)
    name = localized(document.row, language=code)
    with override(code):
        match document.need:
            case Need.OPTIONAL:
                return _("%(name)s (bila ada)") % {"name": name}
            case Need.DEPENDS:
                return _("%(name)s (tergantung isi permohonan)") % {"name": name}
            case _other:
                return name
