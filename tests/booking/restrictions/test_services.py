"""A no-show restricts by rule for a set time; appeals are answered, and lifting takes effect at once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from booking.bookings.changes import (
    cancel_booking,
    check_in_booking,
    end_unserved,
    mark_no_show,
)
from booking.bookings.errors import BookingChanged, NotBookable
from booking.bookings.models import Booking
from booking.bookings.services import book_at_desk
from booking.people.models import Applicant
from booking.restrictions.errors import Restricted, RestrictionOver
from booking.restrictions.models import Restriction, RestrictionEvent
from booking.restrictions.services import appeal_restriction, keep_restriction, lift_restriction
from core.errors import InvalidInput, NotAllowed, NotFound
from notices.models import Message
from offices.directory.models import Office, ServiceType
from offices.limits.models import NoShowRule
from offices.staff.models import Role
from ops.verification.services import verify
from tests.builders import (
    INSTRUMENT,
    NOW,
    SINCE,
    book_online,
    make_booking,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
    make_user,
    person_data,
)
from tests.outbox import text_of

pytestmark = pytest.mark.django_db
DAYS = 14
UNSENT = 9  # no worker runs here, so messages stay unsent


def make_rule(office: Office | None, **fields: Any) -> NoShowRule:
    values = {"no_shows": 1, "within_days": 90, "restricted_days": DAYS, "valid_from": SINCE}
    return NoShowRule.objects.create(office=office, instrument=INSTRUMENT, **(values | fields))


@pytest.fixture
def office() -> Office:
    return make_open_office(places=20)


def miss(office: Office, person: Applicant | None = None) -> Booking:
    """Book and let the day pass."""
    booking = make_booking(make_open_slot(office=office), person=person)
    return mark_no_show(booking_id=booking.pk, now=after(booking))


def after(booking: Booking) -> Any:
    return booking.slot.ends_at + timedelta(hours=6)


def book_again(booking: Booking, *, now: Any) -> Any:
    slot = make_open_slot(office=booking.office, now=now, days_from_now=1)
    return book_online(
        account_id=booking.account_id or 0,
        slot_id=slot.pk,
        applicant_ids=[booking.applicant_id],
        service_type="new",
        key=uuid4().hex,
        now=now,
    )


def supervisor(office: Office) -> User:
    return make_officer(office, Role.SUPERVISOR)


def test_a_no_show_has_no_effect_without_a_rule(office: Office) -> None:
    booking = miss(office)
    assert book_again(booking, now=after(booking)).bookings.count() == 1


def test_a_no_show_restricts_until_a_date_that_is_shown(office: Office) -> None:
    make_rule(office)
    booking = miss(office)
    with pytest.raises(Restricted) as caught:
        book_again(booking, now=after(booking))
    assert caught.value.http_status == 403
    assert INSTRUMENT in str(caught.value)
    [email] = Message.objects.filter(kind="restricted")
    assert "keberatan" in text_of(email)
    restriction = Restriction.objects.get()
    assert restriction.until_at == booking.slot.ends_at + timedelta(days=DAYS)
    over = restriction.until_at
    slot = make_open_slot(now=over)
    party = book_online(
        account_id=booking.account_id or 0,
        slot_id=slot.pk,
        applicant_ids=[booking.applicant_id],
        service_type="new",
        key="nanti",
        now=over,
    )
    assert party.bookings.count() == 1
    assert not [
        finding for finding in verify(now=over) if finding.breaches and finding.law != UNSENT
    ]


def test_a_person_is_restricted_in_every_account(office: Office) -> None:
    make_rule(office)
    booking = miss(office)
    twin = make_person(identity_number=booking.applicant.identity_number)
    with pytest.raises(NotBookable):
        make_booking(make_open_slot(office=office), person=twin, now=after(booking))


def test_a_restricted_person_can_use_the_desk(office: Office) -> None:
    make_rule(office)
    booking = miss(office)
    now = after(booking) + timedelta(hours=20)
    data = person_data(identity_number=booking.applicant.identity_number)
    desk = book_at_desk(
        office_id=office.pk,
        applicant=data,
        by=supervisor(office),
        now=now,
        service_type_id=ServiceType.objects.get(code="new").pk,
    )
    assert desk.status == "booked"


def test_cancelling_never_restricts(office: Office) -> None:
    make_rule(office)
    booking = make_booking(make_open_slot(office=office))
    assert booking.account is not None
    cancel_booking(booking_id=booking.pk, by=booking.account, now=NOW)
    assert not Restriction.objects.exists()


def test_leaving_unserved_never_restricts(office: Office) -> None:
    make_rule(office)
    booking = make_booking(make_open_slot(office=office))
    gate = make_officer(office, Role.GATE)
    check_in_booking(booking_id=booking.pk, by=gate, now=booking.slot.starts_at)
    with pytest.raises(BookingChanged):
        mark_no_show(booking_id=booking.pk, by=gate, now=after(booking))
    end_unserved(booking_id=booking.pk, why="left", by=gate, now=booking.slot.ends_at)
    assert not Restriction.objects.exists()


def test_only_the_number_of_no_shows_in_the_rule_restricts(office: Office) -> None:
    make_rule(office, no_shows=2, within_days=30)
    person = make_person()
    first = miss(office, person)
    assert not Restriction.objects.exists()
    slot = make_open_slot(office=office, now=after(first), days_from_now=1)
    second = make_booking(slot, person=person, now=after(first))
    mark_no_show(booking_id=second.pk, now=after(second))
    assert Restriction.objects.get().booking_id == second.pk


def test_correcting_a_no_show_ends_the_restriction(office: Office) -> None:
    make_rule(office)
    booking = miss(office)
    gate = make_officer(office, Role.GATE)
    check_in_booking(booking_id=booking.pk, by=gate, now=after(booking))
    assert Restriction.objects.get().lifted_at == after(booking)


def test_an_accepted_appeal_ends_the_restriction_at_once(office: Office) -> None:
    make_rule(office)
    booking = miss(office)
    now, owner = after(booking), booking.account
    assert owner is not None
    pk = Restriction.objects.get().pk
    appeal_restriction(restriction_id=pk, text="Anak saya  masuk rumah sakit", by=owner, now=now)
    with pytest.raises(RestrictionOver):
        appeal_restriction(restriction_id=pk, text="Sekali lagi", by=owner, now=now)
    lift_restriction(restriction_id=pk, reason="Surat dokter", by=supervisor(office), now=now)
    assert book_again(booking, now=now).bookings.count() == 1
    [email] = Message.objects.filter(kind="restriction_answered")
    assert "Surat dokter" in text_of(email)
    kinds = list(RestrictionEvent.objects.values_list("kind", flat=True))
    assert kinds == ["made", "appealed", "lifted"]
    assert not [
        finding for finding in verify(now=now) if finding.breaches and finding.law != UNSENT
    ]


def test_a_rejected_appeal_leaves_the_restriction(office: Office) -> None:
    make_rule(office)
    booking = miss(office)
    now, owner = after(booking), booking.account
    assert owner is not None
    pk = Restriction.objects.get().pk
    answer: dict[str, Any] = {"restriction_id": pk, "by": supervisor(office), "now": now}
    with pytest.raises(RestrictionOver):
        keep_restriction(reason="Belum ada keberatan", **answer)
    appeal_restriction(restriction_id=pk, text="Lupa", by=owner, now=now)
    with pytest.raises(InvalidInput):
        keep_restriction(reason=" ", **answer)
    keep_restriction(reason="Lupa bukan alasan", **answer)
    with pytest.raises(Restricted):
        book_again(booking, now=now)
    assert "Lupa bukan alasan" in text_of(Message.objects.get(kind="restriction_answered"))


def test_only_the_person_appeals_and_only_the_supervisor_answers(office: Office) -> None:
    make_rule(office)
    booking = miss(office)
    now, pk = after(booking), Restriction.objects.get().pk
    with pytest.raises(NotFound):
        appeal_restriction(restriction_id=pk, text="Bukan saya", by=make_user(), now=now)
    for someone in (make_officer(office, Role.COUNTER), supervisor(make_open_office())):
        with pytest.raises(NotAllowed):
            lift_restriction(restriction_id=pk, reason="Teman", by=someone, now=now)


def test_the_text_of_an_appeal_is_encrypted(office: Office) -> None:
    make_rule(office)
    booking = miss(office)
    assert booking.account is not None
    pk = Restriction.objects.get().pk
    appeal_restriction(restriction_id=pk, text="Sakit", by=booking.account, now=after(booking))
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT appeal FROM booking_restriction")
        assert "Sakit" not in cursor.fetchone()[0]
    assert Restriction.objects.get().appeal == "Sakit"
