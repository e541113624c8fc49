"""Making objections and deciding about them."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.bookings.models import Booking, DisplacedBooking
from booking.lottery.models import DrawEntry
from booking.objections.errors import NoObjection, ObjectionDecided, ObjectionMade
from booking.objections.messages import queue_objection_answered
from booking.objections.models import Objection
from booking.objections.selectors import move_without_place
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import InvalidInput, NotFound
from offices.permissions import Right, check_right
from offices.promises import ANSWER_OBJECTION

TEXT_LENGTH: Final = 500
ANSWER_LENGTH: Final = 300
ONE_EACH: Final = {
    "booking_objection_entry_id_key": ObjectionMade,
    "booking_objection_displaced_id_key": ObjectionMade,
}
# Results of a lottery that give no place. A place that was not claimed was the account's own decision.
WITHOUT_PLACE: Final = (DrawEntry.Outcome.LOST, DrawEntry.Outcome.VOID)


def lottery_subject(*, code: str, by: User) -> DrawEntry:
    """Return the account's lottery entry without a place. Raises NotFound, NoObjection."""
    entry = DrawEntry.objects.select_related("draw__office").filter(code=code, account=by).first()
    if entry is None:
        raise NotFound
    if entry.withdrawn_at is not None or entry.outcome not in WITHOUT_PLACE:
        raise NoObjection
    return entry


def move_subject(*, code: str, by: User) -> DisplacedBooking:
    """Return the move that left the account's booking without a place. Raises NotFound, NoObjection."""
    booking = Booking.objects.select_related("office").filter(code=code, account=by).first()
    if booking is None:
        raise NotFound
    displaced = move_without_place(booking)
    if displaced is None:
        raise NoObjection
    return displaced


def object_to_lottery(*, code: str, text: str, by: User, now: dt.datetime) -> Objection:
    """Object to the result of a lottery entry of one's own, once.

    Raises NotFound, InvalidInput, NoObjection, ObjectionMade, Busy.
    """
    entry = lottery_subject(code=code, by=by)
    return _make(text, by=by, now=now, office=entry.draw.office, entry=entry)


def object_to_move(*, code: str, text: str, by: User, now: dt.datetime) -> Objection:
    """Object to a move that left a booking of one's own without a place, once.

    Raises NotFound, InvalidInput, NoObjection, ObjectionMade, Busy.
    """
    displaced = move_subject(code=code, by=by)
    return _make(text, by=by, now=now, office=displaced.booking.office, displaced=displaced)


def _make(text: str, *, by: User, now: dt.datetime, **subject: Any) -> Objection:
    body = " ".join(text.split())
    if not body or len(body) > TEXT_LENGTH:
        sentence = _("Tulis alasannya, paling panjang 500 karakter.")
        raise InvalidInput(sentence, fields={"text": [sentence]})
    with busy_on_timeout(), constraints_as_errors(ONE_EACH), transaction.atomic():
        return Objection.objects.create(
            account=by, text=body, made_at=now, answer_by=now + ANSWER_OBJECTION, **subject
        )


def decide_objection(
    *, objection_id: int, is_upheld: bool, answer: str, by: User, now: dt.datetime
) -> Objection:
    """Decide about an objection, once, and notify the account.

    Raises NotFound, NotAllowed, InvalidInput, ObjectionDecided, Busy.
    """
    body = " ".join(answer.split())
    if not body or len(body) > ANSWER_LENGTH:
        sentence = _("Tulis jawabannya, paling panjang 300 karakter: pemohon akan membacanya.")
        raise InvalidInput(sentence, fields={"answer": [sentence]})
    with busy_on_timeout(), transaction.atomic():
        rows = Objection.objects.select_for_update(no_key=True, of=("self",))
        row = rows.select_related("office", "account").filter(pk=objection_id).first()
        if row is None:
            raise NotFound
        check_right(by, Right.DECIDE_OBJECTION, office=row.office, now=now)
        if row.decision:
            raise ObjectionDecided
        decision = Objection.Decision.UPHELD if is_upheld else Objection.Decision.REJECTED
        row.decision, row.answer, row.decided_at, row.decided_by = decision, body, now, by
        row.save(update_fields=["decision", "answer", "decided_at", "decided_by"])
        queue_objection_answered(row, now=now)
        return row


def erase_objections(*, objection_ids: Iterable[int], now: dt.datetime) -> None:
    """Erase the texts of objections and of their answers."""
    rows = Objection.objects.filter(pk__in=objection_ids, erased_at__isnull=True)
    rows.update(text="", answer="", erased_at=now)
