"""The documents of one person's application, for pages, messages, the gate and the counter."""

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import override

from booking.applications.models import PassportApplication
from booking.applications.requirements import (
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
