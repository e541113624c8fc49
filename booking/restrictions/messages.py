"""Messages about restrictions after a missed booking."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.models import User
from booking.bookings.models import Booking
from booking.restrictions.models import Restriction, RestrictionEvent
from notices.kinds import Action, Context, MessageKind, page_url, register
from notices.models import Message
from notices.services import new_message, queue_messages
from offices.directory.models import Office
from quotas.places.labels import slot_snapshot

RESTRICTED: Final = frozenset({"office", "slot", "name", "until_at", "instrument"})
ANSWERED: Final = frozenset({"office", "is_lifted", "until_at", "answer"})


# --- Message contexts ------------------------------------------------------------------------------
def queue_restricted_message(restriction: Restriction, *, now: dt.datetime) -> None:
    """Queue the message about a restriction: why, until when, and how to appeal."""
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
    message = message_to(
        "restricted",
        booking.account,
        key=f"restricted:{restriction.pk}",
        office=restriction.office,
        context=context,
        now=now,
    )
    queue_messages([message])


def queue_answered_message(restriction: Restriction, *, now: dt.datetime) -> None:
    """Queue the supervisor's decision for those who appealed and for the account of the booking."""
    is_lifted = restriction.lifted_at is not None
    context = {
        "office": restriction.office.snapshot(),
        "is_lifted": is_lifted,
        "until_at": restriction.until_at,
        "answer": restriction.answer,
    }
    key = f"restriction_answered:{restriction.pk}:{'lifted' if is_lifted else 'kept'}"
    queue_messages(
        message_to(
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


def message_to(
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


# --- Rendering at delivery --------------------------------------------------------------------------
def _appeal(_context: Context) -> Action:
    return _("Ajukan keberatan"), page_url("booking:restrictions")


def _after_answer(context: Context) -> Action:
    if context["is_lifted"]:
        return _("Pilih jadwal"), page_url("booking:offices")
    return _("Lihat pembatasan"), page_url("booking:restrictions")


register(MessageKind(name="restricted", keys=RESTRICTED, action=_appeal))

register(MessageKind(name="restriction_answered", keys=ANSWERED, action=_after_answer))
