"""Errors about bookings, with reasons and alternatives."""

import datetime as dt
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from booking.people.errors import InvalidField
from core.errors import DomainError, MoveNotAllowed


class NotBookableOnline(InvalidField):
    field = "slot"
    reason = "not_bookable_online"
    text = _("Jam ini tidak ada. Pilih jam dari kalender kantor.")


class ServiceNotOffered(InvalidField):
    field = "service_type"
    reason = "service_not_offered"
    text = _("Layanan ini tidak ada di kantor yang Anda pilih. Pilih layanan atau kantor lain.")


class GroupNotServed(InvalidField):
    field = "slot"
    reason = "group_not_served"
    text = _("Jam ini untuk kelompok layanan lain. Pilih jam dari kalender layanan Anda.")


class ServiceClosed(InvalidField):
    """A closure reserves the slot for other services."""

    field = "slot"
    reason = "service_closed"
    text = _(
        "Pada jam ini kantor tutup untuk layanan Anda; hanya layanan tertentu yang tetap berjalan. Pilih jam dari kalender layanan Anda."
    )


class PartyNotTogether(InvalidField):
    """The slots of a party are not at one office with the same start."""

    field = "slot"
    reason = "party_not_together"
    text = _(
        "Satu rombongan datang ke satu kantor pada jam mulai yang sama. Pilih jam yang sama untuk semua orang."
    )


class AlreadyBooked(DomainError):
    """The person already has a live booking: for the account that holds it, and for officers."""

    code = "already_booked"
    http_status = 409
    message = _(
        "Nomor identitas ini sudah punya jadwal yang masih berlaku. Satu orang satu jadwal: ubah atau batalkan jadwal itu lebih dulu."
    )


class BookedElsewhere(AlreadyBooked):
    """The live booking is not the account's own, and the account has shown the identity card."""

    message = _(
        "Nomor identitas ini punya jadwal di akun lain atau dari loket. Laporkan sekali lagi bila bukan Anda yang memesan."
    )


class NotBookable(DomainError):
    """A number is blocked by something that this account may not know. `reason` is for officers."""

    code = "not_bookable"
    http_status = 409
    message = _(
        "Nomor ini saat ini tidak dapat dipesankan jadwal. Bila nomor ini milik Anda atau keluarga Anda, laporkan di halaman Orang dan permohonan, lalu tunjukkan kartu identitas asli di kantor."
    )

    def __init__(self, *, reason: str) -> None:
        super().__init__()
        self.reason = reason


class RebookingLimit(DomainError):
    """A person or an account has booked again too often after an own cancellation."""

    code = "rebooking_limit"
    http_status = 403
    message = _("Anda dapat memesan lagi mulai %(when)s.")

    def __init__(self, message: Any, *, possible_from: dt.datetime, **values: Any) -> None:
        super().__init__(message, **values)
        self.facts["possible_from"] = possible_from.isoformat()


class AddressUnconfirmed(DomainError):
    """The account has to confirm its e-mail address before it books."""

    code = "address_unconfirmed"
    http_status = 403
    message = _(
        "Verifikasi alamat surel Anda dulu, lalu pesan lagi: isi enam angka dari surel verifikasi kami di halaman Akun. Jadwal yang sudah ada tetap berlaku."
    )


# The database decides between concurrent requests that book the same person.
ONE_LIVE: Final = {"booking_one_live_a_person": AlreadyBooked}


class KeyReused(DomainError):
    code = "key_reused"
    http_status = 409
    message = _(
        "Kunci permintaan ini sudah dipakai untuk permintaan lain. Muat ulang halaman, lalu pilih lagi."
    )


class WaitingRoomInUse(DomainError):
    """A waiting room guards the hour; an officer cannot pass it for a person at the desk."""

    code = "waiting_room_in_use"
    http_status = 409
    message = _(
        "Pembukaan untuk hari itu sedang memakai ruang tunggu, jadi petugas belum dapat memesannya. Tunggu sampai ruang tunggu selesai, atau pilih hari lain."
    )


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
        "Jadwal hanya dapat diubah sampai sehari sebelumnya. Datanglah sesuai jadwal, atau batalkan agar tempatnya dapat dipakai orang lain."
    )


class SameSlot(DomainError):
    code = "same_slot"
    http_status = 409
    message = _("Itu jadwal Anda sekarang. Pilih jam lain, atau biarkan seperti sekarang.")


class BookingChanged(MoveNotAllowed):
    """The booking's status no longer allows this: it changed concurrently, or the form was outdated."""

    message = _(
        "Jadwal ini sudah berubah sejak halaman Anda dibuka sehingga tindakan ini tidak berlaku lagi. Muat ulang halaman untuk melihat keadaan terbaru."
    )


class WalkInsNotAdmitted(DomainError):
    code = "walk_ins_not_admitted"
    http_status = 409
    message = _(
        "Hari ini kantor ini hanya melayani pemohon dengan jadwal daring. "
        "Tawarkan jadwal terdekat, atau kantor yang menerima kedatangan langsung."
    )


class AcceleratedClosed(DomainError):
    """The accelerated lane takes nobody after its cut-off, because the passport is made on the same day."""

    code = "accelerated_closed"
    http_status = 409
    message = _(
        "Percepatan hari ini diterima sampai pukul %(until)s. Pilih jalur biasa, atau datang besok lebih pagi."
    )


class WrongOffice(DomainError):
    code = "wrong_office"
    http_status = 409
    message = _("Jadwal ini untuk %(office)s, %(when)s. Tunjukkan alamatnya pada tiket.")


class WrongDay(DomainError):
    code = "wrong_day"
    http_status = 409
    message = _("Jadwal ini untuk %(when)s, bukan hari ini. Pemohon dapat datang pada waktu itu.")


class BookingEnded(DomainError):
    code = "booking_ended"
    http_status = 409
    message = _(
        "Jadwal ini sudah tidak berlaku (%(status)s). Tawarkan jadwal baru atau layanan datang langsung."
    )
