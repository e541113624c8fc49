"""Rules about webhooks that can be broken."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, InvalidInput


class AddressRefused(InvalidInput):
    """Events are not sent to this address: `fields` says why."""

    code = "webhook_address"


class TooManyEndpoints(DomainError):
    """The account has as many endpoints as one account may have."""

    code = "too_many_webhooks"
    http_status = 409
    message = _("Satu akun paling banyak mempunyai %(most)s webhook. Hapus salah satu lebih dulu.")


class EndpointPaused(DomainError):
    """Nothing is sent to an endpoint that is paused."""

    code = "webhook_paused"
    http_status = 409
    message = _("Webhook ini sedang berhenti. Aktifkan lagi dengan `is_active`.")
