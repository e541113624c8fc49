"""The supervisor's rules: those in force, a change with its preview, the history."""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.dates import parse_day
from core.errors import DomainError, InvalidInput, NotFound
from core.formats import date_short, hours
from offices.directory.models import Lane, Office, ServiceGroup
from offices.officer import OfficerContext, back, officer_view, show
from offices.permissions import Right
from quotas import labels
from quotas.places import selectors as places_selectors
from quotas.plan.days import day_total, policy_for, release_for
from quotas.plan.decrees import Decree, QuotaDecree, ReleaseDecree
from quotas.policies import selectors as policies_selectors
from quotas.policies.errors import ConfirmationNeeded
from quotas.policies.models import QuotaPolicy, ReleaseRule, RollOverRule, RuleChange
from quotas.rules import hints, services
from quotas.rules.forms import (
    AddPlacesForm,
    DecreeForm,
    EndRollOverForm,
    QuotaForm,
    ReleaseForm,
    RollOverForm,
    RuleForm,
    open_slots,
)
from quotas.rules.history import lines_of
from quotas.rules.preview import Caution

HERE = "counters:rules"
TERMS = (
    ("counters:rules_attendance", gettext_lazy("Kehadiran petugas")),
    ("counters:rules_admission", gettext_lazy("Siapa yang diterima")),
    ("counters:rules_no_show", gettext_lazy("Pembatasan setelah tidak hadir")),
    ("counters:rules_limit", gettext_lazy("Batas pemesanan")),
    ("counters:rules_products", gettext_lazy("Jenis paspor")),
    ("counters:rules_notice", gettext_lazy("Jarak pemberitahuan")),
    ("counters:rules_rebooking", gettext_lazy("Pemesanan ulang")),
    ("counters:rules_day", gettext_lazy("Hari layanan")),
)
SAVED = gettext_lazy("Aturan tersimpan. Pembukaan kuota yang belum berlangsung sudah disesuaikan.")
SHOWN = 30
FEWEST_AHEAD = timedelta(days=1)


@officer_view(reads=Right.READ_RULES)
def rules(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show the rules in force in each lane, the later ones, and the history."""
    changes = RuleChange.objects.filter(office=officer.office).select_related("by", "lane")
    context = {
        "title": _("Aturan kuota"),
        "lanes": _lanes(officer),
        "later": _later(officer),
        "changes": [{"change": change, "rows": lines_of(change)} for change in changes[:SHOWN]],
        "may_act": officer.has_right(Right.CHANGE_QUOTA),
        "terms": TERMS,
        "may_decree": officer.has_right(Right.MAKE_DECREES),
        "may_load": officer.has_right(Right.LOAD_PRESET),
    }
    return show(request, officer, "quotas/rules/rules.html", context)


def _lanes(officer: OfficerContext) -> list[dict[str, Any]]:
    rules = policies_selectors.rules_of(officer.office, first=officer.day, last=officer.day)
    keys = sorted({(row.lane, row.group) for row in rules.policies})
    lanes, groups = Lane.objects.in_bulk(), ServiceGroup.objects.in_bulk()
    rows = []
    for lane, group in keys:
        policy = policy_for(rules, officer.day, lane, group)
        release = release_for(rules, officer.day, lane, group)
        if policy is not None:
            rows.append(
                {
                    "lane": lanes[lane],
                    "group": groups[group],
                    "places": day_total(policy),
                    "policy": policy,
                    "release": labels.release_text(release, officer.office) if release else "",
                    "instrument": policy.instrument,
                }
            )
    return rows


def _later(officer: OfficerContext) -> list[dict[str, Any]]:
    """Return the office's own rows that start on a later day."""
    quotas = QuotaPolicy.objects.filter(office=officer.office, valid_from__gt=officer.day)
    releases = ReleaseRule.objects.filter(office=officer.office, valid_from__gt=officer.day)
    rows: list[tuple[Any, str]] = [
        (
            row,
            _("%(n)s tempat per hari")
            % {"n": day_total(policies_selectors.decree_of(row, QuotaDecree))},
        )
        for row in quotas.select_related("lane")
    ]
    rows += [
        (
            row,
            labels.release_text(policies_selectors.decree_of(row, ReleaseDecree), officer.office),
        )
        for row in releases.select_related("lane")
    ]
    rows.sort(key=lambda pair: pair[0].valid_from)
    return [{"row": row, "text": text} for row, text in rows]


def _lane_and_group(lane: str, group: str) -> tuple[Lane, ServiceGroup]:
    lane_row = Lane.objects.filter(code=lane).first()
    group_row = ServiceGroup.objects.filter(code=group).first()
    if lane_row is None or group_row is None:
        raise NotFound
    return lane_row, group_row


@officer_view(writes=Right.CHANGE_QUOTA)
def change_quota(
    request: HttpRequest, officer: OfficerContext, lane: str, group: str
) -> HttpResponse:
    """Change a lane's quota from a day on, with a preview before saving."""
    way, whom = _lane_and_group(lane, group)
    rule_on = partial(policies_selectors.quota_on, officer.office, lane=way.code, group=whom.pk)
    start = QuotaForm.start(rule_on(day=officer.day), first=officer.day + FEWEST_AHEAD)
    form = QuotaForm(request.POST or None, initial=start | hints.filled_in(request.GET))
    form.hints = hints.hints_for(officer.office, lane=way.code, group=whom.pk, now=officer.now)

    def decree() -> QuotaDecree:
        rule = rule_on(day=form.cleaned_data["valid_from"])
        return form.decree(officer.office, rule=rule, lane=way.code, group=whom.pk)

    title = _("Kuota %(lane)s, %(group)s") % {"lane": way, "group": whom}
    response, preview = _decided(request, officer, form, decree)
    return response or _form_page(request, officer, form, title, preview)


@officer_view(writes=Right.CHANGE_RELEASE)
def change_release(
    request: HttpRequest, officer: OfficerContext, lane: str, group: str
) -> HttpResponse:
    """Change when a lane opens, from a day on, with a preview before saving."""
    way, whom = _lane_and_group(lane, group)
    rule_on = partial(policies_selectors.release_on, officer.office, lane=way.code, group=whom.pk)
    start = ReleaseForm.start(rule_on(day=officer.day), first=officer.day + FEWEST_AHEAD)
    form = ReleaseForm(request.POST or None, initial=start)

    def decree() -> ReleaseDecree:
        rule = rule_on(day=form.cleaned_data["valid_from"])
        own_group = None if rule is None else rule.group
        return form.decree(officer.office, rule=rule, lane=way.code, group=own_group)

    title = _("Pembukaan kuota %(lane)s") % {"lane": way}
    response, preview = _decided(request, officer, form, decree)
    return response or _form_page(request, officer, form, title, preview)


def _decided(
    request: HttpRequest,
    officer: OfficerContext,
    form: DecreeForm,
    decree: Callable[[], Decree],
) -> tuple[HttpResponse | None, Any]:
    if request.method == "POST" and form.is_valid():
        return decide(officer, request, form, decree)
    return None, None


def decide(
    officer: OfficerContext,
    request: HttpRequest,
    form: DecreeForm,
    decree: Callable[[], Decree],
    *,
    here: str = HERE,
    success: Any = SAVED,
) -> tuple[HttpResponse | None, Any]:
    """Preview the decree of a valid form, or put it in force when every caution is confirmed.

    Returns the answer when it is saved, else what the page shows: a Preview, a TermsPreview or None.
    """
    try:
        if "save" in request.POST:
            apply_decree(request, officer, decree())
            return saved(officer, request, here=here, success=success), None
        return None, services.preview_decree(decree(), now=officer.now)
    except ConfirmationNeeded as error:
        form.add_error(None, str(error))
        return None, services.preview_decree(decree(), now=officer.now)
    except DomainError as error:
        blame(form, error)
        return None, None


def preview_context(request: HttpRequest, preview: Any) -> dict[str, Any]:
    """Return a preview and what has to be confirmed, for the page."""
    sent = request.POST.getlist("confirm")
    rows = [] if preview is None else caution_rows(preview.office, preview.cautions, sent)
    return {"preview": preview, "cautions": rows}


def apply_decree(request: HttpRequest, officer: OfficerContext, decree: Decree) -> None:
    """Put a decree in force, unless its rules changed after the officer's page was shown."""
    services.apply_decree(
        decree,
        by=officer.user,
        now=officer.now,
        basis=basis_sent(request),
        confirmed=request.POST.getlist("confirm"),
    )


def basis_sent(request: HttpRequest) -> int | None:
    """Return the change that the officer's page showed last, if the form sent one."""
    basis = request.POST.get("basis", "")
    return int(basis) if re.fullmatch(r"[0-9]{1,15}", basis) else None


def caution_rows(
    office: Office, cautions: Iterable[Caution], confirmed: Collection[str]
) -> list[tuple[str, str, bool]]:
    """Return the token, the text, and whether the form sent it, of everything to be confirmed."""
    return [
        (row.token, labels.caution(row.code, dict(row.values), office), row.token in confirmed)
        for row in cautions
    ]


def blame(form: RuleForm, error: DomainError) -> None:
    if error.http_status in (403, 404):
        raise error
    if isinstance(error, InvalidInput):
        form.blame(error.fields)
    else:
        form.add_error(None, str(error))


def basis_of(officer: OfficerContext, form: RuleForm) -> int | None:
    """Return the id of the latest change of the rules of a form, which the page sends back."""
    if not isinstance(form, DecreeForm):
        return None
    return policies_selectors.latest_change(officer.office, form.decree_class)


def saved(
    officer: OfficerContext, request: HttpRequest, *, here: str = HERE, success: Any = SAVED
) -> HttpResponse:
    """Return to a screen with a message of success."""
    messages.success(request, success)
    return back(officer, here)


def _form_page(
    request: HttpRequest,
    officer: OfficerContext,
    form: Any,
    title: str,
    preview: Any = None,
    **more: Any,
) -> HttpResponse:
    context = {
        "title": title,
        "form": form,
        "basis": basis_of(officer, form),
        "save_name": "save",
        **preview_context(request, preview),
        **more,
    }
    status = 400 if form.errors else 200
    return show(request, officer, "quotas/rules/rule_change.html", context, status=status)


@officer_view(writes=Right.ADD_PLACES)
def add_places(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Add places to a slot that is open now."""

    def label(slot: Any) -> str:
        when = hours(slot.starts_at, slot.ends_at, officer.office)
        return f"{slot.lane}: {date_short(slot.day)}, {when}"

    slots = open_slots(officer.office, now=officer.now)
    form = AddPlacesForm(request.POST or None, slots=slots, label=label)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            services.add_places(
                office_id=officer.office.pk,
                slot_id=values["slot"].pk,
                count=values["count"],
                reason=values["reason"],
                by=officer.user,
                now=officer.now,
            )
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("Tempat ditambahkan dan langsung dapat dipesan."))
            return back(officer, HERE)
    return _form_page(request, officer, form, _("Tambah tempat pada jam yang sudah dibuka"))


@officer_view(writes=Right.CHANGE_ROLL_OVER)
def roll_over(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Move unused places of a lane to another at a set time."""
    start = RollOverForm.start(None, first=officer.day + FEWEST_AHEAD)
    ends = "end" in request.POST
    if ends:
        return _end_roll_over(request, officer, RollOverForm(initial=start))
    form = RollOverForm(request.POST or None, initial=start)
    response, preview = _decided(request, officer, form, lambda: form.decree(officer.office))
    return response or _roll_over_page(request, officer, form, _end_form(officer, None), preview)


def _end_form(officer: OfficerContext, sent: Any) -> EndRollOverForm:
    rules = RollOverRule.objects.filter(office=officer.office).exclude(valid_until__lte=officer.day)
    return EndRollOverForm(
        sent,
        rules=rules.select_related("from_lane", "to_lane").order_by("valid_from", "pk"),
        label=lambda rule: (
            _("%(before)s ke %(after)s, pukul %(at)s, sejak %(since)s")
            % {
                "before": rule.from_lane,
                "after": rule.to_lane,
                "at": f"{rule.at_time:%H.%M}",
                "since": date_short(rule.valid_from),
            }
        ),
        auto_id="id_end_%s",
        initial={"last_day": officer.day},
    )


def _end_roll_over(
    request: HttpRequest, officer: OfficerContext, form: RollOverForm
) -> HttpResponse:
    end = _end_form(officer, request.POST)
    if end.is_valid():
        values = end.cleaned_data
        try:
            services.end_roll_over(
                rule_id=values["rule"].pk,
                office_id=officer.office.pk,
                last_day=values["last_day"],
                instrument=values["instrument"],
                by=officer.user,
                now=officer.now,
            )
        except DomainError as error:
            if error.http_status in (403, 404):
                raise
            for name, texts in error.fields.items():
                end.add_error(name, [str(text) for text in texts])
        else:
            return saved(officer, request)
    return _roll_over_page(request, officer, form, end)


def _roll_over_page(
    request: HttpRequest,
    officer: OfficerContext,
    form: RollOverForm,
    end: EndRollOverForm,
    preview: Any = None,
) -> HttpResponse:
    title = _("Alihkan tempat yang tidak terpakai")
    page = _form_page(request, officer, form, title, preview, end=end)
    page.status_code = 400 if form.errors or end.errors else 200
    return page


@officer_view(reads=Right.READ_RULES)
def ledger(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show what became of each place of a day."""
    day = parse_day(request.GET.get("day", "")) or officer.day
    summary = places_selectors.ledger(officer.office, day)
    context = {"title": _("Rincian tempat"), "ledger": summary, "day": day}
    return show(request, officer, "quotas/rules/ledger.html", context)
