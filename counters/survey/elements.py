"""The nine elements of the satisfaction survey and its index (Permenpan RB 14/2017). Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

# Name of the column: element, question, and the four answers from 1 to 4.
ELEMENTS: Final = {
    "requirements": (
        _("Persyaratan"),
        _("Apakah persyaratannya sesuai dengan jenis pelayanannya?"),
        (_("tidak sesuai"), _("kurang sesuai"), _("sesuai"), _("sangat sesuai")),
    ),
    "procedure": (
        _("Prosedur"),
        _("Apakah prosedurnya mudah?"),
        (_("tidak mudah"), _("kurang mudah"), _("mudah"), _("sangat mudah")),
    ),
    "time": (
        _("Waktu"),
        _("Apakah Anda dilayani dengan cepat?"),
        (_("tidak cepat"), _("kurang cepat"), _("cepat"), _("sangat cepat")),
    ),
    "fee": (
        _("Biaya"),
        _("Apakah biayanya wajar?"),
        (_("tidak wajar"), _("kurang wajar"), _("wajar"), _("sangat wajar")),
    ),
    "product": (
        _("Hasil"),
        _("Apakah hasilnya sesuai dengan yang dijanjikan?"),
        (_("tidak sesuai"), _("kurang sesuai"), _("sesuai"), _("sangat sesuai")),
    ),
    "competence": (
        _("Kemampuan petugas"),
        _("Apakah petugasnya mampu melayani Anda?"),
        (_("tidak mampu"), _("kurang mampu"), _("mampu"), _("sangat mampu")),
    ),
    "conduct": (
        _("Perilaku petugas"),
        _("Apakah petugasnya sopan dan ramah?"),
        (_("tidak sopan"), _("kurang sopan"), _("sopan"), _("sangat sopan")),
    ),
    "complaints": (
        _("Penanganan pengaduan"),
        _("Apakah pengaduan dan saran ditangani dengan baik?"),
        (_("tidak baik"), _("kurang baik"), _("baik"), _("sangat baik")),
    ),
    "facilities": (
        _("Sarana dan prasarana"),
        _("Apakah tempat dan fasilitasnya baik?"),
        (_("tidak baik"), _("kurang baik"), _("baik"), _("sangat baik")),
    ),
}
LOWEST: Final = 1
HIGHEST: Final = 4
# Lowest index of each class.
GRADES: Final = (("A", 88.31), ("B", 76.61), ("C", 65.00), ("D", 25.00))


def index_of(means: Sequence[float]) -> float:
    """Return the satisfaction index, 25 to 100: the mean of the nine element means times 25."""
    if len(means) != len(ELEMENTS):
        raise ValueError("the index needs the mean of each element")
    return round(sum(means) / len(means) * 25, 2)


def grade_of(index: float) -> str:
    """Return the class of an index, A to D."""
    return next(grade for grade, lowest in GRADES if index >= lowest)


def faults_of(scores: Mapping[str, int]) -> list[str]:
    """Return the elements without a score from 1 to 4."""
    return [name for name in ELEMENTS if not LOWEST <= scores.get(name, 0) <= HIGHEST]
