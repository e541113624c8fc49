"""Requirements of an application, by person: enforced in the service, for pages, API and officers."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from booking.applications.models import PassportApplication, ResponsibleAdult
from booking.applications.readiness import missing_for
from booking.applications.services import AdultData, ApplicationData, save_application
from booking.people.errors import GuardianConsentMissing
from booking.people.guardians import Way, give_guardian_consent
from booking.people.models import Applicant
from core.errors import InvalidInput
from offices.staff.models import Role
from tests.booking.applications.national import make_services
from tests.builders import NOW, make_booking, make_officer, make_open_slot, make_person

pytestmark = pytest.mark.django_db
MOTHER = AdultData("Siti Rahmawati", "1671 0546 0290 0003")
FATHER = AdultData("Jean-Pierre Martin", "14 AB 12345")
CHILD = {"parents": "both", "adults": (MOTHER, FATHER), "product": "electronic_5"}


@pytest.fixture(autouse=True)
def _services() -> None:
    make_services()


def make_child(years: int = 8, *, has_consent: bool = True) -> Applicant:
    person = make_person(birth_date=date(NOW.year - years, 1, 15))
    if has_consent:
        give_guardian_consent(
            applicant_id=person.pk, account_id=person.account_id, way=Way.PAGE, now=NOW
        )
    return person


def save(person: Applicant, *, by: Any = None, **changes: Any) -> PassportApplication:
    typed: dict[str, Any] = {
        "service_type": "new",
        "reason": "first",
        "purpose": "holiday",
        "product": "electronic_10",
        "is_declared": True,
    }
    data = ApplicationData(**(typed | changes))
    return save_application(applicant_id=person.pk, by=by or person.account, data=data, now=NOW)


def refused(person: Applicant, **changes: Any) -> set[str]:
    with pytest.raises(InvalidInput) as refusal:
        save(person, **changes)
    return set(refusal.value.fields)


def test_a_child_gets_no_ten_year_passport_from_anybody() -> None:
    child = make_child()
    assert refused(child, **CHILD | {"product": "electronic_10"}) == {"product"}
    booking = make_booking(make_open_slot(), person=child)
    for role in (Role.GATE, Role.COUNTER, Role.SUPERVISOR):
        assert refused(child, by=make_officer(booking.office, role)) == {"product"}
    assert save(child, **CHILD).product == "electronic_5"


def test_seventeen_or_married_is_adult() -> None:
    assert save(make_child(17)).parents == ""
    assert refused(make_child(16)) == {"product", "parents"}
    assert save(make_child(16), is_married=True).is_married
    assert "is_married" in refused(make_child(8), is_married=True)


def test_the_booked_day_decides_about_the_age() -> None:
    slot = make_open_slot()
    born = slot.day.replace(year=slot.day.year - 17)
    person = make_person(birth_date=born)
    give_guardian_consent(
        applicant_id=person.pk, account_id=person.account_id, way=Way.PAGE, now=NOW
    )
    assert "product" in refused(person)
    make_booking(slot, person=person)
    assert save(person).product == "electronic_10"


def test_both_parents_are_named_and_their_numbers_encrypted() -> None:
    child = make_child()
    assert refused(child, product="electronic_5") == {"parents"}
    one = refused(child, **CHILD | {"adults": (MOTHER,)})
    assert one == {"adult_2_name", "adult_2_number"}
    wrong = (MOTHER, AdultData("12", "?"))
    assert refused(child, **CHILD | {"adults": wrong}) == {"adult_2_name", "adult_2_number"}
    saved = save(child, **CHILD)
    rows = [(row.identity_kind, row.identity_number) for row in saved.responsible_adults.all()]
    assert rows == [("nik", "1671054602900003"), ("passport", "14AB12345")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity_number FROM booking_responsibleadult")
        assert not any("1671" in number for (number,) in cursor.fetchall())
    save(child, **CHILD | {"parents": "guardian", "adults": (MOTHER,)})
    assert ResponsibleAdult.objects.count() == 1


def test_a_child_needs_the_guardians_consent_and_everybody_the_declaration() -> None:
    with pytest.raises(GuardianConsentMissing):
        save(make_child(has_consent=False), **CHILD)
    assert refused(make_person(), is_declared=False) == {"declaration"}
    saved = save(make_person())
    assert (saved.declaration, saved.declared_at) == ("2026-1", NOW)


def test_an_officers_change_keeps_parents_and_declaration() -> None:
    child = make_child()
    save(child, **CHILD)
    booking = make_booking(make_open_slot(), person=child)
    officer = make_officer(booking.office, Role.COUNTER)
    kept = {**CHILD, "is_declared": False, "purpose": "study"}
    saved = save(child, by=officer, **kept)
    assert (saved.purpose, saved.declaration, saved.declared_at) == ("study", "2026-1", NOW)
    assert saved.responsible_adults.count() == 2


def test_a_replacement_says_when_the_old_passport_was_issued() -> None:
    person = make_person()
    typed = {"service_type": "replacement", "reason": "expired"}
    assert refused(person, **typed) == {"issued"}
    assert refused(person, **typed, issued="1998") == {"issued"}
    assert save(person, **typed, issued="before_2009").issued == "before_2009"
    assert save(person, **typed | {"reason": "lost"}, issued="before_2009").issued == ""


def make_foreigner() -> Applicant:
    return make_person(identity_kind="passport", identity_number="N1234567", nationality="MY")


STAY = {
    "service_type": "stay_permit",
    "reason": "stay",
    "purpose": "work",
    "product": "stay_permit",
}


def test_foreigners_answer_what_a_stay_permit_needs() -> None:
    person = make_foreigner()
    assert refused(person, **STAY) == {"permit", "permit_until"}
    assert refused(person, **STAY | {"purpose": "umrah"}) == {"purpose", "permit", "permit_until"}
    saved = save(person, **STAY, permit="limited", permit_until=date(2026, 12, 24))
    assert (saved.permit, saved.parents, saved.issued) == ("limited", "", "")


def test_readiness_names_what_is_missing_until_nothing_is() -> None:
    child = make_child(has_consent=False)
    service = make_services()["new"]
    day = NOW.date()

    def missing(application: PassportApplication | None) -> list[str]:
        rows = missing_for(child, service, application, day=day, now=NOW)
        return [row.text for row in rows]

    assert missing(None) == [
        "Persetujuan orang tua atau wali belum diberikan.",
        "Permohonan belum diisi.",
    ]
    give_guardian_consent(applicant_id=child.pk, account_id=child.account_id, way=Way.PAGE, now=NOW)
    saved = save(child, **CHILD, documents={"kk": True})
    assert missing(saved) == ["Berkas belum siap: Akta kelahiran anak, KTP kedua orang tua."]
    ready = {"kk": True, "birth_certificate": True, "parents_ktp": True}
    assert missing(save(child, **CHILD, documents=ready)) == []


def test_a_permit_that_ends_before_the_visit_is_named() -> None:
    person, service = make_foreigner(), make_services()["stay_permit"]
    until = NOW.date()
    saved = save(person, **STAY, permit="visit", permit_until=until)
    later = until.replace(day=until.day + 1)
    texts = [row.text for row in missing_for(person, service, saved, day=later, now=NOW)]
    assert texts[0].startswith("Izin tinggal habis")
    assert not [
        row
        for row in missing_for(person, service, saved, day=until, now=NOW)
        if "Izin tinggal habis" in row.text
    ]
