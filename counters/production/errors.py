"""Errors of passport production."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, MoveNotAllowed


class BookChanged(MoveNotAllowed):
    """The passport's status has changed since the officer's screen was loaded."""

    code = "book_changed"
    message = _("Paspor ini sudah berubah sejak layar Anda dibuka. Berikut keadaan terbarunya.")


class AlreadyHandedOver(DomainError):
    """A passport is handed over once (law 8)."""

    code = "already_handed_over"
    http_status = 409
    message = _(
        "Paspor ini sudah diserahkan pada %(when)s. Periksa riwayatnya sebelum melanjutkan."
    )
