"""Errors of visits."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, MoveNotAllowed


class VisitChanged(MoveNotAllowed):
    """The visit's status has changed since the officer's screen was loaded."""

    code = "visit_changed"
    message = _("Kunjungan ini sudah berubah sejak layar Anda dibuka. Berikut keadaan terbarunya.")


class UndoOver(DomainError):
    """A check-in can be undone for a minute, and only while nobody has called the person."""

    code = "undo_over"
    http_status = 409
    message = _(
        "Daftar ulang hanya dapat dibatalkan dalam satu menit dan sebelum pemohon dipanggil. Bila orang itu pergi, catat sudah pergi."
    )


class StageChanged(DomainError):
    """The form is of an earlier stage or version: another window, or the same request again."""

    code = "stage_changed"
    http_status = 409
    message = _(
        "Tidak ada yang berubah: layar ini sudah usang. Kunjungan dilanjutkan di jendela lain, "
        "atau tombolnya sudah ditekan. Berikut keadaan terbarunya."
    )


class VisitElsewhere(DomainError):
    """The visit is served at another counter."""

    code = "visit_elsewhere"
    http_status = 409
    message = _("Orang ini sedang dilayani di loket lain. Panggil yang berikutnya.")


class CounterClosed(DomainError):
    """The officer's session at this counter has ended."""

    code = "counter_closed"
    http_status = 409
    message = _("Loket ini sudah Anda tinggalkan. Pilih loket untuk mulai lagi.")


class WrongStage(DomainError):
    """The stage is not the next one, or does not belong to this service or counter."""

    code = "wrong_stage"
    http_status = 409
    message = _("Tahap ini belum gilirannya. Ikuti urutan tahap di layar.")


class StagesRemain(DomainError):
    """A visit can only be finished when all its stages are."""

    code = "stages_remain"
    http_status = 409
    message = _("Masih ada tahap yang belum selesai: %(stages)s.")


class DocumentsUnseen(DomainError):
    """A required document has not been ticked."""

    code = "documents_unseen"
    http_status = 409
    message = _(
        "Belum dicentang: %(documents)s. Centang bila sudah Anda lihat, atau pilih Berkas kurang."
    )


class ApplicationMissing(DomainError):
    """A visit cannot end before its application is complete."""

    code = "application_missing"
    http_status = 409
    message = _("Permohonan belum lengkap. Isi %(answers)s, lalu akhiri kunjungan.")


class TooManyParked(DomainError):
    """A counter parks a limited number of visits."""

    code = "too_many_parked"
    http_status = 409
    message = _(
        "Loket ini sudah menunda %(most)s orang. Lanjutkan salah satunya, atau kembalikan ke "
        "antrean."
    )


class NobodyTakesOver(DomainError):
    """No other open counter can continue the visit."""

    code = "nobody_takes_over"
    http_status = 409
    message = _(
        "Tidak ada loket lain yang buka untuk tahap %(stage)s. Kunjungan tetap di loket ini."
    )


class CounterNotOpen(DomainError):
    """The counter named for a handed-on visit has closed, or cannot do its next stage."""

    code = "counter_not_open"
    http_status = 409
    message = _("Loket itu sudah tutup atau tidak melayani tahap ini. Pilih loket lain.")
