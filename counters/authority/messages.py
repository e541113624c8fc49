"""The message that a letter of authority was made."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from counters.authority.models import AuthorityLetter
from notices.kinds import Action, Context, MessageKind, page_url, register
from notices.services import queue_message

MADE: Final = frozenset({"office", "code", "made_at"})


def queue_letter_message(letter: AuthorityLetter, *, now: datetime) -> None:
    """Queue the message to the account of the booking: somebody else may collect the passport.

    The collector is not named: their data are not the account holder's.
    """
    book = letter.book
    account = book.visit.booking.account
    if account is None:
        return
    queue_message(
        kind="letter_made",
        dedupe_key=f"letter_made:{letter.pk}",
        address=account.email,
        language=account.language,
        context={
            "office": book.office.snapshot(),
            "code": book.visit.booking.code,
            "made_at": letter.made_at,
        },
        about_type="book",
        about_id=book.pk,
        office_code=book.office.code,
        now=now,
    )


def _see_ticket(context: Context) -> Action:
    return _("Lihat tiket"), page_url("booking:ticket", context["code"])


register(MessageKind(name="letter_made", keys=MADE, action=_see_ticket))
