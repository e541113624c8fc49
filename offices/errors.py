"""Rules about offices that can be broken, each with its reason and a way on."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class OutageStands(DomainError):
    """A device is out of order once at a time."""

    code = "outage_stands"
    http_status = 409
    message = _("%(thing)s sudah tercatat rusak sejak %(since)s. Tidak perlu dicatat lagi.")


class OutageOver(DomainError):
    """Somebody else has noted that it works again."""

    code = "outage_over"
    http_status = 409
    message = _("Gangguan ini sudah diakhiri. Ini keadaannya sekarang.")


class OfficerElsewhere(DomainError):
    """An officer is in one place at a time."""

    code = "officer_elsewhere"
    http_status = 409
    message = _(
        "Petugas ini sudah dijadwalkan di tempat lain pada jam itu. Ubah jadwal itu dulu, atau pilih jam lain."
    )


class OfficerOfOthers(DomainError):
    """An officer who also works elsewhere is managed by the directorate."""

    code = "officer_of_others"
    http_status = 409
    message = _(
        "Petugas ini juga bertugas di tempat lain. Mintalah direktorat jenderal mengubah akunnya."
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
        "Jadwal minggu ini sudah diubah orang lain sejak layar Anda dibuka. Ini keadaannya sekarang; ulangi perubahan Anda."
    )
