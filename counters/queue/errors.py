"""Rules about calling that can be broken."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class CounterPaused(DomainError):
    """A paused counter calls nobody."""

    code = "counter_paused"
    http_status = 409
    message = _("Loket Anda sedang jeda. Lanjutkan dulu, lalu panggil.")
