"""The questions of the requirements finder and what its answers mean. Pure: no request, no database.

The answers are query parameters of a public address, so none of them describes one person: ages are ranges.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.applications.models import PassportApplication
from booking.applications.requirements import Age, Permit, asks_issued
from booking.applications.services import REASONS_BY_ISSUE

Reason = PassportApplication.Reason
Text = str | Promise
Answers = Mapping[str, str]
CITIZEN, FOREIGNER = "citizen", "foreigner"
YES, NO = "yes", "no"
UNDER_5, CHILD, TEENAGER, ADULT, OVER_60 = "under_5", "5_12", "13_16", "17_59", "60_over"
# The lowest age in full years of each answer, the highest first.
LOWEST_AGES: Final = ((60, OVER_60), (17, ADULT), (13, TEENAGER), (5, CHILD), (0, UNDER_5))
PRIORITY_AGES: Final = (UNDER_5, OVER_60)


@dataclass(frozen=True)
class Question:
    """One question with its answers: code and text."""

    name: str
    text: Text
    answers: Mapping[str, Text]
    hint: Text = ""


QUESTIONS: Final[Mapping[str, Question]] = {
    row.name: row
    for row in (
        Question(
            "who",
            _("Siapa yang memerlukan layanan ini?"),
            {
                CITIZEN: _("Warga negara Indonesia (WNI)"),
                FOREIGNER: _("Warga negara asing (WNA)"),
            },
        ),
        Question(
            "age",
            _("Berapa umurnya?"),
            {
                UNDER_5: _("Di bawah 5 tahun"),
                CHILD: _("5 sampai 12 tahun"),
                TEENAGER: _("13 sampai 16 tahun"),
                ADULT: _("17 sampai 59 tahun"),
                OVER_60: _("60 tahun atau lebih"),
            },
            _("Umur menentukan jenis paspor dan berkasnya."),
        ),
        Question(
            "married",
            _("Apakah sudah menikah?"),
            {NO: _("Belum menikah"), YES: _("Sudah menikah")},
        ),
        Question(
            "reason",
            _("Mengapa memerlukan paspor?"),
            {
                Reason.FIRST: _("Belum pernah punya paspor"),
                Reason.EXPIRED: _("Paspor lama habis atau akan habis masa berlakunya"),
                Reason.FULL: _("Halaman paspor penuh"),
                Reason.LOST: _("Paspor hilang"),
                Reason.DAMAGED: _("Paspor rusak"),
            },
        ),
        Question(
            "issued",
            _("Kapan paspor lama terbit?"),
            {
                PassportApplication.Issued.SINCE_2009: _("Tahun 2009 atau sesudahnya"),
                PassportApplication.Issued.BEFORE_2009: _("Sebelum tahun 2009"),
            },
            _("Tanggal terbitnya tercetak di halaman data diri."),
        ),
        Question(
            "parents",
            _("Siapa yang bertanggung jawab atas anak ini?"),
            {
                PassportApplication.Parents.BOTH: _("Kedua orang tua"),
                PassportApplication.Parents.ONE: _("Satu orang tua"),
                PassportApplication.Parents.GUARDIAN: _("Wali dengan penetapan pengadilan"),
            },
        ),
        Question(
            "permit",
            _("Izin tinggal apa yang dimiliki sekarang?"),
            {
                Permit.VISIT: _("Izin tinggal kunjungan (ITK)"),
                Permit.LIMITED: _("Izin tinggal terbatas (ITAS)"),
                Permit.PERMANENT: _("Izin tinggal tetap (ITAP)"),
            },
        ),
        Question(
            "purpose",
            _("Untuk apa perjalanannya?"),
            {
                PassportApplication.Purpose.HOLIDAY: _("Wisata"),
                PassportApplication.Purpose.UMRAH: _("Umrah atau haji"),
                PassportApplication.Purpose.WORK: _("Bekerja"),
                PassportApplication.Purpose.STUDY: _("Belajar"),
                PassportApplication.Purpose.TREATMENT: _("Berobat"),
                PassportApplication.Purpose.BUSINESS: _("Bisnis"),
                PassportApplication.Purpose.FAMILY: _("Mengunjungi keluarga"),
            },
        ),
        Question(
            "hurry",
            _("Apakah paspornya diperlukan pada hari yang sama?"),
            {NO: _("Tidak, beberapa hari kerja cukup"), YES: _("Ya, secepatnya")},
        ),
    )
}


def valid_answers(given: Mapping[str, str]) -> dict[str, str]:
    """Return the answers that belong to the questions, up to the first open question."""
    answers: dict[str, str] = {}
    for name in _sequence(answers):
        answer = given.get(name, "")
        if answer not in QUESTIONS[name].answers:
            break
        answers[name] = answer
    return answers


def open_question(answers: Answers) -> Question | None:
    """Return the next question, or None if the answers are complete."""
    return next((QUESTIONS[name] for name in _sequence(answers) if name not in answers), None)


def age_of(answers: Answers) -> str:
    """Return adult or child; empty if it is not known or does not matter."""
    if answers.get("who") == FOREIGNER or "age" not in answers:
        return ""
    is_adult = answers["age"] in (ADULT, OVER_60) or answers.get("married") == YES
    return str(Age.ADULT if is_adult else Age.CHILD)


def is_for_age(answers: Answers, years: int) -> bool:
    """True if the answers are for somebody of this age in full years, or do not depend on the age."""
    own = next((code for lowest, code in LOWEST_AGES if years >= lowest), UNDER_5)
    return answers.get("age", own) == own


def _sequence(answers: Answers) -> Iterator[str]:
    """Yield the questions in order; each depends on the answers that are there when it is reached."""
    yield "who"
    if answers.get("who") == FOREIGNER:
        yield "permit"
        return
    yield "age"
    if answers.get("age") == TEENAGER:
        yield "married"
    yield "reason"
    if asks_issued(age_of(answers), answers.get("reason", ""), reasons=REASONS_BY_ISSUE):
        yield "issued"
    if age_of(answers) == Age.CHILD:
        yield "parents"
    yield "purpose"
    yield "hurry"


def service_code(answers: Answers) -> str:
    """Return the service that complete answers lead to."""
    if answers["who"] == FOREIGNER:
        return "stay_permit"
    return "new" if answers["reason"] == Reason.FIRST else "replacement"


def application_answers(answers: Answers, product: str = "") -> dict[str, str]:
    """Return the answers in the form of an application's draft, to begin it filled in."""
    names = ("reason", "issued", "parents", "purpose", "permit")
    begun = {name: answers[name] for name in names if name in answers}
    if "married" in answers:
        begun["is_married"] = answers["married"]
    return begun | ({"product": product} if product else {})
