"""Rules about people that can be broken."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, InvalidInput


class InvalidField(InvalidInput):
    """One field of a booking request is invalid."""

    field: ClassVar[str]
    reason: str
    text: ClassVar[Any]

    def __init__(self) -> None:
        super().__init__(fields={self.field: [self.text]})


class NotOnList(InvalidField):
    """A person is not on the account's list: removed, on another account, or unknown."""

    field = "applicants"
    reason = "not_on_list"
    text = _("Salah satu orang tidak ada di daftar Anda. Pilih dari daftar orang Anda.")


class WrongIdentityKind(InvalidField):
    field = "applicants"
    reason = "wrong_identity_kind"
    text = _(
        "Layanan ini bukan untuk jenis identitas yang dipilih. Warga asing memakai paspor, WNI memakai NIK."
    )


class LockedByBooking(DomainError):
    code = "locked_by_booking"
    http_status = 409
    message = _(
        "Data ini terkunci selama orang ini punya jadwal. Batalkan jadwalnya lebih dulu, atau minta petugas memperbaikinya saat Anda datang."
    )


class ProcessingRestricted(DomainError):
    """The person asked that their data are kept but not used."""

    code = "processing_restricted"
    http_status = 409
    message = _(
        "Pemrosesan data %(name)s dibatasi atas permintaan sendiri, sehingga belum dapat memesan. Akhiri pembatasan itu di halaman Data pribadi saya."
    )


class GuardianConsentMissing(DomainError):
    """A child's parent or guardian has not consented, or has withdrawn the consent."""

    code = "guardian_consent_missing"
    http_status = 409
    message = _(
        "%(name)s belum berumur 18 tahun. Buka datanya di halaman Orang dan permohonan, lalu setujui sebagai orang tua atau wali."
    )


class TooManyPeople(DomainError):
    code = "too_many_people"
    http_status = 409
    message = _("Satu akun memuat paling banyak %(limit)s orang. Hapus yang tidak lagi diperlukan.")
