"""Errors of calling."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class CounterPaused(DomainError):
    """A paused counter cannot call."""

    code = "counter_paused"
    http_status = 409
    message = _("Loket Anda sedang jeda. Lanjutkan dulu, lalu panggil.")


class UnservedAtClosing(DomainError):
    """After closing time nobody is recorded as having left: the office did not serve them."""

    code = "unserved_at_closing"
    http_status = 409
    message = _(
        "Kantor sudah tutup dan orang ini belum dilayani. Supervisor memutuskan kelanjutannya di Tutup hari."
    )
