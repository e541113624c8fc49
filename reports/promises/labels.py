"""Names of the parts and causes of the promises."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from counters.visits.models import VisitStatus
from offices.directory.models import Stage
from reports.promises.figures import Cause

PARTS: Final[dict[str, Any]] = {
    "waiting": _("Menunggu panggilan pertama"),
    **{str(stage): stage.label for stage in Stage},
    "between": _("Di antara tahap"),
    "print": _("Dari pesanan sampai tercetak"),
    "check": _("Dari tercetak sampai diperiksa"),
    "shelf": _("Dari diperiksa sampai siap"),
}
CAUSES: Final[dict[str, Any]] = {
    "no_reason": _("sebab belum dicatat"),
    "still_here": _("masih menunggu"),
    str(VisitStatus.LEFT): _("pergi sebelum dilayani, sesudah dua jam"),
    str(VisitStatus.UNSERVED): _("belum terlayani sampai tutup"),
}
VERDICTS: Final[dict[str, Any]] = {
    "few": _("belum cukup untuk dibandingkan"),
    "as_expected": _("sesuai perkiraan"),
    "longer": _("lebih lama daripada perkiraan"),
    "shorter": _("lebih singkat daripada perkiraan"),
}


def cause_name(cause: Cause) -> str:
    """Return the cause in the reader's language: a reason from the list, or one of our own."""
    return cause.reason or str(CAUSES.get(cause.code, CAUSES["no_reason"]))
