"""Sentences about rules, days and slots, in the reader's language."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import date_dated, number, time_dated
from core.languages import localized
from offices.directory.models import ZONE_NAMES, Office
from offices.labels import time_zoned, weekday_name
from quotas.plan.days import Reason
from quotas.plan.decrees import ReleaseDecree
from quotas.plan.faults import Fault

SATURDAY = 6


def release_text(rule: ReleaseDecree, office: Office) -> str:
    """Return the rhythm of a rule as one sentence; with a waiting room, two."""
    sentences = [_rhythm_text(rule, office)]
    if rule.has_waiting_room:
        sentences.append(_("Melalui ruang tunggu."))
    return " ".join(sentences)


def _rhythm_text(rule: ReleaseDecree, office: Office) -> str:
    at = time_zoned(office, rule.opens_time)
    if rule.kind == "monthly":
        return _monthly_text(rule, at)
    if rule.kind == "weekly":
        first, last = weekday_name(1), weekday_name(rule.covers_days)
        days = first if rule.covers_days == 1 else f"{first}–{last}"
        name = weekday_name(rule.weekday or 1)
        sentence = (
            _("Setiap %(weekday)s pukul %(time)s untuk %(days)s berikutnya.")
            if rule.weeks_ahead <= 1
            else _("Setiap %(weekday)s pukul %(time)s untuk %(days)s, %(weeks)d minggu kemudian.")
        )
        return sentence % {"weekday": name, "time": at, "days": days, "weeks": rule.weeks_ahead}
    if not rule.days_ahead:
        return _("Setiap hari kerja, untuk hari itu juga.")
    return ngettext(
        "Setiap hari pukul %(time)s untuk hari berikutnya.",
        "Setiap hari pukul %(time)s untuk hari layanan %(days)d hari kemudian.",
        rule.days_ahead,
    ) % {"time": at, "days": rule.days_ahead}


def _monthly_text(rule: ReleaseDecree, at: str) -> str:
    days = " " + _("dan") + " "
    if rule.tranches:
        sentence = _("Bertahap, setiap bulan pada %(days)s pukul %(time)s.")
    elif rule.months_ahead == 0:
        sentence = _("Setiap bulan pada %(days)s pukul %(time)s untuk bulan itu juga.")
    elif rule.months_ahead == 1:
        sentence = _("Setiap bulan pada %(days)s pukul %(time)s untuk bulan berikutnya.")
    else:
        sentence = _("Setiap bulan pada %(days)s pukul %(time)s untuk %(months)d bulan kemudian.")
    named = days.join(_month_day(number, rule) for number in rule.month_days)
    return sentence % {"days": named, "time": at, "months": rule.months_ahead}


def _month_day(number: int, rule: ReleaseDecree) -> str:
    """Return the text of an opening day of a month: `tanggal 1`, `hari kerja terakhir`."""
    if number == -1:
        return _("hari kerja terakhir") if rule.counts_working_days else _("hari terakhir")
    if number < 0:
        sentence = (
            _("hari kerja ke-%(n)d dari akhir")
            if rule.counts_working_days
            else _("hari ke-%(n)d dari akhir")
        )
        return sentence % {"n": -number}
    sentence = _("hari kerja ke-%(n)d") if rule.counts_working_days else _("tanggal %(n)d")
    return sentence % {"n": number}


def closing_text(rule: ReleaseDecree, office: Office) -> str:
    """Return when the places of a rule can no longer be booked, as text."""
    at = time_zoned(office, rule.closes_time)
    if rule.closes_after_days is not None:
        if rule.weekday:
            name = weekday_name((rule.weekday - 1 + rule.closes_after_days) % 7 + 1)
            return _("Ditutup %(weekday)s pukul %(time)s.") % {"weekday": name, "time": at}
        return ngettext(
            "Ditutup %(days)d hari setelah dibuka, pukul %(time)s.",
            "Ditutup %(days)d hari setelah dibuka, pukul %(time)s.",
            rule.closes_after_days,
        ) % {"days": rule.closes_after_days, "time": at}
    if rule.closes_before_days == 1:
        return _("Ditutup sehari sebelum kedatangan, pukul %(time)s.") % {"time": at}
    return ngettext(
        "Ditutup %(days)d hari sebelum kedatangan, pukul %(time)s.",
        "Ditutup %(days)d hari sebelum kedatangan, pukul %(time)s.",
        rule.closes_before_days or 0,
    ) % {"days": rule.closes_before_days or 0, "time": at}


def moment(at: datetime, time_zone: str) -> str:
    """Return a time by the office's clock: `Jumat 27 Nov pukul 14.00 WIB`."""
    local = at.astimezone(ZoneInfo(time_zone))
    return _("%(day)s pukul %(hour)s %(zone)s") % {
        "day": date_format(local.date(), "l j M"),
        "hour": f"{local:%H.%M}",
        "zone": ZONE_NAMES.get(time_zone, time_zone),
    }


def closed(reason: Reason, day: date) -> str:
    """Return why a day has no places, as text."""
    if reason.code == "holiday":
        return _("Libur: %(name)s") % {"name": localized(reason)}
    if reason.code == "closed":
        return _("Tutup: %(name)s") % {"name": localized(reason)}
    if reason.code == "not_working" and day.isoweekday() >= SATURDAY:
        return _("Akhir pekan")
    if reason.code == "not_working":
        return _("Kantor tidak buka pada hari ini")
    if reason.code == "no_release":
        return _("Jadwal hari ini belum diumumkan")
    return _("Tidak ada tempat untuk layanan ini pada hari ini")


def past() -> str:
    return _("Sudah lewat")


def stopped(reason: str) -> str:
    """Return the text for an office that takes no new bookings, with its reason."""
    return _("Kantor ini sementara tidak menerima pemesanan: %(reason)s") % {"reason": reason}


def withdrawn() -> str:
    return _("Sesi ini ditiadakan")


def open_until(closes_at: datetime, left: int, time_zone: str) -> str:
    """Return how many places are left and until when, as text."""
    text = ngettext(
        "Sisa %(left)d tempat, sampai %(when)s", "Sisa %(left)d tempat, sampai %(when)s", left
    )
    return text % {"left": left, "when": moment(closes_at, time_zone)}


def opens(opens_at: datetime, time_zone: str) -> str:
    return _("Dibuka %(when)s") % {"when": moment(opens_at, time_zone)}


def lottery(opens_at: datetime, time_zone: str, now: datetime) -> str:
    """Return the text of a lottery: until when people can enter, or that it is being held."""
    if opens_at > now:
        return _("Diundi: daftar sampai %(when)s") % {"when": moment(opens_at, time_zone)}
    return _("Sedang diundi; hasilnya dikirim lewat surel")


def registration_closed(closes_at: datetime, time_zone: str) -> str:
    return _("Pemesanan ditutup %(when)s") % {"when": moment(closes_at, time_zone)}


def full() -> str:
    return _(
        "Saat ini tidak ada tempat yang dapat dipesan; tempat yang dibatalkan masuk ke daftar tunggu"
    )


def caution(code: str, values: Mapping[str, Any], office: Office) -> str:
    """Return the text of something that needs a second confirmation, with its numbers."""
    sentences = {
        "opens_at_once": _(
            "Waktu pembukaan aturan ini sudah lewat: %(places)s tempat langsung terbuka begitu disimpan."
        ),
        "short_notice": _(
            "%(places)s tempat dibuka %(opens_at)s, kurang dari %(hours)s jam sesudah keputusan ini. Pemohon hampir tidak punya waktu untuk mengetahuinya."
        ),
        "ten_times": _(
            "%(after)s tempat pada %(day)s mencapai sepuluh kali lipat atau lebih dari biasanya (%(usual)s). Periksa angkanya."
        ),
        "above_capacity": _(
            "Loket dapat melayani %(capacity)s orang pada %(day)s, tetapi %(needed)s tempat akan dibuka."
        ),
    }
    texts = {name: _value_text(value, office) for name, value in values.items()}
    return sentences[code] % texts


def _value_text(value: Any, office: Office) -> str:
    if isinstance(value, datetime):
        return time_dated(value, office)
    return date_dated(value) if isinstance(value, date) else number(value)


def fault(broken: Fault) -> str:
    """Return the text of a fault: what is wrong, and what is right."""
    sentences = {**_sentences(), **_sentences_of_openings()}
    return sentences[broken.code] % dict(broken.values)


def _sentences() -> dict[str, str]:
    return {
        "no_instrument": _("Isi surat keputusan atau edaran yang menetapkannya."),
        "ends_before_it_begins": _(
            "Tanggal berakhir lebih awal daripada mulai berlaku (%(first)s)."
        ),
        "too_soon": _(
            "Aturan baru berlaku paling cepat besok karena tempat hari ini sudah dijanjikan."
        ),
        "move_too_soon": _("Pengalihan baru berlaku paling cepat besok."),
        "rule_too_soon": _("Aturan baru berlaku paling cepat besok."),
        "too_far": _("Hari itu terlalu jauh. Pilih hari dalam dua tahun ke depan."),
        "out_of_range": _("Nilai %(number)s di luar batas. Isi %(least)s sampai %(most)s."),
        "percent": _("Nilai %(number)s persen di luar batas. Isi %(least)s sampai %(most)s."),
        "hours": _("Jam selesai harus sesudah jam mulai."),
        "rest_order": _("Masa tunggu terlama tidak boleh kurang dari yang tersingkat."),
        "same_lane": _("Pilih jalur selain jalur asal."),
        "no_products": _("Pilih sedikitnya satu jenis paspor."),
        "roll_over_cycle": _(
            "Tempat akan kembali ke jalur asalnya lewat pengalihan lain. Pilih jalur lain, atau akhiri pengalihan itu."
        ),
    }


def _sentences_of_openings() -> dict[str, str]:
    return {
        "no_weekday": _("Pilih hari pembukaan."),
        "no_month_days": _("Isi tanggal pembukaan."),
        "no_days_ahead": _("Isi dengan angka."),
        "february": _(
            "Tanggal %(day)s Februari tidak ada. Isi 1 sampai 28, atau -1 untuk hari terakhir bulan itu."
        ),
        "no_such_day": _(
            "Hari ke-%(day)s tidak ada di setiap bulan. Isi 1 sampai %(most)s, atau -1 untuk yang terakhir."
        ),
        "month_days_in_order": _("Isi tiap tanggal satu kali saja, berurutan."),
        "tranche_percent": _("Setiap tahap membuka lebih dari 0 persen."),
        "tranche_sum": _("Jumlah semua tahap %(sum)s persen. Sesuaikan menjadi tepat 100 persen."),
        "tranche_order": _(
            "Urutkan tahap dari yang paling awal dibuka; tiap waktu hanya satu kali."
        ),
        "too_far_ahead": _("Terlalu jauh ke depan; paling jauh %(most)s."),
        "closes_one_way": _(
            "Isi salah satu: ditutup beberapa hari setelah dibuka, atau beberapa hari sebelum layanan."
        ),
        "opens_too_late": _(
            "Kuota suatu hari layanan baru dibuka setelah hari itu lewat atau setelah pemesanan ditutup. Majukan waktu buka atau mundurkan waktu tutup."
        ),
        "room_of_a_draw": _(
            "Undian tidak memerlukan ruang tunggu: tidak ada yang perlu cepat-cepat. Kosongkan pilihan ini."
        ),
        "closes_after_service": _(
            "Waktu tutup jatuh sesudah hari layanan pertama. Tutup paling lambat pada hari itu."
        ),
    }
