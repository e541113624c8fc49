"""Services refuse an actor without the right, whatever view calls them."""

from typing import Any

import pytest

from accounts.models import User
from booking.applications.models import PassportApplication
from booking.applications.services import ApplicationData, save_application
from booking.bookings.changes import cancel_booking, mark_no_show
from booking.bookings.models import Booking
from core.errors import NotAllowed, NotFound
from notices.models import Message
from notices.services import queue_message, send_again
from offices.permissions import Right, check_right
from offices.staff.models import Role
from ops.services import send_messages_again
from tests.builders import (
    NOW,
    make_booking,
    make_office,
    make_officer,
    make_open_slot,
    make_service_type,
    make_user,
)

pytestmark = pytest.mark.django_db
DATA = ApplicationData("new", "first", "umrah", "electronic_10", {}, is_declared=True)


@pytest.fixture
def booking() -> Booking:
    make_service_type("new")
    return make_booking(make_open_slot(places=2))


def save(booking: Booking, by: User) -> PassportApplication:
    return save_application(applicant_id=booking.applicant_id, by=by, data=DATA, now=NOW)


@pytest.mark.parametrize("role", [Role.GATE, Role.COUNTER, Role.SUPERVISOR])
def test_officers_complete_applications_of_their_office(booking: Booking, role: Role) -> None:
    assert save(booking, make_officer(booking.office, role)).purpose == "umrah"


def test_nobody_else_writes_an_application(booking: Booking) -> None:
    """Control: the rows exist, and the account itself may write them."""
    elsewhere = make_officer(make_office(), Role.SUPERVISOR)
    pickup = make_officer(booking.office, Role.PICKUP)
    for by, error in ((make_user(), NotFound), (elsewhere, NotAllowed), (pickup, NotAllowed)):
        with pytest.raises(error):
            save(booking, by)
    assert not PassportApplication.objects.exists()
    assert save(booking, booking.account).pk


def test_an_officer_needs_an_open_booking_at_the_office(booking: Booking) -> None:
    gate = make_officer(booking.office, Role.GATE)
    mark_no_show(booking_id=booking.pk, now=booking.slot.ends_at)
    assert save(booking, gate).pk, "a person marked as missing may still arrive"
    other = make_booking(make_open_slot(places=1))
    cancel_booking(booking_id=other.pk, by=other.account, now=NOW)
    with pytest.raises(NotFound):
        save(other, make_officer(other.office, Role.GATE))


def waiting_message(office_code: str) -> Message:
    queue_message(
        kind="booking_kept",
        dedupe_key=f"to {office_code}",
        address="siti@contoh.id",
        language="id",
        context={"code": "ACDEFGHJKM"},
        office_code=office_code,
        now=NOW,
    )
    Message.objects.filter(office_code=office_code).update(attempts=3)
    return Message.objects.get(office_code=office_code)


def test_messages_are_sent_again_by_officers_of_their_office() -> None:
    office, other = make_office(), make_office()
    mine, theirs, national = (waiting_message(code) for code in (office.code, other.code, ""))
    supervisor = make_officer(office, Role.SUPERVISOR)
    # Reads every message, but may send only those of the own office.
    supervisor.staff_roles.create(role=Role.DATA_PROTECTION_OFFICER, valid_from="2020-01-01")
    for message in (theirs, national):
        with pytest.raises(NotAllowed):
            again(supervisor, mine, message)
    assert set(Message.objects.values_list("attempts", flat=True)) == {3}
    assert again(supervisor, mine) == 1
    assert again(make_officer(None, Role.NATIONAL), theirs, national) == 2


def again(by: User, *messages: Message) -> int:
    return send_messages_again(message_ids=[row.pk for row in messages], by=by, now=NOW)


def test_control_the_unchecked_service_sends_any_message_again() -> None:
    message = waiting_message(make_office().code)
    assert send_again(message_id=message.pk, now=NOW)
    with pytest.raises(NotAllowed):
        check_right(make_user(), Right.SEND_MESSAGES_AGAIN, office=make_office(), now=NOW)


def test_a_supervisor_with_two_roles_cannot_resend_from_the_list(client: Any) -> None:
    office, other = make_office(), make_office()
    message = waiting_message(other.code)
    supervisor = make_officer(office, Role.SUPERVISOR)
    supervisor.staff_roles.create(role=Role.DATA_PROTECTION_OFFICER, valid_from="2020-01-01")
    client.force_login(supervisor)
    data = {"action": "send_again", "_selected_action": [message.pk]}
    answer = client.post("/admin/notices/message/", data)
    assert answer.status_code == 403
    message.refresh_from_db()
    assert message.attempts == 3
