"""Errors of changing a rule."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class ConfirmationNeeded(DomainError):
    """The change has effects that its officer has not confirmed: `tokens` name them."""

    code = "confirmation_needed"
    http_status = 409
    message = _("Perubahan ini perlu dikonfirmasi. Baca peringatannya, lalu beri tanda centang.")

    def __init__(self, tokens: Sequence[str] = ()) -> None:
        super().__init__()
        self.tokens = tuple(tokens)


class RuleOverlaps(DomainError):
    """Two rows for the same thing would be in force on one day."""

    code = "rule_overlaps"
    http_status = 409
    message = _(
        "Pada hari itu sudah ada aturan lain untuk jalur ini. Akhiri aturan itu lebih dulu, atau pilih tanggal lain."
    )


class RuleChanged(DomainError):
    """Another user changed rules of this kind after the page was shown."""

    code = "rule_changed"
    http_status = 409
    message = _("Aturan ini baru saja diubah. Periksa keadaan terbaru, lalu simpan lagi.")


class WindowNotOpen(DomainError):
    """The window of the slot has not opened: it follows the rules, and nobody adds places to it."""

    code = "window_not_open"
    http_status = 409
    message = _(
        "Jam ini belum dibuka atau sudah ditutup. Untuk hari yang belum dibuka, ubah kuotanya."
    )


class NothingToRetire(DomainError):
    """The office has no rule of its own on that day, or nothing would decide without it."""

    code = "nothing_to_retire"
    http_status = 409
    message = _("Kantor ini tidak punya aturan sendiri yang dapat diakhiri pada hari itu.")
