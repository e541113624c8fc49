"""The evidence report of an office for its zone of integrity (WBK, WBBM).

Each section reads the selector that the office's screens read, so that the figures agree.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from booking.integrity.selectors import signal_outcomes
from booking.lottery.models import Draw
from core.formats import day_long, local_time, month_year, number, percent
from offices.directory.models import Office
from offices.exceptions import exceptions_by_month
from quotas.policies.models import QuotaPolicy, RuleChange
from reports.evidence.sections import SECTIONS, Section, plain
from reports.load.columns import COLUMNS
from reports.load.selectors import DailyLoad, daily_load, totals
from reports.promises.figures import Kept
from reports.promises.selectors import kept_by_month

SERVED: Final = (
    "planned",
    "released",
    "booked",
    "arrived",
    "walk_in",
    "priority",
    "accelerated",
    "served",
    "no_show",
)


@dataclass(frozen=True)
class Evidence:
    """The report of an office and a span of days, both ends included."""

    office: Office
    first: date
    last: date
    made_at: datetime
    sections: Sequence[Section]


def evidence_of(office: Office, first: date, last: date, *, now: datetime) -> Evidence:
    """Return the whole report."""
    sections = [
        _quotas(office, first, last),
        _changes(office, first, last),
        _served(office, first, last, now),
        *_promises(office, first, last, now),
        _exceptions(office, first, last),
        _signals(office, first, last),
        _lotteries(office, first, last),
        *(make(office, first, last, now) for make in SECTIONS.values()),
    ]
    return Evidence(office, first, last, now, sections)


def _quotas(office: Office, first: date, last: date) -> Section:
    scope = Q(office=office) | Q(region=office.region_id) | Q(office=None, region=None)
    in_span = Q(valid_until__isnull=True) | Q(valid_until__gte=first)
    rows = QuotaPolicy.objects.filter(scope, in_span, valid_from__lte=last).select_related(
        "lane", "group", "office", "region"
    )
    return Section(
        code="quotas",
        title=_("Kuota dan dasar hukumnya"),
        columns=[
            _("Jalur"),
            _("Kelompok"),
            _("Berlaku sejak"),
            _("Berlaku sampai"),
            _("Dasar hukum"),
            _("Angka dasar"),
            _("Persen"),
            _("Paling banyak"),
        ],
        rows=[
            [
                str(row.lane),
                str(row.group),
                day_long(row.valid_from),
                day_long(row.valid_until) or "–",
                row.instrument,
                plain(row.base),
                number(row.percent),
                plain(row.cap),
            ]
            for row in rows.order_by("lane", "group", "valid_from", "pk")
        ],
        note=_("Aturan kantor didahulukan, lalu aturan wilayah, lalu aturan nasional."),
        texts=5,
    )


def _changes(office: Office, first: date, last: date) -> Section:
    begins = office.at(first, datetime.min.time())
    ends = office.at(last, datetime.max.time())
    rows = RuleChange.objects.filter(office=office, at__range=(begins, ends))
    return Section(
        code="changes",
        title=_("Perubahan aturan dan tempat tambahan"),
        columns=[
            pgettext("tanggal", "Dicatat"),
            _("Jenis"),
            _("Jalur"),
            _("Berlaku sejak"),
            _("Dasar hukum atau alasan"),
        ],
        rows=[
            [
                local_time(row.at, office),
                str(row.get_kind_display()),
                str(row.lane),
                day_long(row.starts_on),
                row.instrument,
            ]
            for row in rows.select_related("lane").order_by("at", "pk")
        ],
        texts=5,
    )


def _served(office: Office, first: date, last: date, now: datetime) -> Section:
    months: dict[date, list[DailyLoad]] = defaultdict(list)
    loads = daily_load(office, first, last, now)
    for load in loads:
        months[load.date.replace(day=1)].append(load)
    labels = {column.name: str(column.label) for column in COLUMNS}
    return Section(
        code="served",
        title=_("Rencana, pemesanan, dan layanan"),
        columns=[_("Bulan"), *(labels[name] for name in SERVED)],
        rows=[
            *([month_year(month), *_figures(own)] for month, own in sorted(months.items())),
            [_("Jumlah"), *_figures(loads)],
        ],
        note=_("Sama dengan laporan beban harian."),
    )


def _figures(loads: Sequence[DailyLoad]) -> list[str]:
    sums = totals(loads)
    return [plain(sums[name]) for name in SERVED]


def _promises(office: Office, first: date, last: date, now: datetime) -> list[Section]:
    months = kept_by_month([office], first, last, now=now)[office.pk]
    return [
        _promise(
            "two_hours",
            _("Janji dua jam"),
            [(row.month, row.two_hours) for row in months],
            _("Yang belum dilayani sesudah dua jam dihitung sebagai pelanggaran."),
        ),
        _promise(
            "working_days",
            _("Janji hari kerja paspor"),
            [(row.month, row.working_days) for row in months],
            _(
                "Menurut hari yang dijanjikan, empat hari kerja sejak wawancara atau menurut layanannya."
            ),
        ),
    ]


def _promise(code: str, title: str, months: Sequence[tuple[date, Kept]], note: str) -> Section:
    total = sum((kept for _month, kept in months), Kept())
    rows = [*((month_year(month), kept) for month, kept in months), (_("Jumlah"), total)]
    return Section(
        code=code,
        title=title,
        columns=[
            _("Bulan"),
            _("Dihitung"),
            _("Tepat waktu"),
            _("Selesai terlambat"),
            _("Tidak dilayani"),
            _("Ditepati"),
        ],
        rows=[
            [
                name,
                plain(kept.total),
                plain(kept.kept),
                plain(kept.late),
                plain(kept.unserved),
                percent(kept.rate),
            ]
            for name, kept in rows
        ],
        note=note,
    )


def _exceptions(office: Office, first: date, last: date) -> Section:
    return Section(
        code="exceptions",
        title=_("Pengecualian oleh petugas"),
        columns=[_("Bulan"), _("Pengecualian"), _("Alasan"), _("Jumlah")],
        rows=[
            [month_year(row.month), row.name, row.reason or "–", plain(row.count)]
            for row in exceptions_by_month([office], first, last)[office.pk]
        ],
        note=_("Tanpa alasan dari daftar: dasarnya tertulis di perubahan aturan."),
        texts=3,
    )


def _signals(office: Office, first: date, last: date) -> Section:
    return Section(
        code="signals",
        title=_("Indikasi calo dan hasil pemeriksaannya"),
        columns=[
            _("Pola"),
            _("Ditemukan"),
            _("Terbukti"),
            _("Wajar"),
            _("Dipantau"),
            _("Belum diperiksa"),
        ],
        rows=[
            [
                row.name,
                *map(plain, (row.count, row.confirmed, row.groundless, row.watched, row.open)),
            ]
            for row in signal_outcomes(office, first, last)
        ],
        note=_(
            "Tidak ada yang dihukum karena indikasi: supervisor memeriksa tiap kasus dan mencatat alasannya."
        ),
    )


def _lotteries(office: Office, first: date, last: date) -> Section:
    held = Draw.objects.filter(
        office=office,
        drawn_at__isnull=False,
        window__last_day__gte=first,
        window__first_day__lte=last,
    )
    rows: Any = held.select_related("window").annotate(
        people=Count("entries", filter=Q(entries__rank__isnull=False))
    )
    return Section(
        code="lotteries",
        title=_("Undian dan buktinya"),
        columns=[
            _("Hari layanan"),
            _("Segel angka rahasia"),
            _("Sidik daftar"),
            _("Nilai publik"),
            _("Bukti"),
            _("Peserta"),
        ],
        rows=[
            [
                f"{day_long(row.window.first_day)} – {day_long(row.window.last_day)}",
                row.seed_hash,
                row.list_digest,
                row.public_value,
                reverse("booking:draw_proof", args=[row.window_id]),
                plain(row.people),
            ]
            for row in rows.order_by("drawn_at", "pk")
        ],
        note=_("Siapa pun dapat menghitung ulang hasilnya dari berkas bukti."),
        texts=5,
    )
