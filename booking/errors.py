"""Rules of booking that can be broken, each with its reason and a way on."""

from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, InvalidInput, MoveNotAllowed


class InvalidField(InvalidInput):
    """One field of a booking request cannot be right."""

    field: ClassVar[str]
    text: ClassVar[Any]

    def __init__(self) -> None:
        super().__init__(fields={self.field: [self.text]})


class NotOnList(InvalidField):
    """Somebody is not on the account's list of people: removed, another account's, or nobody."""

    field = "applicants"
    text = _("Ada orang yang tidak ada di daftar Anda. Pilih dari daftar orang Anda.")


class WrongIdentityKind(InvalidField):
    field = "applicants"
    text = _(
        "Layanan ini bukan untuk jenis identitas yang dipilih. Warga asing memakai paspor, WNI memakai NIK."
    )


class NotBookableOnline(InvalidField):
    field = "slot"
    text = _("Jam ini tidak ada. Pilih jam dari kalender kantor.")


class ServiceNotOffered(InvalidField):
    field = "service_type"
    text = _("Layanan ini tidak ada di kantor yang Anda pilih. Pilih layanan atau kantor lain.")


class GroupNotServed(InvalidField):
    field = "slot"
    text = _("Jam ini untuk kelompok layanan lain. Pilih jam dari kalender layanan Anda.")


class ServiceClosed(InvalidField):
    """A closure leaves the slot to other services."""

    field = "slot"
    text = _(
        "Pada jam ini kantor tutup untuk layanan Anda; hanya layanan tertentu yang tetap berjalan. Pilih jam dari kalender layanan Anda."
    )


class AlreadyBooked(DomainError):
    """The person has a live booking, in this account or another; nobody is told whose."""

    code = "already_booked"
    http_status = 409
    message = _(
        "Nomor identitas ini sudah punya jadwal yang masih berlaku. Satu orang satu jadwal: "
        "ubah atau batalkan jadwal itu dahulu."
    )


# The database decides between two rivals who book the same person.
ONE_LIVE: Final = {"booking_one_live_a_person": AlreadyBooked}


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


class BookingChanged(MoveNotAllowed):
    """The booking's status does not allow this any more: somebody was faster, or a form was old."""

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


class AlreadyEntered(DomainError):
    """A person stands in this draw already, in this account or another; nobody is told whose."""

    code = "already_entered"
    http_status = 409
    message = _(
        "Nomor identitas ini sudah ikut undian ini. Satu orang satu kali: "
        "buka keikutsertaan itu bila ingin mengubahnya."
    )


class DrawClosed(DomainError):
    code = "draw_closed"
    http_status = 409
    message = _(
        "Daftar peserta undian ini sudah ditutup dan disegel. Lihat undian berikutnya di kalender kantor."
    )


class DrawNotReady(DomainError):
    """The draw cannot take this step yet: its list is still open, or its value was fixed before."""

    code = "draw_not_ready"
    http_status = 409
    message = _(
        "Langkah ini belum atau tidak lagi berlaku untuk undian ini. Muat ulang halaman untuk melihat "
        "keadaan terakhir."
    )


class ValuesDiffer(DomainError):
    code = "values_differ"
    http_status = 409
    message = _(
        "Nilai ini berbeda dari yang diketik rekan Anda. Periksa lagi pada sumbernya; "
        "yang keliru mengetik ulang."
    )


class NeedsAnother(DomainError):
    code = "needs_another"
    http_status = 409
    message = _("Nilai yang Anda ketik dipastikan oleh petugas lain, bukan oleh Anda sendiri.")


class ClaimOver(DomainError):
    code = "claim_over"
    http_status = 409
    message = _(
        "Batas waktu mengambil tempat ini sudah lewat, dan tempatnya diteruskan menurut urutan. "
        "Anda dapat ikut undian berikutnya."
    )


class AlreadyAnswered(DomainError):
    """The offer to choose another hour free of charge was used before."""

    code = "already_answered"
    http_status = 409
    message = _(
        "Anda sudah menjawab pemindahan ini. Jadwal Anda yang sekarang ada di tiket; "
        "dari sana jadwal dapat diubah atau dibatalkan seperti biasa."
    )


class Restricted(DomainError):
    """Somebody of those named missed an hour and books nothing online for a while."""

    code = "restricted"
    http_status = 403
    message = _(
        "%(name)s tidak datang pada jadwal sebelumnya, sehingga belum dapat memesan daring sampai %(until)s "
        "(%(instrument)s). Ada alasannya? Ajukan keberatan di halaman Pembatasan, atau datanglah langsung ke kantor."
    )


class LimitReached(DomainError):
    """The account, a telephone or the device has booked as much as the rule lets it."""

    code = "limit_reached"
    http_status = 403
    message = _("Batas pemesanan daring sudah tercapai.")


class ProductNotMade(DomainError):
    """The office does not make the product that was prepared."""

    code = "product_not_made"
    http_status = 409
    message = _(
        "%(office)s hanya melayani %(products)s (%(instrument)s). Ubah produk pada permohonan, "
        "atau pilih kantor lain."
    )


class NothingToContest(DomainError):
    code = "nothing_to_contest"
    http_status = 409
    message = _(
        "Nomor identitas ini tidak punya jadwal di akun lain. Anda dapat memesan seperti biasa."
    )


class AlreadyContested(DomainError):
    code = "already_contested"
    http_status = 409
    message = _(
        "Laporan Anda untuk nomor ini sudah kami catat. Datanglah dengan kartu identitas asli "
        "ke kantor yang Anda pilih."
    )


class ContestDecided(MoveNotAllowed):
    code = "contest_decided"
    message = _("Laporan ini sudah diputus. Muat ulang halaman untuk melihat putusannya.")


class HolderIsHere(DomainError):
    """The booking that is contested has been checked in: a person with a document is in the office."""

    code = "holder_is_here"
    http_status = 409
    message = _(
        "Pemegang jadwal itu sudah dicatat hadir, sehingga jadwalnya tidak dapat dilepas dari sini. "
        "Hubungi kantor tempat ia dilayani; namanya dicocokkan di loket."
    )


class RestrictionOver(DomainError):
    code = "restriction_over"
    http_status = 409
    message = _("Pembatasan ini sudah tidak berlaku. Muat ulang halaman untuk melihat keadaannya.")


class AlreadyWaiting(DomainError):
    """A person waits at this office already, in this account or another; nobody is told whose."""

    code = "already_waiting"
    http_status = 409
    message = _(
        "Nomor identitas ini sudah ada di daftar tunggu kantor ini. Satu orang satu kali: "
        "buka daftar tunggu Anda bila ingin mengubahnya."
    )


class OfferOver(MoveNotAllowed):
    """The offer can no longer be answered: too late, answered before, or the office took it back."""

    code = "offer_over"
    message = _(
        "Tawaran ini tidak berlaku lagi: sudah dijawab, lewat batas waktunya, atau ditarik kantor. "
        "Lihat daftar tunggu Anda untuk keadaan terakhir."
    )
