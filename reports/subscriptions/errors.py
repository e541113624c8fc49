"""Broken rules of subscriptions."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class AlreadySubscribed(DomainError):
    code = "already_subscribed"
    message = _("Laporan ini sudah Anda terima.")
    http_status = 409


class NoAddress(DomainError):
    code = "no_address"
    message = _("Akun Anda belum punya alamat surel.")
    http_status = 409


class NotSubscribed(DomainError):
    code = "not_subscribed"
    message = _("Langganan ini tidak ada.")
    http_status = 400
