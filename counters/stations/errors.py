"""Errors of counter sessions."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class StillServing(DomainError):
    """One officer serves one visit at a time (law 7)."""

    code = "still_serving"
    http_status = 409
    message = _("Selesaikan dulu layanan untuk orang di loket Anda, atau kembalikan ke antrean.")


class CounterTaken(DomainError):
    """Another officer has this counter open."""

    code = "counter_taken"
    http_status = 409
    message = _("Loket ini sudah ditempati petugas lain. Pilih loket yang kosong.")


class AlreadyAtCounter(DomainError):
    """The officer has another counter open."""

    code = "already_at_counter"
    http_status = 409
    message = _("Anda masih membuka loket lain. Tinggalkan loket itu dulu.")


class ParkedRemain(DomainError):
    """A counter with parked visits cannot be left: nobody would call them."""

    code = "parked_remain"
    http_status = 409
    message = _(
        "Masih ada yang ditunda di loket ini: %(tickets)s. Lanjutkan, kembalikan ke antrean, atau "
        "alihkan dulu."
    )
