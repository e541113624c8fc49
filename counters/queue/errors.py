"""Errors of calling."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class CounterPaused(DomainError):
    """A paused counter cannot call."""

    code = "counter_paused"
    http_status = 409
    message = _("Loket Anda sedang jeda. Lanjutkan dulu, lalu panggil.")
