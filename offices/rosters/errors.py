"""Rules about rosters that can be broken."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class OfficerElsewhere(DomainError):
    """An officer is in one place at a time."""

    code = "officer_elsewhere"
    http_status = 409
    message = _(
        "Petugas ini sudah dijadwalkan di tempat lain pada jam itu. Ubah jadwal itu lebih dulu, atau pilih jam lain."
    )


class CounterRosteredTwice(DomainError):
    """A counter has one officer at a time."""

    code = "counter_rostered_twice"
    http_status = 409
    message = _("Loket ini sudah dijadwalkan untuk petugas lain pada jam itu. Pilih loket lain.")


class RosterChanged(DomainError):
    """Somebody else changed the week since it was shown."""

    code = "roster_changed"
    http_status = 409
    message = _(
        "Jadwal petugas minggu ini sudah diubah orang lain sejak layar Anda dibuka. Berikut keadaan terbarunya; ulangi perubahan Anda."
    )
