"""Making complaints, answering them, and erasing their texts."""

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.db import busy_on_timeout
from core.errors import InvalidInput, NotFound
from counters.complaints.errors import ComplaintAnswered
from counters.complaints.messages import queue_complaint_answered
from counters.complaints.models import Complaint
from offices.directory.models import Office
from offices.permissions import Right, check_right
from offices.promises import ANSWER_COMPLAINT

TEXT_LENGTH: Final = 2_000
ANSWER_LENGTH: Final = 1_000


def make_complaint(
    *, office: Office, about: str, text: str, address: str, language: str, now: dt.datetime
) -> Complaint:
    """Record a complaint; its number is enough to read the answer. Raises InvalidInput."""
    body = text.strip()
    if not body or len(body) > TEXT_LENGTH or about not in Complaint.About.values:
        sentence = _("Tulis pengaduannya, paling panjang 2.000 karakter.")
        raise InvalidInput(sentence, fields={"text": [sentence]})
    return Complaint.objects.create(
        office=office,
        about=about,
        text=body,
        address=address,
        language=language,
        made_at=now,
        answer_by=now + ANSWER_COMPLAINT,
    )


def answer_complaint(
    *, complaint_id: int, is_founded: bool, answer: str, by: User, now: dt.datetime
) -> Complaint:
    """Answer a complaint, once, and send the answer to the address, if one was given.

    Raises NotFound, NotAllowed, InvalidInput, ComplaintAnswered, Busy.
    """
    body = answer.strip()
    if not body or len(body) > ANSWER_LENGTH:
        sentence = _("Tulis jawabannya, paling panjang 1.000 karakter.")
        raise InvalidInput(sentence, fields={"answer": [sentence]})
    with busy_on_timeout(), transaction.atomic():
        rows = Complaint.objects.select_for_update(no_key=True, of=("self",))
        row = rows.select_related("office").filter(pk=complaint_id).first()
        if row is None:
            raise NotFound
        check_right(by, Right.ANSWER_COMPLAINT, office=row.office, now=now)
        if row.answered_at is not None:
            raise ComplaintAnswered
        row.is_founded, row.answer, row.answered_at, row.answered_by = is_founded, body, now, by
        row.save(update_fields=["is_founded", "answer", "answered_at", "answered_by"])
        queue_complaint_answered(row, now=now)
        return row


def erase_complaints(*, complaint_ids: Iterable[int], now: dt.datetime) -> None:
    """Erase texts, answers and addresses of complaints."""
    rows = Complaint.objects.filter(pk__in=complaint_ids, erased_at__isnull=True)
    rows.update(text="", answer="", address="", erased_at=now)
