"""A passport: ordered at the interview, due in working days, printed, checked, ready, handed over."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from core import status
from core.db import constraints_as_errors
from core.errors import InvalidInput
from counters.errors import NoDriveThru
from counters.models import BookStatus, PassportBook, Pickup, StageRun, Visit
from counters.services.messages import tell_ready
from counters.services.moves import already_handed_over, lock_book, move_book, required_reason
from offices.models import Stage
from offices.permissions import Right, check_right
from offices.selectors import add_working_days, admission_on

NAME_LENGTH = 120
EVIDENCE_LENGTH = 200


def order_book(visit: Visit, *, by: User, now: datetime) -> PassportBook:
    """Order the passport of a finished visit, inside the caller's transaction.

    Due are the service's working days (4, by the ministry's standard) from the interview.
    """
    service = visit.booking.service_type
    days = service.due_working_days
    due_on = None
    if days is not None:
        due_on = add_working_days(visit.office, _interview_day(visit, now=now), days)
    book = PassportBook(
        visit=visit,
        applicant=visit.booking.applicant,
        service_type=service,
        office=visit.office,
        ordered_at=now,
        due_on=due_on,
    )
    return status.create(book, by=by, now=now)


def mark_printed(*, book_id: int, by: User, now: datetime) -> PassportBook:
    """The booklet has come out of the printer."""
    with transaction.atomic():
        book = _lock_for_production(book_id, by=by, now=now)
        return move_book(book, to=BookStatus.PRINTED, by=by, now=now, printed_at=now)


def mark_misprinted(*, book_id: int, reason: str, by: User, now: datetime) -> PassportBook:
    """The booklet is spoiled: it goes back to be printed again."""
    reason = required_reason(reason)
    with transaction.atomic():
        return move_book(
            _lock_for_production(book_id, by=by, now=now),
            to=BookStatus.ORDERED,
            by=by,
            now=now,
            reason=reason,
            printed_at=None,
        )


def mark_checked(*, book_id: int, by: User, now: datetime) -> PassportBook:
    """Somebody compared the booklet with the file."""
    with transaction.atomic():
        book = _lock_for_production(book_id, by=by, now=now)
        return move_book(book, to=BookStatus.CHECKED, by=by, now=now, checked_at=now)


def mark_ready(*, book_id: int, by: User, now: datetime) -> PassportBook:
    """The passport lies at the pickup desk; its owner is told."""
    with transaction.atomic():
        book = _lock_for_production(book_id, by=by, now=now)
        move_book(book, to=BookStatus.READY, by=by, now=now, ready_at=now)
        tell_ready(book, now=now)
        return book


def hand_over(
    *,
    book_id: int,
    collector_name: str,
    right: str,
    evidence: str,
    where: str,
    by: User,
    now: datetime,
) -> Pickup:
    """Hand a passport to somebody with a recorded right to it, once (law 8).

    Raises InvalidInput, BookChanged, AlreadyHandedOver, NoDriveThru, NotFound.
    """
    with transaction.atomic():
        book = lock_book(book_id)
        check_right(by, Right.HAND_OVER_PASSPORTS, office=book.office, now=now)
        once = {"counters_pickup_book_id_key": lambda: already_handed_over(book)}
        if right == Pickup.Right.SELF:
            collector_name = book.applicant.full_name
        name, seen = _checked_collector(collector_name, right=right, evidence=evidence, where=where)
        _require_lane(book, where=where, now=now)
        with constraints_as_errors(once), transaction.atomic():
            move_book(book, to=BookStatus.HANDED_OVER, by=by, now=now)
            return Pickup.objects.create(
                book=book,
                collector_name=name,
                right=right,
                evidence=seen,
                where=where,
                by=by,
                at=now,
            )


def _lock_for_production(book_id: int, *, by: User, now: datetime) -> PassportBook:
    book = lock_book(book_id)
    check_right(by, Right.PRODUCE_PASSPORTS, office=book.office, now=now)
    return book


def _interview_day(visit: Visit, *, now: datetime) -> date:
    runs = StageRun.objects.filter(
        visit__booking_id=visit.booking_id, stage=Stage.INTERVIEW, result=StageRun.Result.DONE
    )
    return visit.office.local_day(runs.aggregate(at=Max("ended_at"))["at"] or now)


def _checked_collector(name: str, *, right: str, evidence: str, where: str) -> tuple[str, str]:
    name, evidence = " ".join(name.split()), " ".join(evidence.split())
    fields: dict[str, list[str]] = {}
    if right not in Pickup.Right.values:
        fields["right"] = [
            _("Pilih hak pengambil: pemilik, keluarga satu KK, atau pemegang surat kuasa.")
        ]
    if where not in Pickup.Where.values:
        fields["where"] = [_("Pilih tempat penyerahan.")]
    if not name or len(name) > NAME_LENGTH:
        fields["collector_name"] = [
            _("Tulis nama pengambil seperti di KTP, paling panjang 120 huruf.")
        ]
    if not evidence or len(evidence) > EVIDENCE_LENGTH:
        fields["evidence"] = [
            _("Tulis bukti yang Anda lihat, misalnya KTP asli, KK asli, atau surat kuasa.")
        ]
    if fields:
        raise InvalidInput(_("Penyerahan belum tercatat. Lengkapi isian di bawah."), fields=fields)
    return name, evidence


def _require_lane(book: PassportBook, *, where: str, now: datetime) -> None:
    if where != Pickup.Where.DRIVE_THRU:
        return
    admission = admission_on(book.office, book.office.local_day(now))
    if admission is None or not admission.has_drive_thru:
        raise NoDriveThru
