"""Errors of the bank's notices, of settlement files and of decisions about payments."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class NoticeForged(DomainError):
    """The signature is missing or does not fit the body and the time."""

    code = "notice_forged"
    http_status = 401
    message = _("Tanda tangan pemberitahuan tidak cocok. Tidak ada yang dibukukan.")


class NoticeStale(DomainError):
    """The notice was signed too long ago, or in the future."""

    code = "notice_stale"
    http_status = 401
    message = _(
        "Waktu tanda tangan pemberitahuan ini berselisih lebih dari %(minutes)s menit dari waktu sekarang. Tanda tangani ulang, lalu kirim lagi."
    )


class NoticeUnreadable(DomainError):
    """The body is not a notice."""

    code = "notice_unreadable"
    http_status = 400
    message = _("Isi pemberitahuan tidak dapat dibaca: %(problem)s. Tidak ada yang dibukukan.")


class NoticeChanged(DomainError):
    """A notice with this number said something else before."""

    code = "notice_changed"
    http_status = 409
    message = _(
        "Nomor pemberitahuan ini sudah dipakai dengan isi lain. Yang pertama tetap berlaku; kirim yang baru dengan nomor baru."
    )


class NoticeOutOfOrder(DomainError):
    """What the notice refers to has not happened yet."""

    code = "notice_out_of_order"
    http_status = 409
    message = _("Urutan pemberitahuan keliru: %(problem)s. Kirim lagi setelah itu.")


class OtherCurrency(DomainError):
    """The payment is not in rupiah."""

    code = "other_currency"
    http_status = 422
    message = _("Hanya rupiah (IDR) yang diterima. Tidak ada yang dibukukan.")


class FileRefused(DomainError):
    """A settlement file with a mistake; nothing of it is imported."""

    code = "settlement_file_refused"
    http_status = 400
    message = _("%(problem)s Tidak ada yang diimpor.")


class FileImported(DomainError):
    """The same file was imported before."""

    code = "settlement_file_imported"
    http_status = 409
    message = _("Berkas ini sudah diimpor. Tidak ada yang berubah.")


class CaseResolved(DomainError):
    """Another officer has decided."""

    code = "payment_case_resolved"
    http_status = 409
    message = _("Pembayaran ini sudah diputuskan.")


class ActionNotPossible(DomainError):
    """The action does not fit the payment."""

    code = "payment_action_not_possible"
    http_status = 409
    message = _("Tindakan ini tidak berlaku untuk pembayaran ini. Pilih tindakan lain.")


class RefundChanged(DomainError):
    """The money on the bill changed after the officer read the amount to refund."""

    code = "payment_refund_changed"
    http_status = 409
    message = _(
        "Jumlah yang dikembalikan berubah sejak halaman dibuka. Periksa lagi, lalu putuskan."
    )


class PlaceGone(DomainError):
    """The slot of the booking has no free place, or the person has another booking."""

    code = "place_gone"
    http_status = 409
    message = _(
        "Tempat pada jam itu tidak dapat dikembalikan lagi. Pesankan jam lain di loket; uangnya ikut ke jadwal itu."
    )
