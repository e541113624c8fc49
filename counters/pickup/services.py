"""Handing over passports."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pgtrigger
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.db import constraints_as_errors
from core.errors import InvalidInput
from core.pictures import Picture
from core.retention import ERASED_TEXT
from core.scans import readings
from counters.authority.selectors import checked_letter
from counters.drive_thru.selectors import live_visit
from counters.drive_thru.services import close_visit
from counters.pickup.errors import NoDriveThru, WrongBook, WrongBookOf
from counters.pickup.models import Pickup, PickupFile
from counters.production.models import BookStatus, PassportBook
from counters.production.moves import already_handed_over, lock_book, move_book
from counters.production.selectors import BOOK_NUMBER, books_of
from offices.hours.selectors import admission_on
from offices.permissions import Right, check_right

NAME_LENGTH = 120
EVIDENCE_LENGTH = 200


def hand_over(
    *,
    book_id: int,
    book_number: str,
    collector_name: str,
    right: str,
    evidence: str,
    where: str,
    letter: Picture | None = None,
    letter_number: str = "",
    signature: Picture | None = None,
    by: User,
    now: datetime,
) -> Pickup:
    """Hand a passport over, once, to a person with a recorded right to it (law 8).

    `book_number` is scanned from the booklet in the officer's hand. Raises InvalidInput, WrongBook,
    BookChanged, AlreadyHandedOver, NoDriveThru, LetterNotValid, WrongCollector, NotFound.
    """
    with transaction.atomic():
        book = lock_book(book_id)
        check_right(by, Right.HAND_OVER_PASSPORTS, office=book.office, now=now)
        if book.status == BookStatus.READY:
            check_book_number(book, book_number)
        if right == Pickup.Right.SELF:
            collector_name = book.applicant.full_name
        collector = _checked_collector(
            collector_name, right=right, evidence=evidence, where=where, letter=letter
        )
        authority = (
            checked_letter(book, number=letter_number, collector_name=collector[0])
            if right == Pickup.Right.LETTER
            else None
        )
        _require_lane(book, where=where, now=now)
        visit = live_visit(book)
        once = {"counters_pickup_book_id_key": lambda: already_handed_over(book)}
        with constraints_as_errors(once), transaction.atomic():
            move_book(book, to=BookStatus.HANDED_OVER, by=by, now=now)
            pickup = Pickup.objects.create(
                book=book,
                collector_name=collector[0],
                right=right,
                evidence=collector[1],
                book_number=book.book_number,
                shelf=book.shelf,
                booked_for=visit.hour.starts_at if visit else None,
                authority=authority,
                where=where,
                by=by,
                at=now,
            )
        _keep_files(pickup, letter=letter, signature=signature)
        close_visit(book, collected=True, by=by, now=now)
        return pickup


def check_book_number(book: PassportBook, text: str) -> None:
    """Compare a scanned number with the passport's. Raises InvalidInput without one, WrongBook."""
    codes = readings(text)
    if not codes:
        message = _("Pindai nomor buku yang Anda pegang.")
        raise InvalidInput(message, fields={"book_number": [message]})
    if BOOK_NUMBER.fullmatch(codes[0]):
        codes = codes[:1]  # Z1234567 is a number of its own, not Y1234567 on another keyboard
    if book.book_number in codes:
        return
    other = books_of(book.office).filter(book_number__in=codes).first()
    code = book.visit.booking.code
    error = (
        WrongBookOf(code=code, other=other.visit.booking.code) if other else WrongBook(code=code)
    )
    error.fields = {"book_number": [str(error)]}
    raise error


def _keep_files(pickup: Pickup, *, letter: Picture | None, signature: Picture | None) -> None:
    files = {PickupFile.Kind.LETTER: letter, PickupFile.Kind.SIGNATURE: signature}
    for kind, picture in files.items():
        if picture is not None:
            content: Any = picture.data
            PickupFile.objects.create(
                pickup=pickup, kind=kind, content_type=picture.content_type, data=content
            )


@transaction.atomic
def erase_collectors(*, pickup_ids: Iterable[int]) -> None:
    """Erase who collected passports and what they showed. That, when and by what right stays."""
    with pgtrigger.ignore("counters.Pickup:pickup_append_only"):
        Pickup.objects.filter(pk__in=pickup_ids).update(
            collector_name=ERASED_TEXT, evidence=ERASED_TEXT
        )


def erase_files(*, file_ids: Iterable[int]) -> None:
    """Erase the content of letters and signatures. That there was one stays."""
    PickupFile.objects.filter(pk__in=file_ids).update(data=b"")


def _checked_collector(
    name: str, *, right: str, evidence: str, where: str, letter: Picture | None
) -> tuple[str, str]:
    name, evidence = " ".join(name.split()), " ".join(evidence.split())
    fields: dict[str, list[str]] = {}
    if right not in Pickup.Right.values:
        fields["right"] = [
            _(
                "Pilih status pengambil: pemilik, orang tua atau wali, keluarga, atau pemegang surat kuasa."
            )
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
    if right == Pickup.Right.LETTER and letter is None:
        fields["letter"] = [_("Foto surat kuasanya, lalu kirim foto itu.")]
    if fields:
        raise InvalidInput(_("Penyerahan belum tercatat. Lengkapi isian di bawah."), fields=fields)
    return name, evidence


def _require_lane(book: PassportBook, *, where: str, now: datetime) -> None:
    if where != Pickup.Where.DRIVE_THRU:
        return
    admission = admission_on(book.office, book.office.local_day(now))
    if admission is None or not admission.has_drive_thru:
        raise NoDriveThru
