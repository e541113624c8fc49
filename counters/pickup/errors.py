"""Errors of pickup."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class NoDriveThru(DomainError):
    """The office has no drive-thru on this day."""

    code = "no_drive_thru"
    http_status = 409
    message = _("Kantor ini tidak melayani drive-thru hari ini. Serahkan paspor di loket.")


class WrongBook(DomainError):
    """The scanned booklet is not the one of this passport."""

    code = "wrong_book"
    http_status = 409
    message = _(
        "Buku ini bukan paspor milik kode %(code)s. Jangan serahkan; ambil buku yang benar."
    )


class WrongBookOf(WrongBook):
    """The scanned booklet is another passport of this office."""

    message = _(
        "Buku ini milik kode %(other)s, bukan %(code)s. Jangan serahkan; kembalikan ke raknya dan ambil buku yang benar."
    )
