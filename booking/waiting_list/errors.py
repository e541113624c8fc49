"""Errors about the waiting list."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, MoveNotAllowed


class AlreadyWaiting(DomainError):
    """A person already waits at this office, in this account or in one that may not be named."""

    code = "already_waiting"
    http_status = 409
    message = _(
        "Nomor identitas ini sudah ada di daftar tunggu kantor ini. Satu orang hanya dapat mendaftar satu kali: buka daftar tunggu Anda bila ingin mengubahnya."
    )


class OfferOver(MoveNotAllowed):
    """The offer can no longer be answered: expired, already answered, or withdrawn by the office."""

    code = "offer_over"
    message = _(
        "Tawaran ini tidak berlaku lagi: sudah dijawab, lewat batas waktunya, atau ditarik kantor. Lihat keadaan terbaru di daftar tunggu Anda."
    )
