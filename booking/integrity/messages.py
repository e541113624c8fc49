"""Messages about contested identity numbers. None of them names the other party."""

import datetime as dt
from functools import partial
from typing import Final

from django.utils.translation import gettext as _

from booking.bookings.models import Booking
from booking.integrity.models import Contest, ContestStatus
from booking.restrictions.messages import message_to as _message
from notices.kinds import Action, Context, Group, MessageKind, Row, page_url, register
from notices.services import queue_messages
from quotas.places.labels import slot_snapshot

CONTESTED: Final = frozenset({"office", "name", "number"})
CODE: Final = frozenset({"code"})


def queue_contested_message(contest: Contest, *, now: dt.datetime) -> None:
    """Tell the contesting account what to bring, and the holder that the number is contested."""
    assert contest.account is not None
    assert contest.applicant is not None
    queue = partial(_message, office=contest.office, now=now)
    messages = [
        queue(
            "contest_opened",
            contest.account,
            key=f"contest_opened:{contest.pk}",
            context={
                "office": contest.office.snapshot(),
                "name": contest.applicant.short_name,
                "number": f"S-{contest.pk}",
            },
        )
    ]
    booking = contest.booking
    if booking is not None and booking.account is not None:
        key = f"contest_notice:{contest.pk}"
        context = {"code": booking.code}
        messages.append(queue("contest_notice", booking.account, key=key, context=context))
    queue_messages(messages)


def queue_taken_away_message(booking: Booking, contest: Contest, *, now: dt.datetime) -> None:
    """Tell the holder that the booking was released to the owner of the number."""
    if booking.account is None:
        return
    message = _message(
        "booking_released",
        booking.account,
        key=f"booking_released:{booking.pk}",
        office=booking.office,
        about=booking,
        context={"code": booking.code, "slot": slot_snapshot(booking.slot, booking.office)},
        now=now,
    )
    queue_messages([message])


def queue_decided_message(contest: Contest, *, reason: str, now: dt.datetime) -> None:
    """Tell the contesting account the outcome, and the holder if the booking is kept."""
    queue = partial(_message, office=contest.office, now=now)
    messages = []
    if contest.account is not None:
        key = f"contest_decided:{contest.pk}"
        context = {"status": str(contest.status), "reason": reason}
        messages.append(queue("contest_decided", contest.account, key=key, context=context))
    booking = contest.booking
    holder = None if booking is None else booking.account
    # A holder who lost the booking gets `booking_released` instead.
    if booking and holder and contest.status == ContestStatus.DISMISSED:
        key = f"booking_kept:{contest.pk}"
        context = {"code": booking.code}
        messages.append(queue("booking_kept", holder, key=key, context=context))
    queue_messages(messages)


def _report_rows(context: Context) -> list[Row]:
    return [
        (_("Nomor laporan"), context["number"]),
        (_("Alamat"), context["office"]["address"]),
    ]


def _see_report(_context: Context) -> Action:
    return _("Lihat laporan"), page_url("booking:contests")


def _see_ticket(context: Context) -> Action:
    return _("Buka tiket"), page_url("booking:ticket", context["code"])


def _check_people(_context: Context) -> Action:
    return _("Periksa daftar orang Anda"), page_url("booking:people")


def _choose_slot(_context: Context) -> Action:
    return _("Pilih jadwal"), page_url("booking:offices")


def _see_tickets(_context: Context) -> Action:
    return _("Tiket saya"), page_url("booking:bookings")


register(MessageKind(name="contest_opened", keys=CONTESTED, rows=_report_rows, action=_see_report))

register(MessageKind(name="contest_notice", keys=CODE, action=_see_ticket))

register(
    MessageKind(
        name="booking_released", keys=CODE | {"slot"}, action=_check_people, group=Group.OFFICE
    )
)

register(
    MessageKind(name="contest_decided", keys=frozenset({"status", "reason"}), action=_choose_slot)
)

register(MessageKind(name="booking_kept", keys=CODE, action=_see_tickets))
