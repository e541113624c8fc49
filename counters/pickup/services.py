"""Handing over passports."""

from collections.abc import Iterable
from datetime import datetime

import pgtrigger
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.db import constraints_as_errors
from core.errors import InvalidInput
from core.retention import ERASED_TEXT
from counters.pickup.errors import NoDriveThru
from counters.pickup.models import Pickup
from counters.production.models import BookStatus, PassportBook
from counters.production.moves import already_handed_over, lock_book, move_book
from offices.hours.selectors import admission_on
from offices.permissions import Right, check_right

NAME_LENGTH = 120
EVIDENCE_LENGTH = 200


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
    """Hand a passport over, once, to a person with a recorded right to it (law 8).

    Raises InvalidInput, BookChanged, AlreadyHandedOver, NoDriveThru, NotFound.
    """
    with transaction.atomic():
        book = lock_book(book_id)
        check_right(by, Right.HAND_OVER_PASSPORTS, office=book.office, now=now)
        once = {"counters_pickup_book_id_key": lambda: already_handed_over(book)}
        if right == Pickup.Right.SELF:
            collector_name = book.applicant.full_name
        name, checked_evidence = _checked_collector(
            collector_name, right=right, evidence=evidence, where=where
        )
        _require_lane(book, where=where, now=now)
        with constraints_as_errors(once), transaction.atomic():
            move_book(book, to=BookStatus.HANDED_OVER, by=by, now=now)
            return Pickup.objects.create(
                book=book,
                collector_name=name,
                right=right,
                evidence=checked_evidence,
                where=where,
                by=by,
                at=now,
            )


@transaction.atomic
def erase_collectors(*, pickup_ids: Iterable[int]) -> None:
    """Erase who collected passports and what they showed. That, when and by what right stays."""
    with pgtrigger.ignore("counters.Pickup:pickup_append_only"):
        Pickup.objects.filter(pk__in=pickup_ids).update(
            collector_name=ERASED_TEXT, evidence=ERASED_TEXT
        )


def _checked_collector(name: str, *, right: str, evidence: str, where: str) -> tuple[str, str]:
    name, evidence = " ".join(name.split()), " ".join(evidence.split())
    fields: dict[str, list[str]] = {}
    if right not in Pickup.Right.values:
        fields["right"] = [
            _("Pilih status pengambil: pemilik, keluarga dalam satu KK, atau pemegang surat kuasa.")
        ]
    if where not in Pickup.Where.values:
        fields["where"] = [_("Pilih tempat penyerahan.")]
    if not name or len(name) > NAME_LENGTH:
        fields["collector_name"] = [
            _("Isi nama pengambil seperti di KTP, paling panjang 120 karakter.")
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
