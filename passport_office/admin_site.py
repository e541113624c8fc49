"""The officers' admin site: the public sign-in, and a home page that opens the officer's screen."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.requests import has_passed_second_factor
from core import clock
from core.admin import with_named_filters
from core.errors import NotAllowed
from core.lookups import check_lookups, check_selection
from offices.officer import short_name
from offices.permissions import ROLES_WITH, Right, is_officer
from offices.staff.models import Role, StaffRole
from offices.staff.selectors import roles_of
from pages.handbook import url_for_screen


@dataclass(frozen=True)
class Job:
    """A screen for officers, as the header and the home page show it."""

    name: str
    label: Any
    text: Any
    icon: str
    right: Right
    group: str = "steer"


# Tables of sign-in secrets (hashed tokens, keys of second factors, sessions), which libraries register.
WITHOUT_LIST = frozenset({"knox.AuthToken", "mfa.Authenticator", "usersessions.UserSession"})
# Officers with one of these rights have lists under "Data".
LISTS = frozenset({Right.READ_LISTS, Right.READ_AUDIT})
# Up to this many are separate entries in the header; more are shown in their groups.
MOST_SIDE_BY_SIDE = 4
GROUPS = {"serve": _("Melayani"), "steer": _("Mengatur"), "watch": _("Memantau")}
JOBS = (
    Job(
        "counters:gate",
        _("Gerbang"),
        _("Pindai tiket, catat hadir, dan terima pemohon yang datang langsung."),
        "door",
        Right.SERVE_GATE,
        "serve",
    ),
    Job(
        "counters:counter",
        _("Loket"),
        _("Panggil, layani semua tahap, dan selesaikan."),
        "serving",
        Right.SERVE_COUNTER,
        "serve",
    ),
    Job(
        "counters:production",
        _("Pengerjaan"),
        _("Cetak, periksa, dan siapkan paspor tepat waktu."),
        "print",
        Right.PRODUCE_PASSPORTS,
        "serve",
    ),
    Job(
        "counters:pickup",
        _("Pengambilan"),
        _("Serahkan paspor kepada yang berhak."),
        "passport",
        Right.HAND_OVER_PASSPORTS,
        "serve",
    ),
    Job(
        "protection:at_desk",
        _("Permintaan data"),
        _("Catat permintaan seseorang tentang datanya, setelah kartunya dicocokkan."),
        "doc",
        Right.RECORD_DATA_REQUEST,
        "serve",
    ),
    Job(
        "counters:today",
        _("Hari ini"),
        _("Siapa yang menunggu, apa yang berisiko, dan loket mana yang bekerja."),
        "clock",
        Right.READ_TODAY,
        "today",
    ),
    Job(
        "counters:capacity",
        _("Kapasitas"),
        _("Petugas, gangguan alat, dan jumlah yang dapat dilayani sampai tutup."),
        "people",
        Right.READ_LOAD,
    ),
    Job(
        "reports:simulation",
        _("Simulasi"),
        _(
            "Bagaimana suatu hari akan berjalan dengan kuota atau petugas yang lain, atau dengan gangguan."
        ),
        "people",
        Right.READ_LOAD,
    ),
    Job(
        "reports:advice",
        _("Saran"),
        _("Kuota dan petugas yang disarankan untuk minggu depan, dengan alasannya."),
        "flag",
        Right.READ_LOAD,
    ),
    Job(
        "counters:rules",
        _("Aturan"),
        _("Kuota dan pembukaannya: yang berlaku, perubahan, dan riwayat."),
        "doc",
        Right.READ_RULES,
    ),
    Job(
        "objections:objections",
        _("Keberatan"),
        _("Jawab keberatan atas undian dan atas jadwal yang dipindahkan."),
        "doc",
        Right.READ_RESTRICTIONS,
    ),
    Job(
        "payments:payments",
        _("Pembayaran"),
        _("Putuskan pembayaran yang terlambat, ganda, atau keliru; impor berkas bank."),
        "doc",
        Right.READ_PAYMENTS,
    ),
    Job(
        "absences:absences",
        _("Ketidakhadiran yang belum pasti"),
        _("Putuskan apakah kantor tidak dapat melayani atau pemohon tidak datang."),
        "risk",
        Right.READ_RESTRICTIONS,
    ),
    Job(
        "holidays:holidays",
        _("Hari libur"),
        _("Umumkan hari libur atau cuti bersama; lihat dulu siapa yang dipindahkan."),
        "closed",
        Right.READ_CLOSURES,
    ),
    Job(
        "holidays:hours",
        _("Jam buka"),
        _("Ubah jam buka; lihat dulu siapa yang dipindahkan."),
        "closed",
        Right.READ_CLOSURES,
    ),
    Job(
        "closures:closures",
        _("Penutupan"),
        _("Tutup hari, jam, ruang, atau jalur; pindahkan jadwal dan beri tahu pemohon."),
        "closed",
        Right.READ_CLOSURES,
    ),
    Job(
        "draws:desk",
        _("Undian"),
        _("Masukkan dan pastikan nilai publik, lihat undian yang menunggu."),
        "flag",
        Right.READ_LOTTERIES,
    ),
    Job(
        "brokers:contests",
        _("Sengketa NIK"),
        _("Nomor identitas yang dipakai orang lain: cocokkan kartu, batalkan jadwalnya."),
        "people",
        Right.READ_CONTESTS,
    ),
    Job(
        "brokers:signals",
        _("Calo"),
        _("Indikasi calo dan keberatan atas pembatasan."),
        "risk",
        Right.READ_BROKER_SIGNALS,
        "watch",
    ),
    Job(
        "officers:inspections",
        _("Pemeriksaan kantor"),
        _("Temuan pemeriksaan, tenggatnya, dan jawaban kantor."),
        "scan",
        Right.READ_INSPECTIONS,
        "watch",
    ),
    Job(
        "officers:officers",
        pgettext_lazy("jamak", "Petugas"),
        _("Undang, hentikan dan atur ulang petugas kantor Anda."),
        "people",
        Right.MANAGE_OFFICERS,
    ),
    Job(
        "protection:requests",
        _("Data pribadi"),
        _("Permintaan pemohon tentang datanya, dengan batas waktu menjawab."),
        "people",
        Right.READ_DATA_REQUESTS,
        "watch",
    ),
    Job(
        "reports:daily_load",
        _("Laporan"),
        _("Rencana, pemesanan, kedatangan, dan layanan tiap hari."),
        "cal",
        Right.READ_REPORTS,
        "watch",
    ),
    Job(
        "counters:complaints",
        _("Pengaduan"),
        _("Pengaduan tentang kantor, menurut batas jawabannya."),
        "doc",
        Right.READ_COMPLAINTS,
        "watch",
    ),
    Job(
        "counters:satisfaction",
        _("Survei kepuasan"),
        _("Indeks kepuasan per bulan dan unsur dengan nilai terendah."),
        "done",
        Right.READ_REPORTS,
        "watch",
    ),
    Job(
        "reports:promises",
        _("Janji layanan"),
        _(
            "Dua jam dan hari kerja paspor: seberapa sering ditepati, dan tahap mana yang paling lama."
        ),
        "clock",
        Right.READ_REPORTS,
        "watch",
    ),
    Job(
        "reports:reminders",
        _("Pengingat"),
        _("Kalimat pengingat mana yang membuat lebih banyak orang datang atau membatalkan."),
        "clock",
        Right.READ_REPORTS,
        "watch",
    ),
    Job(
        "reports:evidence",
        _("Bukti integritas"),
        _("Kuota, janji, pengecualian, indikasi calo, undian: satu laporan untuk WBK dan WBBM."),
        "doc",
        Right.READ_EVIDENCE,
        "watch",
    ),
    Job(
        "reports:forecast",
        _("Prakiraan"),
        _("Permintaan delapan minggu ke depan, dengan peringatan puncak."),
        "cal",
        Right.READ_REPORTS,
        "watch",
    ),
)
# The screen that the home page opens, by the first matching role.
HOMES = (
    (Role.SUPERVISOR, "counters:today"),
    (Role.COUNTER, "counters:counter"),
    (Role.GATE, "counters:gate"),
    (Role.PICKUP, "counters:pickup"),
)


class OfficeAdminSite(admin.AdminSite):
    """Django's admin site with our home page, header and sign-in."""

    site_title = _("Antrean Paspor")
    site_header = _("Antrean Paspor")
    index_title = _("Beranda")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """True for active staff whose session has passed the second factor, where one is required."""
        return super().has_permission(request) and has_passed_second_factor(request)

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[admin.ModelAdmin] | None = None,
        **options: Any,
    ) -> None:
        """Register lists that accept only their named filters. Tables of sign-in secrets get no list."""
        models = (
            [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        )
        shown = [model for model in models if model._meta.label not in WITHOUT_LIST]
        super().register(shown, with_named_filters(admin_class), **options)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Redirect to the account page: one way to change a password, which revokes and notifies."""
        return redirect("account_change_password")

    def password_change_done(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return redirect("account_change_password")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page shows, with the officer and their screens.

        Without Django's list of all tables, which only its sidebar shows: it reads the permissions.
        """
        context = {
            "site_title": self.site_title,
            "site_header": self.site_header,
            "site_url": self.site_url,
            "has_permission": self.has_permission(request),
            "is_popup": False,
            "is_nav_sidebar_enabled": self.enable_nav_sidebar,
            "log_entries": self.get_log_entries(request),
        }
        rows = staff_roles(request)
        roles = {Role(row.role) for row in rows}
        is_superuser = bool(getattr(request.user, "is_superuser", False))
        jobs = jobs_of(roles, is_superuser=is_superuser)
        if is_superuser or any(roles & ROLES_WITH[right] for right in LISTS):
            data = {"url": reverse("admin:index") + "?all=1", "label": _("Data"), "group": "watch"}
            jobs.append(data)
        first = rows[0] if rows else None
        return {
            **context,
            "header": {
                "office": short_name(str(first.office or first.region or "")) if first else "",
                "role": str(first.get_role_display()) if first else "",
            },
            "jobs": jobs,
            "job_menu": menu_of(jobs, path=request.path),
            "handbook_url": url_for_screen(request),
        }

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Check the look-ups in the address and the ticked rows before a list reads them."""

        # The views of a list are methods of its ModelAdmin.
        model = getattr(getattr(view, "__self__", None), "model", None)

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            check_lookups(request.GET)
            if model is not None and request.method == "POST":
                check_selection(model, request.POST)
            return view(request, *args, **kwargs)

        return super().admin_view(checked, cacheable)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Redirect to the officer's screen; `?all=1` shows every screen and list."""
        if "all" not in request.GET:
            roles = {Role(row.role) for row in staff_roles(request)}
            for role, home in HOMES:
                if role in roles:
                    return redirect(home)
        return super().index(request, extra_context)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the public sign-in, with its limits and its second factor."""
        target = request.GET.get("next") or reverse("admin:index")
        if request.user.is_authenticated:
            if self.has_permission(request):
                return redirect("admin:index")
            raise NotAllowed
        return redirect_to_login(target, settings.LOGIN_URL)


def staff_roles(request: HttpRequest) -> list[StaffRole]:
    """Return the roles of the signed-in person today."""
    user = request.user
    if not isinstance(user, User) or not is_officer(user):
        return []
    return roles_of(user, day=clock.local_day(clock.now(), settings.TIME_ZONE))


def jobs_of(roles: Collection[Role], *, is_superuser: bool = False) -> list[dict[str, Any]]:
    """Return the screens of these roles, ready for the header and the home page."""
    jobs = []
    for job in JOBS:
        if is_superuser or ROLES_WITH[job.right] & set(roles):
            try:
                url = reverse(job.name)
            except NoReverseMatch:
                continue
            jobs.append(
                {
                    "url": url,
                    "label": job.label,
                    "text": job.text,
                    "icon": job.icon,
                    "group": job.group,
                }
            )
    return jobs


def menu_of(jobs: list[dict[str, Any]], *, path: str) -> list[dict[str, Any]]:
    """Return the entries of the header: each screen, or with many of them one menu for each group.

    A group of one is shown as its screen, and so are screens without a group, in their order.
    """
    if len(jobs) <= MOST_SIDE_BY_SIDE:
        return jobs
    menu: list[dict[str, Any]] = []
    for job in jobs:
        group = job.get("group", "")
        members = [one for one in jobs if one.get("group", "") == group]
        if group not in GROUPS or len(members) == 1:
            menu.append(job)
        elif job is members[0]:
            is_here = any(path.startswith(one["url"]) for one in members)
            menu.append({"label": GROUPS[group], "jobs": members, "is_here": is_here})
    return menu
