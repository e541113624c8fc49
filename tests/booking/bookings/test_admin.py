"""Admin lists for officers: their own office only, masked numbers, read only."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from booking.bookings.models import Booking
from offices.staff.models import Role
from tests.builders import make_booking, make_officer, make_user

pytestmark = pytest.mark.django_db
BOOKINGS = reverse("admin:booking_booking_changelist")
PEOPLE = reverse("admin:booking_applicant_changelist")


@pytest.fixture
def booking() -> Booking:
    return make_booking()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def pages_of(booking: Booking) -> list[str]:
    return [
        reverse("admin:booking_booking_change", args=[booking.pk]),
        reverse("admin:booking_applicant_change", args=[booking.applicant_id]),
    ]


@pytest.mark.parametrize("role", [Role.GATE, Role.COUNTER, Role.SUPERVISOR])
def test_officers_read_the_bookings_and_people_of_their_office(
    booking: Booking, role: Role
) -> None:
    client = signed_in(make_officer(booking.office, role))
    assert booking.code in client.get(BOOKINGS).content.decode()
    assert booking.applicant.full_name in client.get(PEOPLE).content.decode()
    for page in pages_of(booking):
        answer = client.get(page)
        assert answer.status_code == 200
        assert booking.applicant.identity_number not in answer.content.decode()


def test_officers_of_another_office_read_none_of_it(booking: Booking) -> None:
    client = signed_in(make_officer(make_booking().office, Role.SUPERVISOR))
    assert booking.code not in client.get(BOOKINGS).content.decode()
    for page in pages_of(booking):
        assert client.get(page).status_code in {302, 403, 404}


def test_the_admin_neither_changes_nor_deletes(booking: Booking) -> None:
    client = signed_in(make_officer(booking.office, Role.SUPERVISOR))
    for name, pk in (("booking", booking.pk), ("applicant", booking.applicant_id)):
        assert (
            client.post(reverse(f"admin:booking_{name}_change", args=[pk]), {}).status_code == 403
        )
        assert (
            client.post(reverse(f"admin:booking_{name}_delete", args=[pk]), {}).status_code == 403
        )
        assert client.get(reverse(f"admin:booking_{name}_add")).status_code == 403


def test_a_booking_can_be_searched_by_code_and_shows_its_history(booking: Booking) -> None:
    client = signed_in(make_officer(booking.office, Role.SUPERVISOR))
    make_booking(booking.slot)
    results = client.get(BOOKINGS, {"q": booking.code}).context["cl"].result_list
    assert list(results) == [booking]


@pytest.mark.parametrize("user", ["pickup", "applicant"])
def test_officers_without_the_right_see_no_bookings(booking: Booking, user: str) -> None:
    someone = make_officer(booking.office, Role.PICKUP) if user == "pickup" else make_user()
    client = signed_in(someone)
    for page in (BOOKINGS, PEOPLE, *pages_of(booking)):
        assert client.get(page).status_code in {302, 403}
