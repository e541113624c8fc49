"""Rules of booking that can be broken, each with its reason and a way on."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class AlreadyBooked(DomainError):
    """The person has a live booking, in this account or another; nobody is told whose."""

    code = "already_booked"
    http_status = 409
    message = _(
        "Nomor identitas ini sudah punya jadwal yang masih berlaku. Satu orang satu jadwal: "
        "ubah atau batalkan jadwal itu dahulu."
    )


class KeyReused(DomainError):
    code = "key_reused"
    http_status = 409
    message = _(
        "Kunci permintaan ini sudah dipakai untuk permintaan lain. Muat ulang halaman, lalu pilih lagi."
    )


class LockedByBooking(DomainError):
    code = "locked_by_booking"
    http_status = 409
    message = _(
        "Data ini terkunci selama orang ini punya jadwal. Batalkan jadwalnya dahulu, "
        "atau minta petugas memperbaikinya saat Anda datang."
    )


class TooManyPeople(DomainError):
    code = "too_many_people"
    http_status = 409
    message = _("Satu akun memuat paling banyak %(limit)s orang. Hapus yang tidak lagi diperlukan.")


class NoChangeLeft(DomainError):
    code = "no_change_left"
    http_status = 409
    message = _(
        "Jadwal ini sudah pernah diubah. Setiap jadwal dapat diubah satu kali; "
        "Anda masih dapat membatalkannya dan membuat jadwal baru."
    )


class TooLate(DomainError):
    code = "too_late"
    http_status = 409
    message = _(
        "Jadwal hanya dapat diubah sampai sehari sebelumnya. Datanglah pada jam Anda, "
        "atau batalkan agar tempatnya dapat dipakai orang lain."
    )


class SameSlot(DomainError):
    code = "same_slot"
    http_status = 409
    message = _("Itu jam yang sudah Anda miliki. Pilih jam lain, atau biarkan seperti sekarang.")


class MoveNotAllowed(DomainError):
    """The booking's status does not allow this any more: somebody was faster, or a form was old."""

    code = "move_not_allowed"
    http_status = 409
    message = _(
        "Jadwal ini sudah berubah sejak halaman Anda dibuka, sehingga tindakan ini tidak berlaku lagi. "
        "Muat ulang halaman untuk melihat keadaan terakhir."
    )


class WalkInsNotAdmitted(DomainError):
    code = "walk_ins_not_admitted"
    http_status = 409
    message = _(
        "Hari ini kantor ini hanya melayani pemohon dengan jadwal daring. "
        "Tawarkan jadwal terdekat, atau kantor yang menerima kedatangan langsung."
    )


class WrongOffice(DomainError):
    code = "wrong_office"
    http_status = 409
    message = _("Jadwal ini untuk %(office)s, %(when)s. Tunjukkan alamatnya pada tiket.")


class WrongDay(DomainError):
    code = "wrong_day"
    http_status = 409
    message = _("Jadwal ini untuk %(when)s, bukan hari ini. Pemohon dapat datang pada jam itu.")


class BookingEnded(DomainError):
    code = "booking_ended"
    http_status = 409
    message = _(
        "Jadwal ini sudah tidak berlaku (%(status)s). Tawarkan jadwal baru atau layanan datang langsung."
    )
