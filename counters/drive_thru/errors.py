"""Errors of the drive-thru lane."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, InvalidInput, MoveNotAllowed


class DriveThruChanged(MoveNotAllowed):
    """The booked hour has changed since the page was loaded."""

    code = "drive_thru_changed"
    message = _(
        "Jam drive-thru ini sudah berubah sejak halaman Anda dibuka. Berikut keadaan terbarunya."
    )


class HourFull(DomainError):
    """All places of the hour are taken."""

    code = "drive_thru_full"
    http_status = 409
    message = _("Jam ini baru saja penuh. Pilih jam lain.")


class HourNotOffered(DomainError):
    """The hour is not one that the office offers for this passport."""

    code = "drive_thru_not_offered"
    http_status = 409
    message = _("Jam ini tidak ditawarkan. Pilih salah satu jam di daftar.")


class NotReady(DomainError):
    """Only a passport that waits on its shelf can be collected."""

    code = "not_ready"
    http_status = 409
    message = _("Paspor ini belum siap diambil. Kami memberi tahu Anda begitu siap.")


class NotAPlate(InvalidInput):
    """The text is not the number of a vehicle."""

    code = "not_a_plate"
    message = _("Isi nomor kendaraan seperti pada pelatnya, misalnya KT 1234 AB.")


class NotInLane(DomainError):
    """No passport of this office has this code, and no vehicle with this plate is expected today."""

    code = "not_in_lane"
    message = _(
        "Tidak ada paspor dengan kode itu, dan tidak ada kendaraan dengan pelat itu dalam daftar hari ini. Pindai lagi, atau cari namanya di loket."
    )


class PassportElsewhere(DomainError):
    """The passport is at another office."""

    code = "passport_elsewhere"
    http_status = 409
    message = _("Paspor dengan kode ini ada di %(office)s. Arahkan pengambil ke kantor itu.")
