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


class CounterOutOfUse(DomainError):
    """The counter is not used any more."""

    code = "counter_out_of_use"
    http_status = 409
    message = _("Loket ini tidak dipakai lagi. Pilih loket lain.")


class CounterStillUsed(DomainError):
    """A shift or a session at the counter is on or after the day on which its use would end."""

    code = "counter_still_used"
    http_status = 409
    message = _(
        "%(counter)s belum dapat berhenti dipakai mulai %(day)s. %(uses)s Pilih hari sesudahnya, "
        "atau ubah dulu jadwal petugas."
    )


class HallOutOfUse(DomainError):
    """A counter is not used longer than its hall."""

    code = "hall_out_of_use"
    http_status = 409
    message = _(
        "%(hall)s tidak dipakai lagi sejak %(day)s. Ubah tanggal ruang itu dulu, atau pilih hari itu "
        "atau sebelumnya."
    )


class HallStillUsed(DomainError):
    """A counter of the hall is in use on the day on which its use would end, or services lead only there."""

    code = "hall_still_used"
    http_status = 409
    message = _("%(hall)s belum dapat berhenti dipakai mulai %(day)s. %(uses)s")


class ParkedRemain(DomainError):
    """A counter with parked visits cannot be left: nobody would call them."""

    code = "parked_remain"
    http_status = 409
    message = _(
        "Masih ada yang ditunda di loket ini: %(tickets)s. Lanjutkan, kembalikan ke antrean, atau "
        "alihkan dulu."
    )
