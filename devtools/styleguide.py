"""Every component on one page, with invented data. Only in debug and in the demo."""

import datetime as dt
from types import SimpleNamespace
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from core import fields, formats
from core.qr import mrz, qr
from quotas import labels

ZONE = ZoneInfo("Asia/Jakarta")
MONDAY = dt.date(2026, 11, 30)
SHOWN_ERRORS = (400, 403, 404, 409, 429, 500, 503)
FRIDAY, SATURDAY = 4, 5


class ExampleForm(forms.Form):
    """A form with two errors."""

    full_name = fields.CharField(
        label=gettext_lazy("Nama lengkap"),
        help_text=gettext_lazy("Persis seperti di KTP, tanpa gelar. Nama satu kata boleh."),
    )
    nik = fields.CharField(
        label="NIK",
        min_length=16,
        help_text=gettext_lazy("16 angka di bawah nama pada KTP."),
        widget=forms.TextInput(attrs={"class": "input--code", "inputmode": "numeric"}),
    )
    purpose = forms.ChoiceField(
        label=gettext_lazy("Tujuan perjalanan"),
        choices=[("holiday", gettext_lazy("Liburan")), ("umrah", gettext_lazy("Umrah"))],
        widget=forms.RadioSelect,
    )
    office = forms.ChoiceField(
        label=gettext_lazy("Kantor"), choices=[("plg", "Palembang"), ("bpn", "Balikpapan")]
    )
    note = fields.CharField(label=gettext_lazy("Catatan"), required=False, widget=forms.Textarea)
    reminders = forms.BooleanField(
        label=gettext_lazy("Kirim pengingat kepada saya lewat surel"),
        required=False,
        help_text=gettext_lazy("Tidak wajib. Bisa dihentikan kapan saja."),
    )


class ExampleLoad:
    """Data for a chart of a report."""

    labels: ClassVar = ["16", "17", "18", "19", "20"]
    planned: ClassVar = [75, 75, 75, 75, 75]
    booked: ClassVar = [74, 75, 72, 75, 75]
    arrived: ClassVar = [66, 70, 64, 69, None]


def _moment(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), ZONE)


def _week(first: dt.date, state: str, opening: str) -> dict[str, Any]:
    days = []
    for nth in range(7):
        date = first + dt.timedelta(days=nth)
        day: dict[str, Any] = {"date": date, "state": state, "reason": _("Dibuka Jum 4 Des, 14.00")}
        if state == "open":
            day |= {
                "places": 75,
                "left": 75 - 9 * nth,
                "url": "#jam",
                "reason": _("masih ada tempat"),
            }
        if state == "open" and nth == 0:
            day |= {"state": "full", "reason": labels.full()}
        if state == "past":
            day["reason"] = _("75 dipesan, 68 datang")
        if nth == FRIDAY and state == "not_yet_open":
            day |= {"state": "closed", "word": _("Libur"), "reason": _("Hari Raya Natal")}
        if nth >= SATURDAY:
            day |= {"state": "closed", "is_off": True, "reason": _("Akhir pekan")}
        days.append(day)
    return {
        "first": first,
        "last": first + dt.timedelta(days=6),
        "opening": opening,
        "is_open_now": state == "open",
        "days": days,
    }


def _slots() -> list[dict[str, Any]]:
    rows = [
        (8, 0, "full"),
        (9, 4, "open"),
        (10, 9, "open"),
        (11, 1, "open"),
        (13, 15, "open"),
        (14, 0, "closed"),
    ]
    reasons = {
        "full": labels.full(),
        "closed": _("Jam ini untuk menyelesaikan kunjungan yang sudah dimulai."),
    }
    return [
        {
            "id": hour,
            "starts_at": _moment(MONDAY, hour),
            "ends_at": _moment(MONDAY, hour + 1),
            "left": left,
            "places": 15,
            "state": state,
            "reason": reasons.get(state, ""),
        }
        for hour, left, state in rows
    ]


def _openings() -> list[dict[str, Any]]:
    return [
        {
            "kind": "soon",
            "before": _("Hari ini"),
            "figure": "14.00",
            "after": _("WIB · 40 menit lagi"),
            "office_name": "Palembang",
            "office_url": "#kalender",
            "text": _("Untuk Senin 30 Nov – Jumat 4 Des, siapa cepat"),
            "total": 375,
            "note": _("375 tempat akan dibuka"),
            "action_url": "#formulir",
            "action_text": _("Siapkan permohonan"),
            "main": True,
        },
        {
            "kind": "open",
            "before": _("Sedang dibuka"),
            "figure": "31",
            "after": _("tempat tersisa"),
            "office_name": "Balikpapan",
            "office_url": "#kalender",
            "text": _("Untuk Jumat 4 Des. Hari berikutnya dibuka Senin pukul 08.00 WITA"),
            "total": 75,
            "taken": 44,
            "note": _("31 dari 75 tempat dapat dipesan"),
            "action_url": "#jam",
            "action_text": _("Pilih jam"),
        },
    ]


def _ticket() -> dict[str, Any]:
    return {
        "code": "PLG-7K4M-2Q",
        "qr": qr("PLG-7K4M-2Q"),
        "mrz": mrz("PLG-7K4M-2Q"),
        "office_name": "Kantor Imigrasi Palembang",
        "date": formats.date_long(MONDAY),
        "begins": "09.00",
        "ends": "10.00",
        "zone": ZONE,
        "name": "Siti Rahmawati",
        "service": _("Penggantian paspor, elektronik 10 tahun"),
        "lane_letter": "A",
        "lane_name": "Online",
        "arrive": _("antara 08.45 dan 10.00, gerbang utara"),
        "place": _("Lantai 2, Jl. Pangeran Ratu, Jakabaring"),
    }


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the public site's components."""
    context = {
        "form": ExampleForm(
            {"full_name": "Siti Rahmawati", "nik": "167102540688", "office": "plg"}
        ),
        "states": ["open", "full", "not_yet_open", "closed", "past"],
        "visit_states": ["waiting", "called", "serving", "done", "risk", "late"],
        "openings": _openings(),
        "weeks": [
            _week(
                MONDAY - dt.timedelta(days=7),
                "past",
                _("Dibuka 20 Nov, ditutup Minggu 22 Nov pukul 16.00"),
            ),
            _week(MONDAY, "open", _("Sedang dibuka sampai Minggu 29 Nov pukul 16.00")),
            _week(
                MONDAY + dt.timedelta(days=7),
                "not_yet_open",
                _("Dibuka Jumat 4 Des pukul 14.00, 375 tempat"),
            ),
        ],
        "slots": _slots(),
        "zone": ZONE,
        "ticket": _ticket(),
        "moment": _moment(MONDAY, 14),
        "rows": [
            {
                "label": _("Kantor"),
                "value": "Palembang",
                "change_url": "#kalender",
                "what": _("kantor"),
            },
            {"label": _("Jam"), "value": "09.00–10.00 WIB", "change_url": "#jam", "what": _("jam")},
        ],
        "head": [(_("Jalur"), False), (_("Per hari"), True)],
        "table_rows": [["Online", 75], [_("Prioritas"), 20]],
        "fee": formats.rupiah(950000),
        "trail": [("#", _("Kantor"))],
    }
    return render(request, "devtools/styleguide/show.html", context)


@require_safe
def show_desk(request: HttpRequest) -> HttpResponse:
    """Show the officers' components in their console."""
    context = {
        "title": _("Loket 3"),
        "is_console": True,
        "officer": SimpleNamespace(office="Balikpapan", role=_("Petugas loket"), name="Rina M."),
        "job_menu": [
            {"url": request.path, "label": _("Loket")},
            {
                "label": _("Mengatur"),
                "jobs": [{"url": "#", "label": _("Aturan")}, {"url": "#", "label": _("Penutupan")}],
            },
        ],
        **_desk_visit(),
        **_desk_queue(),
        **_desk_day(),
        **_desk_charts(),
    }
    return render(request, "devtools/styleguide/desk.html", context)


def _desk_visit() -> dict[str, Any]:
    clock = {
        "running": 58,
        "waited": 41,
        "served": 17,
        "ahead": 47,
        "edge": 15,
        "limit": 120,
        "arrived_at": _moment(MONDAY, 9, 48),
        "due_at": _moment(MONDAY, 11, 48),
        "zone": ZONE,
        "expected": "11.00–11.06",
        "state": "done",
        "state_text": _("Aman, sisa 62 menit"),
    }
    return {
        "clock": clock,
        "stages": [
            {"number": 1, "name": _("Berkas"), "state": "done", "text": _("7 menit, standar 8")},
            {
                "number": 2,
                "name": _("Wawancara"),
                "state": "serving",
                "text": _("10 menit, standar 10"),
                "is_now": True,
            },
            {
                "number": 3,
                "name": _("Foto dan sidik jari"),
                "state": "waiting",
                "text": _("standar 6 menit"),
            },
        ],
    }


def _desk_queue() -> dict[str, Any]:
    return {
        "lanes": [
            {"letter": "A", "css": "", "waiting": 9, "room": 6, "name": _("online")},
            {"letter": "P", "css": "lane--p", "waiting": 2, "room": 13, "name": _("prioritas")},
            {"letter": "L", "css": "lane--l", "waiting": 4, "room": 11, "name": _("langsung")},
        ],
        "queue": [
            {"number": "P-007", "slot": _("langsung"), "waited": 22, "left": 98, "state": ""},
            {"number": "A-038", "slot": "09–10", "waited": 51, "left": 69, "state": ""},
            {"number": "L-011", "slot": _("langsung"), "waited": 83, "left": 37, "state": "risk"},
        ],
    }


def _desk_day() -> dict[str, Any]:
    return {
        "flow": {
            "figures": [
                (_("kuota"), 75),
                (_("dipesan"), 71),
                (_("tiba"), 50),
                (_("selesai"), 30),
            ],
            "done": 30,
            "serving": 5,
            "waiting": 15,
            "missing": 36,
            "sentence": _("Dari 86 orang: 30 selesai, 5 dilayani, 15 menunggu, 36 belum tiba"),
        },
        "todo": [
            {
                "state": "risk",
                "word": "",
                "text": _("L-011, sisa 37 menit"),
                "detail": _("4 orang di depan"),
                "action_url": "#content",
                "action_text": _("Buka loket 6"),
            },
        ],
    }


def _desk_charts() -> dict[str, Any]:
    load = ExampleLoad
    return {
        "load": {
            "chart": {
                "labels": load.labels,
                "plan": load.planned,
                "series": [
                    {"values": load.booked, "css": "c3"},
                    {"values": load.arrived, "css": "c1"},
                ],
                "label": _("Rencana 75 tiap hari; dipesan 72 sampai 75; tiba 64 sampai 70"),
            }
        },
        "waiting_chart": {
            "from": 8,
            "to": 15,
            "points": [(8, 4), (8.5, 9), (9, 12), (9.67, 18), (10.3, 16), (10.77, 15)],
            "band": [(10.77, 15, 15), (11.5, 4, 12), (13, 2, 8), (15, 0, 4)],
            "mark": (10.77, _("sekarang 15")),
            "label": _("Orang menunggu: naik ke 18 pada 09.40, sekarang 15"),
        },
    }


@require_safe
def show_error(request: HttpRequest, status: int) -> HttpResponse:
    """Show an error page."""
    if status not in SHOWN_ERRORS:
        raise Http404
    return render(request, f"{status}.html", status=status)
