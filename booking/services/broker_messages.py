"""Messages about missed hours and contested identity numbers. None of them names the other party."""

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.models import User
from booking.models import Booking, Contest, ContestStatus, Restriction, RestrictionEvent
from booking.services.messages import slot_snapshot
from notices.kinds import Action, Context, MessageKind, Row, page_url, register
from notices.models import Message
from notices.services import new_message, queue_messages
from offices.models import Office


# --- What rows hold ---------------------------------------------------------------------------------
def tell_restricted(restriction: Restriction, *, now: dt.datetime) -> None:
    """Write why online booking is restricted, until when, and how to appeal."""
    booking = restriction.booking
    if booking.account is None:
        return
    context = {
        "office": restriction.office.snapshot(),
        "slot": slot_snapshot(booking.slot, booking.office),
        "name": booking.applicant.short_name,
        "until_at": restriction.until_at,
        "instrument": restriction.instrument,
    }
    message = _message(
        "restricted",
        booking.account,
        key=f"restricted:{restriction.pk}",
        office=restriction.office,
        context=context,
        now=now,
    )
    queue_messages([message])


def tell_answered(restriction: Restriction, *, now: dt.datetime) -> None:
    """Write the supervisor's decision to those who appealed and to the account of the booking."""
    is_lifted = restriction.lifted_at is not None
    context = {
        "office": restriction.office.snapshot(),
        "is_lifted": is_lifted,
        "until_at": restriction.until_at,
        "answer": restriction.answer,
    }
    key = f"restriction_answered:{restriction.pk}:{'lifted' if is_lifted else 'kept'}"
    queue_messages(
        _message(
            "restriction_answered",
            account,
            key=f"{key}:{account.pk}",
            office=restriction.office,
            context=context,
            now=now,
        )
        for account in _concerned(restriction)
    )


def _concerned(restriction: Restriction) -> list[User]:
    accounts: dict[int, User] = {}
    appeals = restriction.history.filter(kind=RestrictionEvent.Kind.APPEALED)
    for account in [
        restriction.applicant.account,
        *(row.by for row in appeals.select_related("by")),
    ]:
        if account is not None:
            accounts[account.pk] = account
    return list(accounts.values())


def tell_contested(contest: Contest, *, now: dt.datetime) -> None:
    """Write to the account that contests what to bring, and to the holder that the number is contested."""
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
    holder = contest.booking.account
    if holder is not None:
        key = f"contest_notice:{contest.pk}"
        context = {"code": contest.booking.code}
        messages.append(queue("contest_notice", holder, key=key, context=context))
    queue_messages(messages)


def tell_taken_away(booking: Booking, contest: Contest, *, now: dt.datetime) -> None:
    """Write to the holder that the booking was released to the owner of the number."""
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


def tell_decided(contest: Contest, *, reason: str, now: dt.datetime) -> None:
    """Write to the account that contested how it ended, and to the holder when the booking stays."""
    queue = partial(_message, office=contest.office, now=now)
    messages = []
    if contest.account is not None:
        key = f"contest_decided:{contest.pk}"
        context = {"status": str(contest.status), "reason": reason}
        messages.append(queue("contest_decided", contest.account, key=key, context=context))
    holder = contest.booking.account
    # A holder who lost the booking gets `booking_released` instead.
    if holder is not None and contest.status == ContestStatus.DISMISSED:
        key = f"booking_kept:{contest.pk}"
        context = {"code": contest.booking.code}
        messages.append(queue("booking_kept", holder, key=key, context=context))
    queue_messages(messages)


def _message(
    kind: str,
    account: User,
    *,
    key: str,
    office: Office,
    context: Mapping[str, Any],
    about: Booking | None = None,
    now: dt.datetime,
) -> Message:
    return new_message(
        kind=kind,
        dedupe_key=key,
        address=account.email,
        language=account.language,
        context=context,
        about_type="booking" if about else "",
        about_id=about.pk if about else "",
        office_code=office.code,
        now=now,
    )


# --- How messages are laid out at delivery -----------------------------------------------------------
def _appeal(_context: Context) -> Action:
    return _("Ajukan keberatan"), page_url("booking:restrictions")


def _after_answer(context: Context) -> Action:
    if context["is_lifted"]:
        return _("Pilih jadwal"), page_url("booking:offices")
    return _("Lihat pembatasan"), page_url("booking:restrictions")


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
    return _("Periksa orang Anda"), page_url("booking:people")


def _choose_slot(_context: Context) -> Action:
    return _("Pilih jadwal"), page_url("booking:offices")


def _see_tickets(_context: Context) -> Action:
    return _("Tiket saya"), page_url("booking:bookings")


RESTRICTED: Final = frozenset({"office", "slot", "name", "until_at", "instrument"})
ANSWERED: Final = frozenset({"office", "is_lifted", "until_at", "answer"})
CONTESTED: Final = frozenset({"office", "name", "number"})
CODE: Final = frozenset({"code"})
register(MessageKind(name="restricted", keys=RESTRICTED, action=_appeal))
register(MessageKind(name="restriction_answered", keys=ANSWERED, action=_after_answer))
register(MessageKind(name="contest_opened", keys=CONTESTED, rows=_report_rows, action=_see_report))
register(MessageKind(name="contest_notice", keys=CODE, action=_see_ticket))
register(MessageKind(name="booking_released", keys=CODE | {"slot"}, action=_check_people))
register(MessageKind(name="contest_decided", keys=frozenset({"status", "reason"}), action=_choose_slot))
register(MessageKind(name="booking_kept", keys=CODE, action=_see_tickets))
