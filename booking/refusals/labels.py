"""Short texts of the reasons of refused bookings."""

from typing import Any, Final

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

REASONS: Final[dict[str, Any]] = {
    # The place
    "party_not_together": _("Jam yang berbeda dalam satu rombongan"),
    "full": _("Semua tempat jam itu sudah terisi"),
    "not_yet_open": _("Jam itu belum dibuka"),
    "window_closed": _("Pemesanan untuk jam itu sudah ditutup"),
    "place_not_held": _("Tempat yang ditawarkan sudah dilepas"),
    "offer_over": _("Tawaran tidak berlaku lagi"),
    "not_admitted": _("Ruang tunggu belum dilewati"),
    "waiting_room_in_use": _("Ruang tunggu sedang dipakai"),
    "not_bookable_online": _("Jam itu tidak dapat dipesan secara daring"),
    "service_not_offered": _("Layanan tidak ada di kantor itu"),
    "service_closed": _("Kantor tutup untuk layanan itu"),
    "group_not_served": _("Jam untuk kelompok layanan lain"),
    "walk_ins_not_admitted": _("Kantor tidak menerima kedatangan langsung hari itu"),
    "accelerated_closed": _("Percepatan hari itu sudah ditutup"),
    "product_not_made": _("Kantor tidak menerbitkan jenis paspor yang disiapkan"),
    # The people
    "not_bookable": _("Nomor identitas tidak dapat dipesankan jadwal saat itu"),
    "already_booked": _("Nomor identitas sudah punya jadwal"),
    "restricted": _("Pembatasan setelah jadwal yang tidak dihadiri"),
    "limit_reached": _("Batas pemesanan tercapai"),
    "rebooking_limit": _("Batas pemesanan setelah membatalkan sendiri"),
    "address_unconfirmed": _("Alamat surel belum diverifikasi"),
    "not_on_list": _("Orang tidak ada di daftar akun"),
    "wrong_identity_kind": _("Layanan bukan untuk jenis identitas itu"),
    "processing_restricted": _("Pemrosesan data orang itu dibatasi"),
    # The booking that was to move
    "same_slot": _("Jam yang sama dengan jadwal sekarang"),
    "no_change_left": _("Jadwal sudah pernah diubah"),
    "too_late": _("Terlambat untuk mengubah jadwal"),
    "move_not_allowed": _("Jadwal sudah berubah sebelumnya"),
    # The request
    "key_reused": _("Formulir lama dikirim lagi dengan isi lain"),
    "invalid": _("Isian belum lengkap atau salah"),
    "not_allowed": _("Tidak berwenang"),
    "not_found": _("Jadwal atau jam tidak ditemukan"),
    "busy": _("Sistem sibuk; belum ada yang berubah"),
    "slow_down": _("Terlalu banyak permintaan"),
}


def reason_text(code: str) -> str:
    """Return the text of a reason. A reason of an older version shows its code."""
    return str(REASONS.get(code) or _now("Alasan lain (%(code)s)") % {"code": code})
