"""Errors of rosters."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class OfficerElsewhere(DomainError):
    """The officer is rostered elsewhere at that time."""

    code = "officer_elsewhere"
    http_status = 409
    message = _(
        "Petugas ini sudah dijadwalkan di tempat lain pada jam itu. Ubah jadwal itu lebih dulu, atau pilih jam lain."
    )


class CounterRosteredTwice(DomainError):
    """The counter already has an officer at that time."""

    code = "counter_rostered_twice"
    http_status = 409
    message = _("Loket ini sudah dijadwalkan untuk petugas lain pada jam itu. Pilih loket lain.")


class CounterOutOfUse(DomainError):
    """The counter is out of use on the day of the shift."""

    code = "counter_out_of_use"
    http_status = 409
    message = _("Loket ini tidak dipakai lagi pada hari itu. Pilih loket lain.")


class RosterChanged(DomainError):
    """The week has changed since it was shown."""

    code = "roster_changed"
    http_status = 409
    message = _(
        "Jadwal petugas minggu ini sudah diubah orang lain sejak layar Anda dibuka. Berikut keadaan terbarunya; ulangi perubahan Anda."
    )
