"""Why a place cannot be taken."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class SlotFull(DomainError):
    """Every place of the slot is held by someone else."""

    code = "full"
    http_status = 409
    message = _("Sesi ini baru saja penuh. Pilih sesi lain di bawah ini.")


class NotYetOpen(DomainError):
    """The window of the slot opens later."""

    code = "not_yet_open"
    http_status = 409
    message = _("Sesi ini belum dibuka. Lihat jam pembukaannya di kalender kantor.")


class WindowClosed(DomainError):
    """The window of the slot has closed, or the slot was withdrawn."""

    code = "window_closed"
    http_status = 409
    message = _("Pendaftaran untuk sesi ini sudah ditutup. Pilih hari lain di kalender kantor.")


class PlaceNotHeld(DomainError):
    """The place is not held by the one who frees it: it has been freed or taken over before."""

    code = "place_not_held"
    http_status = 409
    message = _(
        "Tempat ini sudah tidak Anda pegang. Muat ulang halaman untuk melihat keadaan terbaru."
    )


class NotLetIn(DomainError):
    """The window has a waiting room, and it is not this account's turn."""

    code = "not_admitted"
    http_status = 403
    message = _(
        "Jendela ini lewat ruang tunggu, dan belum giliran Anda. Masuk ke ruang tunggu; "
        "urutan Anda tersimpan, dan halamannya memberi tahu kapan giliran Anda."
    )


class RoomNotOpen(DomainError):
    """Nobody can wait yet: the room opens half an hour before the window."""

    code = "room_not_open"
    http_status = 409
    message = _("Ruang tunggu belum dibuka. Ia dibuka setengah jam sebelum jendela pendaftaran.")


class RuleOverlaps(DomainError):
    """Two rows for one thing would be in force on one day."""

    code = "rule_overlaps"
    http_status = 409
    message = _(
        "Pada hari itu sudah ada aturan lain untuk jalur ini. Akhiri aturan itu dulu, atau pilih tanggal lain."
    )


class RuleChanged(DomainError):
    """Somebody changed rules of this kind after the page was shown."""

    code = "rule_changed"
    http_status = 409
    message = _("Aturan ini baru saja diubah. Periksa keadaan terbaru, lalu simpan lagi.")


class WindowNotOpen(DomainError):
    """The window of the slot is still to open: it follows the rules, nobody adds to it by hand."""

    code = "window_not_open"
    http_status = 409
    message = _(
        "Jam ini belum dibuka atau sudah ditutup. Untuk hari yang belum dibuka, ubah kuotanya."
    )


class ScenarioRefused(DomainError):
    """A scenario file has mistakes; nothing of it was loaded. `mistakes` names file, line and field."""

    code = "scenario_refused"
    message = _("Berkas skenario berisi kesalahan; tidak ada yang dimuat.")

    def __init__(self, *, mistakes: Sequence[object]) -> None:
        self.mistakes = list(mistakes)
        super().__init__()
