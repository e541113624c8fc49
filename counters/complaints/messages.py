"""The message with the answer to a complaint."""

import datetime as dt
from typing import Final

from django.utils.translation import gettext as _

from counters.complaints.models import Complaint
from notices.kinds import Action, Context, MessageKind, page_url, register
from notices.services import queue_message

ANSWERED: Final = frozenset({"office", "made_at", "is_founded", "answer"})


def queue_complaint_answered(complaint: Complaint, *, now: dt.datetime) -> None:
    """Queue the answer for the address that the complaint gave, if it gave one.

    The number is not in the message: it would let every reader of the mailbox see the complaint.
    """
    if not complaint.address:
        return
    queue_message(
        kind="complaint_answered",
        dedupe_key=f"complaint_answered:{complaint.pk}",
        address=complaint.address,
        language=complaint.language,
        context={
            "office": complaint.office.snapshot(),
            "made_at": complaint.made_at,
            "is_founded": bool(complaint.is_founded),
            "answer": complaint.answer,
        },
        about_type="complaint",
        about_id=complaint.pk,
        office_code=complaint.office.code,
        now=now,
    )


def _after_answer(_context: Context) -> Action:
    return _("Lihat pengaduan Anda"), page_url("feedback:complaint_follow")


register(MessageKind(name="complaint_answered", keys=ANSWERED, action=_after_answer))
