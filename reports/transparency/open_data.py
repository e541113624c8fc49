"""The open data: one definition of each data set, for CSV, JSON and the data dictionary."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from reports.transparency import selectors
from reports.transparency.months import Month
from reports.transparency.selectors import MonthFigures

LICENCE: Final = "CC-BY-4.0"
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Source:
    """What the rows of every data set are made from."""

    figures: Sequence[MonthFigures]
    month: Month


@dataclass(frozen=True)
class Field:
    """One column. `kind` is `string`, `integer`, `number` or `date`."""

    name: str
    kind: str
    text: Any


@dataclass(frozen=True)
class DataSet:
    """One table of open data."""

    name: str
    title: Any
    text: Any
    fields: tuple[Field, ...]
    rows: Callable[[Source], Iterator[Row]]


OFFICE: Final = Field("office", "string", _("Kode kantor"))
MONTH: Final = Field("month", "string", _("Bulan, misalnya 2026-11"))


def _by_month(
    name: str,
    title: Any,
    text: Any,
    fields: Sequence[Field],
    rows: Callable[[MonthFigures], Iterable[Row]],
) -> DataSet:
    """Return a data set of months; `rows` gives what follows the office and the month."""

    def with_month(source: Source) -> Iterator[Row]:
        for one in source.figures:
            for row in rows(one):
                yield one.office.code, str(one.month), *row

    return DataSet(name, title, text, (OFFICE, MONTH, *fields), with_month)


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _days(source: Source) -> Iterator[Row]:
    names = [field.name for field in DAYS]
    for one in source.figures:
        for load in one.days:
            yield tuple(getattr(load, name) for name in names)


def _waits(one: MonthFigures) -> Iterator[Row]:
    for wait in selectors.waits_by_hour(one.office, one.month):
        yield wait.hour, wait.visits, wait.median


def _promises(one: MonthFigures) -> Iterator[Row]:
    for name in ("two_hours", "working_days"):
        kept = getattr(one.promises, name)
        yield name, kept.kept, kept.late, kept.unserved, _share(kept.rate)


def _exceptions(one: MonthFigures) -> Iterator[Row]:
    for row in one.exceptions:
        yield row.code, row.reason, row.count


def _satisfaction(one: MonthFigures) -> Iterator[Row]:
    row = one.satisfaction
    if row is not None:
        yield row.invited, row.answers, _share(row.response_rate), row.index, row.grade or None


def _complaints(one: MonthFigures) -> Iterator[Row]:
    row = one.complaints
    yield row.made, row.in_time, row.late, row.overdue


def _people(one: MonthFigures) -> Iterator[Row]:
    for dimension, counts in selectors.people_by(one.office, one.month).items():
        for category in sorted(counts):
            yield dimension, category, counts[category]


def _lotteries(source: Source) -> Iterator[Row]:
    for draw in selectors.lotteries_of([one.office for one in source.figures], source.month):
        window = draw.window
        assert draw.drawn_at is not None
        yield (
            draw.office.code,
            window.pk,
            window.first_day,
            window.last_day,
            draw.drawn_at.astimezone(draw.office.zone).isoformat(),
            draw.source,
            reverse("booking:draw_proof", args=[window.pk]),
        )


DAYS: Final = (
    OFFICE,
    Field("date", "date", _("Hari layanan")),
    Field("planned", "integer", _("Kuota menurut keputusan, jalur yang dipesan daring")),
    Field("released", "integer", _("Tempat yang dibuka untuk dipesan")),
    Field("booked", "integer", _("Tempat yang dipesan")),
    Field("arrived", "integer", _("Pemesan yang datang")),
    Field("served", "integer", _("Kunjungan yang selesai, semua jalur")),
    Field("no_show", "integer", _("Pemesan yang tidak datang")),
    Field("walk_in", "integer", _("Diterima tanpa jadwal")),
    Field("priority", "integer", _("Diterima di jalur prioritas")),
)
DATA_SETS: Final = {
    one.name: one
    for one in (
        DataSet(
            "days",
            _("Kuota, pemesanan, dan pelayanan per hari"),
            _("Satu baris per kantor dan hari. Kosong: belum ada datanya."),
            DAYS,
            _days,
        ),
        _by_month(
            "waits",
            _("Waktu tunggu menurut jam kedatangan"),
            _("Hanya jam dengan lima kunjungan atau lebih."),
            (
                Field("hour", "integer", _("Jam kedatangan, waktu setempat, 0–23")),
                Field("visits", "integer", _("Banyaknya kunjungan")),
                Field("median_minutes", "number", _("Nilai tengah menit sampai dipanggil")),
            ),
            _waits,
        ),
        _by_month(
            "promises",
            _("Janji dua jam dan empat hari kerja"),
            _("Yang tidak selesai sampai batas waktunya lewat dihitung sebagai pelanggaran."),
            (
                Field(
                    "promise",
                    "string",
                    _("two_hours: kunjungan; working_days: paspor yang jatuh tempo"),
                ),
                Field("kept", "integer", _("Ditepati")),
                Field("late", "integer", _("Selesai setelah waktunya")),
                Field("unserved", "integer", _("Belum selesai padahal batas waktunya lewat")),
                Field("rate", "number", _("Bagian yang ditepati, 0 sampai 1")),
            ),
            _promises,
        ),
        _by_month(
            "exceptions",
            _("Pengecualian oleh petugas"),
            _("Jumlah per bulan dan kantor; tidak pernah disamarkan."),
            (
                Field("kind", "string", _("Kode jenis pengecualian")),
                Field("reason", "string", _("Alasan dari daftar; kosong bila tidak ada")),
                Field("count", "integer", _("Banyaknya")),
            ),
            _exceptions,
        ),
        _by_month(
            "satisfaction",
            _("Survei kepuasan"),
            _("Indeks 25 sampai 100; kosong bila kurang dari lima jawaban."),
            (
                Field("invited", "integer", _("Undangan yang dikirim")),
                Field("answers", "integer", _("Jawaban")),
                Field("response_rate", "number", _("Bagian undangan yang dijawab, 0 sampai 1")),
                Field("index", "number", _("Indeks kepuasan")),
                Field("grade", "string", _("Kelas A sampai D")),
            ),
            _satisfaction,
        ),
        _by_month(
            "complaints",
            _("Pengaduan"),
            _("Pengaduan yang disampaikan pada bulan itu."),
            (
                Field("made", "integer", _("Disampaikan")),
                Field("in_time", "integer", _("Dijawab dalam 14 hari")),
                Field("late", "integer", _("Dijawab setelah 14 hari")),
                Field("overdue", "integer", _("Belum dijawab padahal batas waktunya lewat")),
            ),
            _complaints,
        ),
        _by_month(
            "people",
            _("Orang yang dilayani menurut kelompok"),
            _(
                "Jumlah di bawah lima disamarkan, juga bila dapat dihitung dari jumlah lain; nilainya kosong."
            ),
            (
                Field(
                    "dimension",
                    "string",
                    _("Pembagian: purpose, sex, age, nationality, atau priority"),
                ),
                Field("category", "string", _("Kode kelompok")),
                Field("people", "integer", _("Banyaknya orang; kosong bila disamarkan")),
            ),
            _people,
        ),
        DataSet(
            "lotteries",
            _("Undian dan buktinya"),
            _("Undian untuk hari layanan yang mulai pada bulan itu."),
            (
                OFFICE,
                Field("window", "integer", _("Nomor pembukaan kuota")),
                Field("first_day", "date", _("Hari layanan pertama")),
                Field("last_day", "date", _("Hari layanan terakhir")),
                Field("drawn_at", "string", _("Waktu undian")),
                Field("source", "string", _("Kode sumber nilai publik")),
                Field("proof", "string", _("Alamat berkas bukti")),
            ),
            _lotteries,
        ),
    )
}


def as_csv(data: DataSet, source: Source) -> str:
    """Return a data set as CSV: UTF-8, comma, decimal point, empty where unknown or suppressed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([field.name for field in data.fields])
    writer.writerows(data.rows(source))
    return text.getvalue()


def as_json(data: DataSet, source: Source) -> dict[str, Any]:
    """Return a data set as JSON with its columns, so that a reader needs no other file."""
    names = [field.name for field in data.fields]
    return {
        "name": data.name,
        "month": str(source.month),
        "licence": LICENCE,
        "fields": fields_of(data),
        "rows": [dict(zip(names, row, strict=True)) for row in data.rows(source)],
    }


def fields_of(data: DataSet) -> list[dict[str, str]]:
    """Describe the columns of a data set, in the reader's language."""
    return [
        {"name": field.name, "type": field.kind, "description": str(field.text)}
        for field in data.fields
    ]


def dictionary() -> dict[str, Any]:
    """Return the data dictionary of all data sets, in the reader's language."""
    return {
        "licence": LICENCE,
        "data_sets": [
            {
                "name": data.name,
                "title": str(data.title),
                "description": str(data.text),
                "csv": reverse("transparency:data_csv", args=[data.name]),
                "json": reverse("transparency:data_json", args=[data.name]),
                "fields": fields_of(data),
            }
            for data in DATA_SETS.values()
        ],
    }
