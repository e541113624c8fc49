"""The message with the answer to an objection."""

import datetime as dt
from typing import Final

from django.utils.translation import gettext as _

from booking.objections.models import Objection
from notices.kinds import Action, Context, MessageKind, page_url, register
from notices.services import queue_message

ANSWERED: Final = frozenset({"office", "is_upheld", "answer"})


def queue_objection_answered(objection: Objection, *, now: dt.datetime) -> None:
    """Queue the supervisor's decision for the account that objected."""
    queue_message(
        kind="objection_answered",
        dedupe_key=f"objection_answered:{objection.pk}",
        address=objection.account.email,
        language=objection.account.language,
        context={
            "office": objection.office.snapshot(),
            "is_upheld": objection.decision == Objection.Decision.UPHELD,
            "answer": objection.answer,
        },
        about_type="objection",
        about_id=objection.pk,
        office_code=objection.office.code,
        now=now,
    )


def _after_answer(_context: Context) -> Action:
    return _("Lihat keberatan Anda"), page_url("booking:objections")


register(MessageKind(name="objection_answered", keys=ANSWERED, action=_after_answer))
