"""Which documents, products and fees an application needs, and that every page says the same."""

import html
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product as combinations
from typing import Any

import pytest
from django.urls import reverse
from django.utils.text import capfirst

from booking.applications.models import PassportApplication
from booking.applications.requirements import (
    Age,
    Circumstances,
    Need,
    abolished_documents,
    age_on,
    documents_for,
    price_of,
    products_for,
    years_on,
)
from booking.bookings.messages import booking_context
from booking.bookings.models import Booking
from booking.people.models import Applicant
from counters.service.selectors import document_rows
from counters.visits.models import Visit
from offices.directory.models import Fee, ServiceType
from quotas.places.models import Slot
from quotas.windows.services import prepare_windows
from tests.booking.applications.national import FEES, documents, make_services
from tests.builders import (
    NOW,
    make_booking,
    make_daily_release,
    make_office,
    make_person,
    make_policy,
)

TODAY = date(2026, 11, 30)
ADULT = {"age": Age.ADULT}
CHILD = {"age": Age.CHILD, "parents": "both"}


def codes(service: str, **facts: str) -> list[str]:
    rows = documents_for(documents(service), Circumstances(**{"day": TODAY, **facts}))
    assert all(row.need is Need.REQUIRED for row in rows)
    return [row.code for row in rows]


@pytest.mark.parametrize(
    ("born", "years", "age"),
    [
        (date(2009, 11, 30), 17, Age.ADULT),
        (date(2009, 12, 1), 16, Age.CHILD),
        (date(2008, 2, 29), 18, Age.ADULT),
        (TODAY, 0, Age.CHILD),
    ],
)
def test_an_adult_is_seventeen_or_married(born: date, years: int, age: Age) -> None:
    assert years_on(born, TODAY) == years
    assert age_on(born, TODAY) == age
    assert age_on(born, TODAY, is_married=True) == Age.ADULT


def test_a_birthday_on_29_february_counts_from_1_march() -> None:
    assert age_on(date(2008, 2, 29), date(2025, 2, 28)) == Age.CHILD
    assert age_on(date(2008, 2, 29), date(2025, 3, 1)) == Age.ADULT


@pytest.mark.parametrize(
    ("service", "facts", "expected"),
    [
        ("new", {**ADULT, "reason": "first"}, "ktp kk birth_or_marriage_or_diploma"),
        ("new", {**CHILD, "reason": "first"}, "kk birth_certificate parents_ktp"),
        (
            "new",
            {**CHILD, "reason": "first", "parents": "guardian"},
            "kk birth_certificate guardian_ktp guardianship",
        ),
        (
            "replacement",
            {**ADULT, "reason": "expired", "issued": "since_2009"},
            "ktp old_passport",
        ),
        (
            "replacement",
            {**ADULT, "reason": "expired", "issued": "before_2009"},
            "ktp old_passport kk birth_or_marriage_or_diploma",
        ),
        (
            "replacement",
            {**ADULT, "reason": "lost"},
            "ktp police_report kk birth_or_marriage_or_diploma",
        ),
        (
            "replacement",
            {**CHILD, "reason": "expired"},
            "old_passport kk birth_certificate parents_ktp",
        ),
    ],
)
def test_the_documents_of_each_case(service: str, facts: dict[str, str], expected: str) -> None:
    assert codes(service, purpose="holiday", **facts) == expected.split()


def test_a_document_that_depends_on_an_open_answer_is_not_required() -> None:
    rows = documents_for(documents("replacement"), Circumstances(day=TODAY, **ADULT))
    needs = {row.code: row.need for row in rows}
    assert needs["ktp"] is Need.REQUIRED
    assert needs["police_report"] is needs["old_passport"] is Need.DEPENDS
    assert "birth_certificate" not in needs


def test_the_umrah_letter_was_required_until_february_2023() -> None:
    rows = documents("new")
    facts = {**ADULT, "reason": "first", "purpose": "umrah"}
    then = documents_for(rows, Circumstances(day=date(2023, 2, 22), **facts))
    now = Circumstances(day=date(2023, 2, 23), **facts)
    assert "umrah_letter" in [row.code for row in then]
    assert "umrah_letter" not in [row.code for row in documents_for(rows, now)]
    assert [row.code for row in abolished_documents(rows, now)] == ["umrah_letter"]


def test_only_adults_get_ten_years_and_the_fine_is_added() -> None:
    both = ("electronic_10", "electronic_5")
    assert products_for(both, Age.CHILD) == ("electronic_5",)
    assert products_for(both, Age.ADULT) == both
    price = price_of(FEES, "electronic_5", fine="lost", surcharge="accelerated")
    assert price is not None
    assert price.total == 650_000 + 1_000_000 + 1_000_000
    assert price_of({}, "electronic_5") is None


# --- One source -----------------------------------------------------------------------------------
def cases() -> Iterator[tuple[str, dict[str, str]]]:
    """Every way through the finder, with the purposes that matter and one that does not."""
    for age, purpose in combinations(("5_12", "17_59"), ("holiday", "umrah")):
        given = {"who": "citizen", "age": age, "purpose": purpose, "hurry": "no"}
        parents = ("both", "one", "guardian") if age == "5_12" else ("",)
        for reason, responsible in combinations(
            ("first", "expired", "full", "lost", "damaged"), parents
        ):
            asks = age == "17_59" and reason in ("expired", "full")
            for issued in ("since_2009", "before_2009") if asks else ("",):
                more = {"reason": reason, "parents": responsible, "issued": issued}
                code = "new" if reason == "first" else "replacement"
                yield code, given | {name: value for name, value in more.items() if value}
    for permit in ("visit", "limited", "permanent"):
        yield "stay_permit", {"who": "foreigner", "permit": permit}


CASES = list(cases())


def listed(page: str) -> list[str]:
    """Return the list under "Yang dibawa"."""
    section = page.split("Yang dibawa</h2>", 1)[1].split("</ul>", 1)[0]
    return [html.unescape(name) for name in re.findall(r"<li><b>(.*?)</b>", section)]


@pytest.fixture
def bookings(db: None) -> dict[str, Booking]:
    """A booking of each service, at an office for citizens and foreigners."""
    services = make_services()
    office = make_office()
    office.service_types.set(services.values())
    day = office.local_day(NOW) + timedelta(days=3)
    for group in ("citizens", "foreigners"):
        make_policy(
            office,
            group=group,
            places=3,
            hours=[["08:00", "09:00"]],
            valid_from=day,
            valid_until=day,
        )
    make_daily_release(office)
    prepare_windows(office_id=office.pk, now=NOW)
    rows = {}
    for code, service in services.items():
        kind = {"identity_kind": "passport", "identity_number": "N7654321", "nationality": "MY"}
        person = make_person(**(kind if code == "stay_permit" else {}))
        slot = Slot.objects.get(office=office, group=service.group)
        rows[code] = make_booking(slot, person=person, service=code)
    return rows


def test_finder_application_message_ticket_and_counter_say_the_same(
    bookings: dict[str, Booking], client: Any, set_clock: Any
) -> None:
    set_clock(NOW)
    assert len(CASES) == 2 * (5 * 3 + 7) + 3
    for code, answers in CASES:
        booking = bookings[code]
        _apply(booking, code, answers)
        client.force_login(booking.applicant.account)
        finder = client.get(reverse("booking:finder"), answers).content.decode()
        ticket = client.get(reverse("booking:ticket", args=[booking.code])).content.decode()
        context = booking_context([booking], language="id", now=NOW)
        visit = Visit(booking=booking, day=booking.slot.day)
        application = PassportApplication.objects.get(applicant=booking.applicant)
        form = client.get(
            reverse("booking:application_for", args=[booking.applicant_id, code]),
            {"step": "check"},
        ).content.decode()
        expected = listed(finder)
        assert expected, answers
        assert listed(ticket) == expected, answers
        assert [row["name"] for row in context["documents"]] == expected, answers
        assert [row.name for row in document_rows(visit, application)] == expected, answers
        assert _on_check_page(form) == expected, answers
        fee = _fee_in_finder(finder, application.product)
        assert fee in ticket, answers
        assert fee in form, answers


def _apply(booking: Booking, code: str, answers: dict[str, str]) -> None:
    """Give the booking's person the age and the application that the finder's answers describe."""
    years = 8 if answers.get("age") == "5_12" else 30
    booking.applicant.birth_date = booking.slot.day - timedelta(days=365 * years)
    Applicant.objects.filter(pk=booking.applicant_id).update(
        birth_date=booking.applicant.birth_date
    )
    child = answers.get("age") == "5_12"
    product = (
        "stay_permit" if code == "stay_permit" else "electronic_5" if child else "electronic_10"
    )
    values = {
        "reason": answers.get("reason", "stay"),
        "purpose": answers.get("purpose", "work"),
        "product": product,
        **{name: answers.get(name, "") for name in ("issued", "parents", "permit")},
        "permit_until": booking.slot.day if code == "stay_permit" else None,
        "created_at": NOW,
        "changed_at": NOW,
    }
    row, _is_new = PassportApplication.objects.update_or_create(
        applicant=booking.applicant,
        service_type=ServiceType.objects.get(code=code),
        defaults=values,
    )
    if child:
        for position in (1, 2):
            row.responsible_adults.update_or_create(
                position=position,
                defaults={
                    "full_name": "Siti",
                    "identity_kind": "nik",
                    "identity_number": "1671054602900003",
                },
            )


def _on_check_page(page: str) -> list[str]:
    section = page.split("Yang dibawa</h2>", 1)[1].split("</ul>", 1)[0]
    names = re.findall(r"<li>(.*?)(?: <span|</li>)", section, re.DOTALL)
    return [html.unescape(name.strip()) for name in names]


def _fee_in_finder(page: str, product: str) -> str:
    """Return the fee that the finder shows for a product, as other pages write it."""
    name = str(capfirst(Fee.Product(product).label))
    card = page.split(f"<h3>{name}</h3>", 1)[1]
    match = re.search(r"<p>(Rp[^<:]*)", card)
    assert match is not None
    return match[1].strip()
