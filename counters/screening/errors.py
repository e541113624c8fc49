"""Errors of the check at the gate."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class ScreeningNeeded(DomainError):
    """A protocol is in force, and the person has not passed its check today."""

    code = "screening_needed"
    http_status = 409
    message = _("Pemeriksaan di gerbang belum dilakukan. Periksa dahulu, lalu catat hadir.")


class WaitsForTaskForce(ScreeningNeeded):
    """The person was referred and the task force has not decided yet."""

    code = "waits_for_task_force"
    message = _("Orang ini menunggu keputusan Satgas. Ia dapat dicatat hadir setelah diizinkan.")


class NoScreening(DomainError):
    """No protocol with checks is in force today."""

    code = "no_screening"
    http_status = 409
    message = _("Hari ini kantor ini tidak memeriksa orang di gerbang. Catat hadir seperti biasa.")


class AlreadyScreened(DomainError):
    """Another officer, or another tab, has recorded the result."""

    code = "already_screened"
    http_status = 409
    message = _(
        "%(officer)s sudah mencatat hasilnya pukul %(time)s: %(outcome)s. Isian Anda tidak disimpan."
    )
