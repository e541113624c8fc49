"""Errors of the advice."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class NothingToAccept(DomainError):
    """The advice changed since the page was shown: the quota is to stay as it is."""

    code = "nothing_to_accept"
    http_status = 409
    message = _("Sarannya baru saja berubah: kuota minggu depan tidak perlu diubah.")
