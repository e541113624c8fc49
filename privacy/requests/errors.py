"""Rules about requests that can be broken."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, MoveNotAllowed


class RequestAnswered(MoveNotAllowed):
    """The request has been answered or withdrawn."""

    code = "request_answered"
    message = _("Permintaan ini sudah dijawab. Muat ulang halaman untuk melihat jawabannya.")


class StillNeeded(DomainError):
    """Something unfinished needs the data. `obstacles` are sentences that say what."""

    code = "still_needed"
    http_status = 409
    message = _("Data belum dapat dihapus. %(obstacles)s")


class OfficersAccount(DomainError):
    """An officer's account is ended by the supervisor, not erased by the officer."""

    code = "officers_account"
    http_status = 409
    message = _(
        "Akun petugas tidak dapat dihapus sendiri: riwayat pekerjaannya harus tetap bernama. Hubungi supervisor Anda."
    )


class NobodyHere(DomainError):
    """No data are stored under this identity number."""

    code = "nobody_here"
    http_status = 404
    message = _("Tidak ada data dengan nomor identitas ini. Periksa kembali angkanya.")
