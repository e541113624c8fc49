"""The screens of rules without places: one for each kind, with the people affected before it is saved."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from offices.officer import OfficerContext, officer_view, show
from offices.ordered import from_far_to_near
from offices.permissions import Right
from quotas.plan.decrees import Decree, OfficeDecree
from quotas.policies.selectors import MODELS, decree_of, terms_on
from quotas.rules import services
from quotas.rules.forms import (
    AdmissionForm,
    AttendanceForm,
    DayForm,
    DecreeForm,
    LimitForm,
    NoShowForm,
    NoticeForm,
    ProductForm,
    RebookingForm,
)
from quotas.rules.history import changed_lines, terms_of
from quotas.rules.views import (
    FEWEST_AHEAD,
    basis_of,
    basis_sent,
    blame,
    decide,
    preview_context,
    saved,
)

STAYS: Final = _("Aturan tersimpan. Jadwal yang sudah ada tidak berubah.")


@dataclass(frozen=True)
class TermsScreen:
    """One kind of rule: its form, the right to change it, and the texts of its screen."""

    name: str
    form: type[DecreeForm]
    right: Right
    title: Any
    note: Any
    success: Any = STAYS

    @property
    def kind(self) -> type[Any]:
        return self.form.decree_class

    @property
    def address(self) -> str:
        return f"counters:rules_{self.name}"


SCREENS: Final = (
    TermsScreen(
        "attendance",
        AttendanceForm,
        Right.CHANGE_ATTENDANCE,
        _("Kehadiran petugas"),
        _(
            "Berapa persen petugas boleh berada di kantor. Kapasitas loket dihitung dengan angka ini."
        ),
    ),
    TermsScreen(
        "admission",
        AdmissionForm,
        Right.CHANGE_ADMISSION,
        _("Siapa yang diterima"),
        _("Apakah kantor menerima kedatangan langsung, pendamping, dan pengambilan drive-thru."),
    ),
    TermsScreen(
        "no_show",
        NoShowForm,
        Right.CHANGE_NO_SHOW,
        _("Pembatasan setelah tidak hadir"),
        _(
            "Membatalkan sebelum hari layanan tidak pernah dihitung. Setiap pembatasan dapat disanggah."
        ),
        _("Aturan tersimpan. Pembatasan yang sudah ada tidak berubah."),
    ),
    TermsScreen(
        "limit",
        LimitForm,
        Right.CHANGE_LIMITS,
        _("Batas pemesanan"),
        _("Batas untuk pemesanan daring. Pemesanan di loket tidak dibatasi."),
    ),
    TermsScreen(
        "products",
        ProductForm,
        Right.CHANGE_PRODUCTS,
        _("Jenis paspor"),
        _("Jenis paspor yang dibuat kantor. Tanpa aturan, semua jenis."),
    ),
    TermsScreen(
        "notice",
        NoticeForm,
        Right.CHANGE_RELEASE,
        _("Jarak pemberitahuan"),
        _(
            "Pembukaan yang lebih cepat dari ini, atau yang sudah lewat, harus dikonfirmasi dua kali."
        ),
        _("Aturan tersimpan. Berlaku untuk keputusan sejak tanggal itu."),
    ),
    TermsScreen(
        "rebooking",
        RebookingForm,
        Right.CHANGE_REBOOKING,
        _("Pemesanan ulang setelah pembatalan"),
        _(
            "Membatalkan dan mengubah jadwal tidak pernah dibatasi. Tawaran daftar tunggu dan pemindahan oleh kantor tidak dihitung."
        ),
    ),
    TermsScreen(
        "day",
        DayForm,
        Right.CHANGE_DAY_RULES,
        _("Aturan hari layanan"),
        _("Daftar ulang, urutan panggilan, anjungan mandiri dan layanan percepatan."),
        _("Aturan tersimpan. Hari sebelum tanggal itu tidak berubah."),
    ),
)


def view_of(screen: TermsScreen) -> Callable[..., HttpResponse]:
    """Return the view of a kind: the rules in force, a change with its preview, the end of an own rule."""

    @officer_view(reads=Right.READ_RULES, writes=screen.right)
    def terms(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
        return _terms(request, officer, screen)

    return terms


def _terms(request: HttpRequest, officer: OfficerContext, screen: TermsScreen) -> HttpResponse:
    office, kind = officer.office, screen.kind
    rows = from_far_to_near(MODELS[kind], office, officer.day)
    form = screen.form(request.POST or None, initial=_start(officer, screen))
    response, preview, ends = None, None, False
    if request.method == "POST" and form.is_valid():
        decree: Decree = form.decree(office)
        ends = "retire" in request.POST or "save_retire" in request.POST
        if ends:
            response, preview = _retire(request, officer, screen, form, decree)
        else:
            response, preview = decide(
                officer, request, form, lambda: decree, here=screen.address, success=screen.success
            )
    if response is not None:
        return response
    context = {
        "title": screen.title,
        "note": screen.note,
        "form": form,
        "rules": [_row(kind, row) for row in reversed(rows)],
        "defaults": [] if rows else _defaults(kind, officer),
        "has_own": any(row.office_id == office.pk for row in rows),
        "basis": basis_of(officer, form),
        "may_act": officer.has_right(screen.right),
        "save_name": "save_retire" if ends else "save",
        **preview_context(request, preview),
    }
    status = 400 if form.errors else 200
    return show(request, officer, "quotas/rules/terms.html", context, status=status)


def _start(officer: OfficerContext, screen: TermsScreen) -> dict[str, Any]:
    """Return the initial values: the rule in force, or the defaults of its kind where it has any."""
    kind, first = screen.kind, officer.day + FEWEST_AHEAD
    extra = kind.key[2:]
    rule = None if extra else terms_on(kind, officer.office, day=officer.day)
    if rule is None and not extra and kind.has_defaults():
        rule = kind(valid_from=officer.day)
    return screen.form.start(rule, first=first)


def _row(kind: type[OfficeDecree], row: Any) -> dict[str, Any]:
    """Return a rule in force as its owner, legal basis and terms."""
    decree = decree_of(row, kind)
    key = changed_lines(kind, {}, decree.values(*kind.key[2:]))
    return {"rule": row, "lines": [*key, *changed_lines(kind, {}, terms_of(decree))]}


def _defaults(kind: type[OfficeDecree], officer: OfficerContext) -> list[tuple[str, str, str]]:
    if not kind.has_defaults():
        return []
    return changed_lines(kind, {}, terms_of(kind(valid_from=officer.day)))


def _retire(
    request: HttpRequest,
    officer: OfficerContext,
    screen: TermsScreen,
    form: DecreeForm,
    decree: Any,
) -> tuple[HttpResponse | None, Any]:
    """Preview or apply the end of the office's own rule before the day of the form."""
    values = {"decree": decree, "by": officer.user, "now": officer.now}
    try:
        if "save_retire" in request.POST:
            services.retire_rule(
                **values, basis=basis_sent(request), confirmed=request.POST.getlist("confirm")
            )
            return saved(officer, request, here=screen.address, success=screen.success), None
        return None, services.preview_retirement(decree=decree, now=officer.now)
    except DomainError as error:
        blame(form, error)
        return None, None


VIEWS: Final = {screen.name: view_of(screen) for screen in SCREENS}
