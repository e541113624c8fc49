"""Requests of people about their own data: made, carried out, answered, escalated.

Lock order: the account, its people, then the request.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Consent, User
from accounts.services import withdraw_consent
from booking.people.identity import clean_nik, clean_passport_number
from booking.people.models import Applicant
from booking.people.services import (
    ApplicantData,
    correct_applicant,
    end_restriction_of_processing,
    restrict_processing,
)
from core import status
from core.db import busy_on_timeout
from core.errors import InvalidInput, NotFound
from offices.directory.models import Office
from offices.permissions import Right, check_right
from offices.staff.models import Role
from offices.staff.selectors import national_staff, staff_of
from privacy.erasure.selectors import OBSTACLES, obstacles
from privacy.erasure.services import erase_accounts, erase_people
from privacy.requests.errors import NobodyHere, OfficersAccount, StillNeeded
from privacy.requests.messages import queue_answered_message, tell_due, tell_received
from privacy.requests.models import ANSWER_WITHIN, DataRequest, RequestStatus
from privacy.requests.selectors import REMIND_BEFORE, subject_of, waiting_requests

Kind = DataRequest.Kind
Way = DataRequest.Way
TEXT_LENGTH: Final = 1000
EVIDENCE_LENGTH: Final = 200
# What only an officer can do; the account page does everything else at once.
FOR_OFFICERS: Final = frozenset({Kind.CORRECT})


@dataclass(frozen=True)
class DeskIdentity:
    """The document that a person shows at the desk, and what the officer saw."""

    kind: str
    number: str
    nationality: str
    evidence: str


# --- From the account page ------------------------------------------------------------------------
def ask_for_correction(*, account: User, office_id: int, text: str, now: datetime) -> DataRequest:
    """Ask an office to correct what the account cannot. Raises InvalidInput, NotFound."""
    text = _checked_text(text)
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    with transaction.atomic():
        row = DataRequest(
            kind=Kind.CORRECT, way=Way.ACCOUNT, account=account, office=office, text=text
        )
        return _open(row, by=account, now=now)


def withdraw_request(*, request_id: int, account: User, now: datetime) -> DataRequest:
    """Withdraw an open request. Raises NotFound, RequestAnswered."""
    with transaction.atomic():
        row = DataRequest.objects.select_for_update(no_key=True).filter(pk=request_id).first()
        if row is None or row.account_id != account.pk:
            raise NotFound
        return status.move(row, to=RequestStatus.WITHDRAWN, by=account, now=now)


def record_export(*, account: User, now: datetime) -> DataRequest:
    """Record that the account downloaded its data."""
    answer = _("Salinan semua data diunduh dari halaman akun.")
    with transaction.atomic():
        return _done(account, Kind.EXPORT, answer, now=now)


def object_to_reminders(*, account: User, now: datetime) -> DataRequest:
    """Stop reminders; messages about the account's own bookings are still sent."""
    with transaction.atomic():
        withdraw_consent(user_id=account.pk, purpose=Consent.Purpose.REMINDERS, now=now)
        return _done(account, Kind.OBJECT, _objected(), now=now)


def restrict_own(*, account: User, now: datetime) -> DataRequest:
    """Keep the data of the account's people without using them, and stop reminders."""
    with busy_on_timeout(), transaction.atomic():
        ids = _locked_people(Applicant.objects.filter(account=account, erased_at__isnull=True))
        restrict_processing(applicant_ids=ids, now=now)
        withdraw_consent(user_id=account.pk, purpose=Consent.Purpose.REMINDERS, now=now)
        return _done(account, Kind.RESTRICT, _restricted(), now=now)


def resume_own(*, account: User, now: datetime) -> DataRequest:
    """Use the data of the account's people again."""
    with busy_on_timeout(), transaction.atomic():
        ids = _locked_people(Applicant.objects.filter(account=account))
        end_restriction_of_processing(applicant_ids=ids)
        return _done(account, Kind.RESUME, _resumed(), now=now)


def delete_own_person(*, account: User, applicant_id: int, now: datetime) -> DataRequest:
    """Erase one person of the account. Raises NotFound, StillNeeded, Busy."""
    with busy_on_timeout(), transaction.atomic():
        people = Applicant.objects.filter(account=account, erased_at__isnull=True)
        ids = _locked_people(people.filter(pk=applicant_id))
        if not ids:
            raise NotFound
        _refuse_if_needed(ids, now=now)
        erase_people(ids=ids, now=now)
        return _done(account, Kind.DELETE, _erased(), now=now)


def delete_own_account(*, account: User, now: datetime) -> DataRequest:
    """Erase an account with all its people. Raises OfficersAccount, StillNeeded, Busy.

    The answer goes to the address that the account had.
    """
    if account.is_staff or account.is_superuser:
        raise OfficersAccount
    with busy_on_timeout(), transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=account.pk)
        address, language = locked.email, locked.language
        people = Applicant.objects.filter(account=locked, erased_at__isnull=True)
        _refuse_if_needed(_locked_people(people), now=now)
        _close_requests(locked, now=now)
        erase_accounts(ids=[locked.pk], now=now)
        row = _done(locked, Kind.DELETE, _erased(), now=now, sends_answer=False)
        queue_answered_message(row, address=address, language=language, now=now)
        return row


def _close_requests(account: User, *, now: datetime) -> None:
    """Withdraw unanswered requests and erase the texts of earlier ones."""
    rows = DataRequest.objects.select_for_update(no_key=True).filter(account=account)
    for row in rows.filter(status=RequestStatus.OPEN).order_by("pk"):
        status.move(row, to=RequestStatus.WITHDRAWN, by=account, now=now)
    erase_texts(request_ids=list(rows.values_list("pk", flat=True)))


# --- At the desk ----------------------------------------------------------------------------------
def record_at_desk(
    *, office_id: int, kind: str, identity: DeskIdentity, text: str, by: User, now: datetime
) -> DataRequest:
    """Record the request of a person who shows their document. Raises NotAllowed, InvalidInput, NobodyHere."""
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.RECORD_DATA_REQUEST, office=office, now=now)
    key = _key_of(identity)
    if not Applicant.objects.filter(person_key=key, erased_at__isnull=True).exists():
        raise NobodyHere
    with transaction.atomic():
        row = DataRequest(
            kind=kind,
            way=Way.DESK,
            person_key=key,
            office=office,
            text=_checked_text(text, is_required=kind in FOR_OFFICERS),
            evidence=_checked_evidence(identity.evidence),
        )
        return _open(row, by=by, now=now)


def answer_request(
    *, request_id: int, is_granted: bool, answer: str, by: User, now: datetime
) -> DataRequest:
    """Carry out and answer a request, or refuse it with a reason that the person reads.

    Raises NotFound, NotAllowed, InvalidInput, StillNeeded, RequestAnswered, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        row = _answerable(request_id, by=by, now=now)
        if not is_granted or row.kind in FOR_OFFICERS:
            answer = _checked_text(answer)
        account = User.objects.get(pk=row.account_id) if row.account_id else None
        address, language = (account.email, account.language) if account else ("", "")
        if is_granted:
            done = _carry_out(row, language=language, now=now)
            answer = "\n\n".join(part for part in (done, _clean(answer)) if part)
        row = DataRequest.objects.select_for_update(no_key=True).get(pk=request_id)
        to = RequestStatus.DONE if is_granted else RequestStatus.REFUSED
        status.move(row, to=to, by=by, now=now, answer=answer, answered_at=now, answered_by=by)
        if address:
            queue_answered_message(row, address=address, language=language, now=now)
        return row


def correct_person(
    *, request_id: int, applicant_id: int, data: ApplicantData, by: User, now: datetime
) -> list[str]:
    """Correct a person of a request for correction; the history says which fields. Returns them.

    Raises NotFound, NotAllowed, InvalidInput, RequestAnswered, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        row = _answerable(request_id, by=by, now=now)
        if applicant_id not in subject_of(row).people or row.kind != Kind.CORRECT:
            raise NotFound
        changed = correct_applicant(applicant_id=applicant_id, data=data, now=now)
        if changed:
            labels = {field.name: field.verbose_name for field in Applicant._meta.fields}
            names = ", ".join(str(labels[name]) for name in sorted(changed))
            status.note(row, by=by, now=now, reason=names[:200])
        return changed


def erase_texts(*, request_ids: Iterable[int]) -> None:
    """Erase the texts of requests and answers; the fact, the time and the officer stay."""
    rows = DataRequest.objects.filter(pk__in=request_ids).exclude(status=RequestStatus.OPEN)
    rows.update(text="", answer="")


# --- Deadlines --------------------------------------------------------------------------------------
def remind_and_escalate(*, now: datetime) -> int:
    """Remind supervisors a day before a request is due, and tell those above them when it is late.

    Returns the number of requests. Each happens once, however often this runs.
    """
    rows = waiting_requests().filter(due_at__lte=now + REMIND_BEFORE)
    ids = [
        row.pk
        for row in rows
        if row.reminded_at is None or (row.due_at <= now and row.escalated_at is None)
    ]
    return sum(_remind(request_id, now=now) for request_id in ids)


@transaction.atomic
def _remind(request_id: int, *, now: datetime) -> bool:
    row = (
        DataRequest.objects.select_for_update(no_key=True, skip_locked=True)
        .filter(pk=request_id, status=RequestStatus.OPEN)
        .first()
    )
    if row is None or row.office_id is None:
        return False
    office = Office.objects.get(pk=row.office_id)
    day = office.local_day(now)
    if row.reminded_at is None:
        row.reminded_at = now
        for officer in staff_of(office, role=Role.SUPERVISOR, day=day):
            tell_due(row, officer, is_late=False, now=now)
    if row.due_at <= now and row.escalated_at is None:
        row.escalated_at = now
        above = national_staff(role=Role.DATA_PROTECTION_OFFICER, day=day)
        for officer in (*staff_of(office, role=Role.SUPERVISOR, day=day), *above):
            tell_due(row, officer, is_late=True, now=now)
    row.save(update_fields=["reminded_at", "escalated_at"])
    return True


# --- Shared ---------------------------------------------------------------------------------------
def _open(row: DataRequest, *, by: User, now: datetime) -> DataRequest:
    row.made_at, row.due_at = now, now + ANSWER_WITHIN
    status.create(row, by=by, now=now)
    tell_received(row, now=now)
    return row


def _done(
    account: User, kind: str, answer: str, *, now: datetime, sends_answer: bool = True
) -> DataRequest:
    """Record a request that was carried out at once."""
    row = DataRequest(
        kind=kind, way=Way.ACCOUNT, account=account, made_at=now, due_at=now + ANSWER_WITHIN
    )
    status.create(row, by=account, now=now)
    status.move(row, to=RequestStatus.DONE, by=account, now=now, answer=answer, answered_at=now)
    if sends_answer:
        queue_answered_message(row, address=account.email, language=account.language, now=now)
    return row


def _answerable(request_id: int, *, by: User, now: datetime) -> DataRequest:
    row = DataRequest.objects.select_related("office", "account").filter(pk=request_id).first()
    if row is None or row.office is None:
        raise NotFound
    check_right(by, Right.ANSWER_DATA_REQUEST, office=row.office, now=now)
    row.machine.check(row.status, RequestStatus.DONE)
    return row


def _carry_out(row: DataRequest, *, language: str, now: datetime) -> str:
    """Do what a request asks for; return the sentence of the answer, in the person's language."""
    ids = _locked_people(Applicant.objects.filter(pk__in=subject_of(row).people))
    if row.kind == Kind.DELETE:
        _refuse_if_needed(ids, now=now)
        erase_people(ids=ids, now=now)
    elif row.kind == Kind.RESTRICT:
        restrict_processing(applicant_ids=ids, now=now)
    elif row.kind == Kind.RESUME:
        end_restriction_of_processing(applicant_ids=ids)
    elif row.kind == Kind.OBJECT:
        people = Applicant.objects.filter(pk__in=ids, account__isnull=False)
        for account_id in people.values_list("account_id", flat=True).distinct():
            withdraw_consent(user_id=account_id, purpose=Consent.Purpose.REMINDERS, now=now)
    sentences = {
        Kind.DELETE: _erased,
        Kind.RESTRICT: _restricted,
        Kind.RESUME: _resumed,
        Kind.OBJECT: _objected,
        Kind.EXPORT: _exported,
    }
    with translation.override(language or translation.get_language()):
        return sentences[Kind(row.kind)]() if row.kind in sentences else ""


def _locked_people(people: Any) -> list[int]:
    """Lock people in the order of their ids: a booking of one of them waits, or has already finished."""
    rows = people.select_for_update(no_key=True, of=("self",)).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def _refuse_if_needed(applicant_ids: Iterable[int], *, now: datetime) -> None:
    codes = obstacles(list(applicant_ids), now=now)
    if codes:
        raise StillNeeded(obstacles=" ".join(str(OBSTACLES[code]) for code in codes))


def _key_of(identity: DeskIdentity) -> str:
    is_nik = identity.kind == Applicant.IdentityKind.NIK
    try:
        number = (clean_nik if is_nik else clean_passport_number)(identity.number)
    except ValueError as error:
        raise InvalidInput(fields={"identity_number": [str(error)]}) from None
    nationality = "ID" if is_nik else identity.nationality.strip().upper()
    return Applicant.key_for(kind=identity.kind, nationality=nationality, number=number)


def _clean(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def _checked_text(text: str, *, is_required: bool = True) -> str:
    text = _clean(text)
    if (is_required and not text) or len(text) > TEXT_LENGTH:
        sentence = gettext_lazy("Tulis penjelasannya, paling panjang 1.000 karakter.")
        raise InvalidInput(sentence, fields={"text": [sentence]})
    return text


def _checked_evidence(text: str) -> str:
    text = _clean(text)
    if not text or len(text) > EVIDENCE_LENGTH:
        sentence = gettext_lazy("Tulis dokumen yang Anda lihat, misalnya KTP asli.")
        raise InvalidInput(sentence, fields={"evidence": [sentence]})
    return text


# --- Sentences of answers -------------------------------------------------------------------------
def _erased() -> str:
    return _(
        "Yang dihapus: nama, nomor identitas, tanggal lahir, jenis kelamin, telepon, alamat surel, tujuan perjalanan, catatan wawancara, isi pesan, keberatan, dan nama pengambil paspor. Yang tetap tersimpan tanpa nama: jadwal, kunjungan, dan pembuatan paspor beserta waktunya, di bawah kode yang dihitung dengan kunci rahasia. Data itu diperlukan untuk membuktikan pembagian tempat dan penyerahan paspor menurut peraturan keimigrasian. Salinan cadangan terhapus paling lama 30 hari kemudian."
    )


def _restricted() -> str:
    return _(
        "Data tetap tersimpan tetapi tidak dipakai: tidak dapat dipakai memesan, tidak dikirimi pengingat, dan tidak dihapus menurut masa simpan sampai pembatasan ini diakhiri. Jadwal yang sudah ada tetap berlaku."
    )


def _resumed() -> str:
    return _("Pembatasan berakhir. Data dapat dipakai lagi untuk memesan.")


def _objected() -> str:
    return _("Pengingat dihentikan. Pesan tentang jadwal Anda sendiri tetap dikirim.")


def _exported() -> str:
    return _("Salinan semua data diserahkan sebagai berkas atau cetakan.")
