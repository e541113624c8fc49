"""The screen of a region's or the nation's decrees: one form, every office concerned in one preview."""

from typing import Any, Final

from django import forms
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError, NotFound
from offices.directory.models import Lane, Office, ServiceGroup
from offices.officer import OfficerContext, officer_view, show
from offices.permissions import Right, check_national_right, list_offices_with
from quotas import labels
from quotas.plan.decrees import PlannedDecree, QuotaDecree, ScopedDecree
from quotas.policies.errors import ConfirmationNeeded
from quotas.policies.models import RuleChange
from quotas.rules import wide as services
from quotas.rules.forms import DecreeForm, QuotaForm, ReleaseForm, ReturnForm
from quotas.rules.history import changed_lines, terms_of
from quotas.rules.terms import SCREENS
from quotas.rules.views import FEWEST_AHEAD, basis_sent, blame, saved
from quotas.rules.wide import OfficePreview, WideDecree, WidePreview

SHOWN: Final = 50
HERE: Final = "counters:decrees"
SAVED: Final = gettext_lazy("Keputusan tersimpan di semua kantor yang terkena.")


class WideQuotaForm(DecreeForm):
    """The percentage and cap of a lane's quota; each office keeps its own base."""

    decree_class = QuotaDecree
    blank = QuotaForm.blank

    percent = QuotaForm.base_fields["percent"]
    cap = QuotaForm.base_fields["cap"]
    valid_from = QuotaForm.base_fields["valid_from"]
    instrument = QuotaForm.base_fields["instrument"]

    def values(self) -> dict[str, Any]:
        return {**super().values(), "base": 0}


KINDS: Final[dict[str, tuple[Any, type[DecreeForm]]]] = {
    "quota": (gettext_lazy("Kuota"), WideQuotaForm),
    "opening": (gettext_lazy("Pembukaan"), ReleaseForm),
    "returns": (gettext_lazy("Tempat yang dibatalkan"), ReturnForm),
    **{screen.name.replace("_", "-"): (screen.title, screen.form) for screen in SCREENS},
}


def wide_form(officer: OfficerContext, form: type[DecreeForm]) -> type[Any]:
    """Return a kind's form with the area, the lane where it has one, and the exceptions."""
    scopes = _scopes(officer)
    offices = list_offices_with(officer.user, Right.MAKE_DECREES, now=officer.now)
    mine = Office.objects.filter(pk__in=[office.pk for office in offices]).order_by("name")
    before: dict[str, Any] = {
        "scope": forms.ChoiceField(
            label=_("Berlaku untuk"),
            choices=scopes,
            error_messages={"required": _("Pilih salah satu.")},
        )
    }
    if issubclass(form.decree_class, ScopedDecree):
        before["lane"] = forms.ModelChoiceField(
            label=_("Jalur"), queryset=Lane.objects.order_by("series"), empty_label=None
        )
    if issubclass(form.decree_class, PlannedDecree):
        is_quota = form.decree_class is QuotaDecree
        before["group"] = forms.ModelChoiceField(
            label=_("Kelompok"),
            queryset=ServiceGroup.objects.order_by("pk"),
            required=is_quota,
            empty_label=None if is_quota else _("Semua kelompok"),
        )
    after = {
        "exceptions": forms.ModelMultipleChoiceField(
            label=_("Kecuali kantor"),
            queryset=mine,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("Kantor yang dikecualikan tetap memakai aturannya sekarang."),
        )
    }
    order = [*before, *form.base_fields, *after]
    return type(f"Wide{form.__name__}", (form,), {**before, **after, "field_order": order})


def _scopes(officer: OfficerContext) -> list[tuple[str, str]]:
    """Return the areas that the officer may decide for."""
    region = officer.office.region
    rows = [("region", _("Semua kantor di %(region)s") % {"region": region})]
    try:
        check_national_right(officer.user, Right.MAKE_DECREES, now=officer.now)
    except DomainError:
        return rows
    return [*rows, ("nation", _("Semua kantor di Indonesia"))]


@officer_view(reads=Right.MAKE_DECREES)
def decrees(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List the kinds of decrees, and those that were made for more than one office."""
    offices = list_offices_with(officer.user, Right.MAKE_DECREES, now=officer.now)
    made = (
        RuleChange.objects.filter(office__in=offices)
        .values("at", "kind", "instrument", "by__full_name", "starts_on")
        .annotate(offices=Count("office", distinct=True), first=Min("pk"))
        .filter(offices__gt=1)
        .order_by("-at", "-first")
    )
    kinds = dict(RuleChange.Kind.choices)
    context = {
        "title": _("Keputusan wilayah dan nasional"),
        "kinds": [(name, title) for name, (title, _form) in KINDS.items()],
        "made": [{**row, "kind": kinds.get(row["kind"], row["kind"])} for row in made[:SHOWN]],
        "offices": len(offices),
    }
    return show(request, officer, "quotas/rules/decrees.html", context)


@officer_view(writes=Right.MAKE_DECREES)
def decree(request: HttpRequest, officer: OfficerContext, kind: str) -> HttpResponse:
    """Enter a decree, preview every office concerned, and put it in force."""
    if kind not in KINDS:
        raise NotFound
    title, form_class = KINDS[kind]
    start = form_class.start(None, first=officer.day + FEWEST_AHEAD)
    form = wide_form(officer, form_class)(request.POST or None, initial=start)
    response, preview, basis = None, None, None
    if request.method == "POST" and form.is_valid():
        response, preview, basis = _decide(request, officer, form)
    if response is not None:
        return response
    sent = request.POST.getlist("confirm")
    context = {
        "title": _("Keputusan: %(kind)s") % {"kind": title},
        "form": form,
        "preview": preview,
        "basis": basis,
        "rows": [] if preview is None else [_row(row) for row in preview.offices],
        "cautions": [] if preview is None else _caution_rows(preview, sent),
    }
    status = 400 if form.errors else 200
    return show(request, officer, "quotas/rules/decree.html", context, status=status)


def _decide(
    request: HttpRequest, officer: OfficerContext, form: Any
) -> tuple[HttpResponse | None, WidePreview | None, int | None]:
    wide = _wide(officer, form)
    values: dict[str, Any] = {"wide": wide, "by": officer.user, "now": officer.now}
    preview = None
    try:
        if "save" in request.POST:
            services.apply_wide(
                **values, basis=basis_sent(request), confirmed=request.POST.getlist("confirm")
            )
            return saved(officer, request, here=HERE, success=SAVED), None, None
        preview = services.preview_wide(**values)
    except ConfirmationNeeded as error:
        form.add_error(None, str(error))
        preview = services.preview_wide(**values)
    except DomainError as error:
        blame(form, error)
    basis = services.latest_change_of(wide.offices(), type(wide.decree))
    return None, preview, basis


def _wide(officer: OfficerContext, form: Any) -> WideDecree:
    values = form.values()
    cleaned = form.cleaned_data
    region = officer.office.region_id if cleaned["scope"] == "region" else None
    decree = form.decree_class(office=None, region=region, **values)
    return WideDecree(decree, frozenset(office.pk for office in cleaned["exceptions"]))


def _row(row: OfficePreview) -> dict[str, Any]:
    part = row.part
    lines = []
    if part.after is not None:
        lines = changed_lines(type(part.after), terms_of(part.before), terms_of(part.after))
    return {
        "office": part.office,
        "is_excepted": part.is_excepted,
        "lines": lines,
        "effects": row.effects,
        "before": part.before,
    }


def _caution_rows(preview: WidePreview, confirmed: list[str]) -> list[tuple[str, str, bool]]:
    return [
        (
            token,
            f"{office.name}: {labels.caution(row.code, dict(row.values), office)}",
            token in confirmed,
        )
        for token, row, office in preview.cautions
    ]
