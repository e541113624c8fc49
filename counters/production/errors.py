"""Errors of passport production."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, InvalidInput, MoveNotAllowed


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


class NotABookNumber(InvalidInput):
    """The scanned text is not the number of a passport booklet."""

    code = "not_a_book_number"
    message = _(
        "Ini bukan nomor buku paspor. Nomor buku: satu atau dua huruf, lalu enam atau tujuh angka. Pindai lagi."
    )


class OtherKeyboard(InvalidInput):
    """The scanner is set to another keyboard layout, so that its text cannot be stored as it is."""

    code = "other_keyboard"
    message = _(
        "Pemindai memakai tata letak papan ketik lain. Setel ke bahasa Inggris (US), atau ketik nomornya."
    )


class BookNumberTaken(DomainError):
    """A booklet has one number, and a number is used once, also that of a spoiled booklet."""

    code = "book_number_taken"
    http_status = 409
    message = _("Nomor buku ini sudah pernah dipakai. Periksa buku yang Anda pegang.")


class CheckedByPrinter(DomainError):
    """The quality check is made by another person than the one who printed."""

    code = "checked_by_printer"
    http_status = 409
    message = _("Anda yang mencetak paspor ini. Minta petugas lain atau supervisor memeriksanya.")


class TooLateToTakeBack(DomainError):
    """The message to the owner has been sent, or five minutes have passed."""

    code = "too_late_to_take_back"
    http_status = 409
    message = _(
        "Tanda siap tidak dapat ditarik lagi: pemohon sudah diberi tahu. Beri tahu supervisor sebelum pemohon datang."
    )


class NothingToBatch(DomainError):
    """No ordered passport is left to be put into a batch."""

    code = "nothing_to_batch"
    http_status = 409
    message = _("Tidak ada pesanan yang belum masuk kelompok cetak.")
