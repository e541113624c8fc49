"""Rules of the office's day that can be broken, each with its reason and a way on."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, MoveNotAllowed


class VisitChanged(MoveNotAllowed):
    """The visit is no longer in the state that the officer saw."""

    code = "visit_changed"
    message = _("Kunjungan ini sudah berubah sejak layar Anda dibuka. Ini keadaannya sekarang.")


class VisitElsewhere(DomainError):
    """The visit is served at another counter."""

    code = "visit_elsewhere"
    http_status = 409
    message = _("Orang ini sedang dilayani di loket lain. Panggil yang berikutnya.")


class StillServing(DomainError):
    """One officer serves one visit at a time (law 7)."""

    code = "still_serving"
    http_status = 409
    message = _("Selesaikan dulu orang yang ada di loket Anda, atau kembalikan ke antrean.")


class CounterTaken(DomainError):
    """Another officer sits there."""

    code = "counter_taken"
    http_status = 409
    message = _("Loket ini sudah ditempati petugas lain. Pilih loket yang kosong.")


class CounterServedAnother(DomainError):
    """At that counter somebody else was served at the time that stands on the paper."""

    code = "counter_served_another"
    http_status = 409
    message = _(
        "%(counter)s pukul %(begin)s–%(end)s melayani nomor %(ticket)s. Satu loket melayani satu orang: "
        "betulkan jamnya, atau pilih loket lain."
    )


class AlreadyAtCounter(DomainError):
    """The officer has another counter open."""

    code = "already_at_counter"
    http_status = 409
    message = _("Anda masih membuka loket lain. Tinggalkan loket itu dulu.")


class CounterClosed(DomainError):
    """The officer's time at this counter has ended."""

    code = "counter_closed"
    http_status = 409
    message = _("Loket ini sudah Anda tinggalkan. Pilih loket untuk mulai lagi.")


class CounterPaused(DomainError):
    """A paused counter calls nobody."""

    code = "counter_paused"
    http_status = 409
    message = _("Loket Anda sedang jeda. Lanjutkan dulu, lalu panggil.")


class WrongStage(DomainError):
    """The stage is not the next one, or not one of this service or counter."""

    code = "wrong_stage"
    http_status = 409
    message = _("Tahap ini belum gilirannya. Ikuti urutan tahap di layar.")


class StagesRemain(DomainError):
    """A visit is finished only when all its stages are."""

    code = "stages_remain"
    http_status = 409
    message = _("Masih ada tahap yang belum selesai: %(stages)s.")


class DocumentsUnseen(DomainError):
    """A required document has not been ticked as seen."""

    code = "documents_unseen"
    http_status = 409
    message = _(
        "Belum dicentang: %(documents)s. Centang bila sudah Anda lihat, atau pilih Berkas kurang."
    )


class BookChanged(MoveNotAllowed):
    """The passport is no longer in the state that the officer saw."""

    code = "book_changed"
    message = _("Paspor ini sudah berubah sejak layar Anda dibuka. Ini keadaannya sekarang.")


class AlreadyHandedOver(DomainError):
    """A passport is handed over once (law 8)."""

    code = "already_handed_over"
    http_status = 409
    message = _(
        "Paspor ini sudah diserahkan pada %(when)s. Periksa riwayatnya sebelum melanjutkan."
    )


class NoDriveThru(DomainError):
    """The office hands nothing into vehicles on this day."""

    code = "no_drive_thru"
    http_status = 409
    message = _("Kantor ini tidak melayani pengambilan tanpa turun hari ini. Serahkan di loket.")
