"""The questions of an application, one a page: which concern a person, and which are answered."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from booking.applications.models import PassportApplication
from booking.applications.requirements import (
    Age,
    Circumstances,
    age_on,
    asks_issued,
    asks_marriage,
    documents_for,
    products_for,
    years_on,
)
from booking.applications.services import (
    ADULTS_NAMED,
    REASONS_BY_ISSUE,
    AdultData,
    ApplicationData,
    products_of,
    purposes_of,
    reasons_of,
)
from booking.people.models import Applicant
from offices.directory.models import ServiceType

Answers = Mapping[str, Any]
YES, NO = "yes", "no"
PARENTS: Final = PassportApplication.Parents
# Question -> its fields. The fields of "adults" follow from who is responsible for the child.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "marriage": ("is_married",),
    "reason": ("reason",),
    "issued": ("issued",),
    "parents": ("parents",),
    "adults": ("adult_1_name", "adult_1_number", "adult_2_name", "adult_2_number"),
    "permit": ("permit",),
    "permit_until": ("permit_until",),
    "product": ("product",),
    "purpose": ("purpose",),
    "documents": ("documents",),
}
# What officers record; they see the documents of the parents instead of asking for their numbers.
OFFICER_QUESTIONS: Final = ("marriage", "reason", "issued", "product", "purpose", "documents")


def circumstances(
    person: Applicant, service: ServiceType, day: dt.date, answers: Answers
) -> Circumstances:
    """Return what the answers so far decide about documents and products."""
    is_married = answers.get("is_married") == YES
    reasons = reasons_of(service)
    is_passport = service.makes_passport
    return Circumstances(
        day=day,
        age=str(age_on(person.birth_date, day, is_married=is_married)) if is_passport else "",
        reason=answers.get("reason") or (reasons[0] if len(reasons) == 1 else ""),
        issued=answers.get("issued", ""),
        parents=answers.get("parents", ""),
        purpose=answers.get("purpose", ""),
        permit=answers.get("permit", ""),
    )


def questions_for(
    person: Applicant, service: ServiceType, day: dt.date, answers: Answers
) -> list[str]:
    """Return the questions that concern a person, given the answers so far."""
    facts = circumstances(person, service, day, answers)
    is_passport = service.makes_passport
    is_child = facts.age == Age.CHILD
    concerned = {
        "marriage": is_passport and asks_marriage(years_on(person.birth_date, day)),
        "reason": len(reasons_of(service)) > 1,
        "issued": asks_issued(facts.age, facts.reason, reasons=REASONS_BY_ISSUE),
        "parents": is_child,
        "adults": is_child,
        "permit": not is_passport,
        "permit_until": not is_passport,
        "product": len(product_choices(service, facts)) > 1,
        "purpose": len(purposes_of(service)) > 1,
        "documents": bool(documents_for(service.documents, facts)),
    }
    return [name for name in FIELDS if concerned[name]]


def product_choices(service: ServiceType, facts: Circumstances) -> tuple[str, ...]:
    """Return the products of a service that a person of this age gets."""
    return products_for(products_of(service, facts.day), facts.age)


def fields_of(question: str, answers: Answers) -> tuple[str, ...]:
    """Return the fields of a question."""
    names = FIELDS[question]
    return (
        names[: 2 * ADULTS_NAMED.get(answers.get("parents", ""), 2)]
        if question == "adults"
        else names
    )


def is_answered(question: str, answers: Answers) -> bool:
    """True if every field of a question has an answer; no ready document is an answer too."""
    if question == "documents":
        return "documents" in answers
    return all(answers.get(name) for name in fields_of(question, answers))


def first_open(questions: Sequence[str], answers: Answers) -> str | None:
    """Return the first question without an answer, or None."""
    return next((name for name in questions if not is_answered(name, answers)), None)


def still_allowed(
    person: Applicant, service: ServiceType, day: dt.date, answers: Answers
) -> dict[str, Any]:
    """Return the answers without a product that the other answers, or the birth date, exclude."""
    choices = product_choices(service, circumstances(person, service, day, answers))
    return {name: value for name, value in answers.items() if name != "product" or value in choices}


def for_officer(person: Applicant, service: ServiceType, day: dt.date) -> list[str]:
    """Return the questions of the form at the gate, all on one page."""
    concerned = {
        "marriage": service.makes_passport and asks_marriage(years_on(person.birth_date, day)),
        "issued": service.makes_passport and len(reasons_of(service)) > 1,
    }
    return [name for name in OFFICER_QUESTIONS if concerned.get(name, True)]


def answers_of(saved: PassportApplication | None) -> dict[str, Any]:
    """Return the answers of a stored application, as the steps collect them."""
    if saved is None:
        return {}
    answers: dict[str, Any] = {
        "is_married": YES if saved.is_married else NO,
        "reason": saved.reason,
        "issued": saved.issued,
        "parents": saved.parents,
        "permit": saved.permit,
        "permit_until": saved.permit_until.isoformat() if saved.permit_until else "",
        "product": saved.product,
        "purpose": saved.purpose,
        "documents": [code for code, is_ready in saved.documents.items() if is_ready],
    }
    for adult in saved.responsible_adults.all():
        answers[f"adult_{adult.position}_name"] = adult.full_name
        answers[f"adult_{adult.position}_number"] = adult.identity_number
    return answers


def data_from(
    answers: Answers, *, service: ServiceType, day: dt.date, person: Applicant, is_declared: bool
) -> ApplicationData:
    """Return the answers as input of the service, which checks them."""
    facts = circumstances(person, service, day, answers)
    products = product_choices(service, facts)
    purposes = purposes_of(service)
    until = answers.get("permit_until") or ""
    ready = set(answers.get("documents", ()))
    needed = documents_for(service.documents, facts)
    adults = [
        AdultData(
            str(answers.get(f"adult_{position}_name", "")),
            str(answers.get(f"adult_{position}_number", "")),
        )
        for position in range(1, ADULTS_NAMED.get(facts.parents, 0) + 1)
    ]
    return ApplicationData(
        service_type=service.code,
        reason=facts.reason,
        purpose=facts.purpose or (purposes[0] if len(purposes) == 1 else ""),
        product=answers.get("product") or (products[0] if len(products) == 1 else ""),
        documents={row.code: row.code in ready for row in needed},
        is_married=answers.get("is_married") == YES,
        issued=facts.issued,
        parents=facts.parents,
        adults=adults,
        permit=facts.permit,
        permit_until=dt.date.fromisoformat(until) if until else None,
        is_declared=is_declared,
    )
