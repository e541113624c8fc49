"""The base class of all domain errors, and errors without business meaning."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A broken rule, shown to the user.

    `code` is stable and part of the API; `message` is a sentence in the reader's language; `fields`
    maps an input field to its messages; `alternatives` and `facts` are ready for JSON. `reason` is a more
    precise code for records that only officers read.
    """

    code: ClassVar[str] = "invalid"
    http_status: ClassVar[int] = 400
    reason: str = ""
    message: Any = _("Permintaan ini belum dapat kami proses. Periksa isian Anda.")

    def __init__(
        self,
        message: Any = None,
        *,
        fields: Mapping[str, Sequence[Any]] | None = None,
        alternatives: Sequence[Mapping[str, Any]] | None = None,
        **values: Any,
    ) -> None:
        self.fields = dict(fields or {})
        self.alternatives = list(alternatives or [])
        self.facts: dict[str, Any] = {}
        self.values = values
        if message is not None:
            self.message = message
        super().__init__(self.code)

    def __str__(self) -> str:
        text = str(self.message)
        return text % self.values if self.values else text


class InvalidInput(DomainError):
    """One or more fields hold an invalid value."""


class NotAllowed(DomainError):
    """The user has no right to do this here."""

    code = "not_allowed"
    http_status = 403
    message = _(
        "Anda tidak punya wewenang untuk melakukan ini. Hubungi supervisor bila seharusnya boleh."
    )


class NotFound(DomainError):
    """The object does not exist or is not visible to this user: both give the same answer."""

    code = "not_found"
    http_status = 404
    message = _("Tidak ditemukan. Periksa kembali alamat atau kode yang Anda masukkan.")


class MoveNotAllowed(DomainError):
    """The status does not allow this any more: another change came first, or the form was old."""

    code = "move_not_allowed"
    http_status = 409
    message = _(
        "Data sudah berubah sejak halaman Anda dibuka sehingga tindakan ini tidak berlaku lagi. Muat ulang halaman untuk melihat keadaan terbaru."
    )


class Busy(DomainError):
    """A lock or a statement timed out. Nothing was changed."""

    code = "busy"
    http_status = 503
    message = _("Sistem sedang sibuk. Belum ada yang berubah. Silakan coba sekali lagi.")


class DatabaseUnavailable(DomainError):
    """The database is unavailable. A transaction in progress may or may not have been committed."""

    code = "unavailable"
    http_status = 503
    message = _(
        "Sistem data kami sedang tidak dapat diakses. Coba beberapa saat lagi; formulir yang sama tidak akan tercatat dua kali."
    )


class SlowDown(DomainError):
    """Too many requests in a short time."""

    code = "slow_down"
    http_status = 429
    message = _("Terlalu banyak permintaan. Tunggu sebentar, lalu coba lagi.")
