"""Errors of the gate."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class TooEarly(DomainError):
    """The person came before a check-in counts. The message says when to come back."""

    code = "too_early"
    http_status = 409
    message = _("Terlalu awal untuk jadwal %(hours)s. Kembali mulai pukul %(from_time)s.")

    def __init__(self, *, possible_from: str, **values: Any) -> None:
        super().__init__(**values)
        self.facts["possible_from"] = possible_from


class GraceOver(DomainError):
    """The person came after the tolerance, and this office then offers the next hours."""

    code = "grace_over"
    http_status = 409
    message = _(
        "Jadwal %(hours)s sudah lewat toleransinya (%(until)s). Pilihkan salah satu jam berikutnya."
    )


class NoPriorityHall(DomainError):
    """No hall of the office calls the priority lane for this group."""

    code = "no_priority_hall"
    http_status = 409
    message = _("Kantor ini tidak punya ruang jalur prioritas untuk layanan ini.")


class OfficialGuestNeedsSupervisor(DomainError):
    """Only a supervisor admits an official guest to the priority lane."""

    code = "official_guest_needs_supervisor"
    http_status = 409
    message = _(
        "Tamu dinas hanya diterima oleh supervisor, dan jumlahnya diumumkan. Panggil supervisor untuk memasukkannya."
    )
