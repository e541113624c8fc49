"""The supervisor's rules: what is in force, a change with its preview before it is saved, the history."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from booking.views import words
from booking.views.common import parse_day
from core.errors import DomainError, InvalidInput, NotFound
from core.templatetags.formats import date_short, hours
from offices.models import Lane, ServiceGroup
from offices.officer import OfficerContext, back, officer_view, show
from offices.permissions import Right
from quotas import selectors, services
from quotas.forms import AddPlacesForm, EndRollOverForm, QuotaForm, ReleaseForm, RollOverForm
from quotas.forms.rules import initial_release, open_slots
from quotas.models import QuotaPolicy, ReleaseRule, ReturnRule, RollOverRule, RuleChange
from quotas.plan import day_total, policy_for, release_for

HERE = "counters:rules"
SHOWN = 30
MODELS: dict[str, Any] = {
    RuleChange.Kind.RELEASE: ReleaseRule,
    RuleChange.Kind.ROLL_OVER: RollOverRule,
    RuleChange.Kind.RETURNS: ReturnRule,
}
FEWEST_AHEAD = timedelta(days=1)


@officer_view(reads=Right.READ_RULES)
def rules(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show what is in force in each lane, what is ordered for later, and who changed what."""
    changes = RuleChange.objects.filter(office=officer.office).select_related("by", "lane")
    context = {
        "title": _("Aturan kuota"),
        "lanes": _lanes(officer),
        "later": _later(officer),
        "changes": [_told(change) for change in changes[:SHOWN]],
        "may_act": officer.has_right(Right.CHANGE_QUOTA),
    }
    return show(request, officer, "counters/rules.html", context)


def _lanes(officer: OfficerContext) -> list[dict[str, Any]]:
    found = selectors.rules_of(officer.office, first=officer.day, last=officer.day)
    keys = sorted({(row.lane, row.group) for row in found.policies})
    lanes, groups = Lane.objects.in_bulk(), ServiceGroup.objects.in_bulk()
    rows = []
    for lane, group in keys:
        policy = policy_for(found, officer.day, lane, group)
        release = release_for(found, officer.day, lane, group)
        if policy is not None:
            rows.append(
                {
                    "lane": lanes[lane],
                    "group": groups[group],
                    "places": day_total(policy),
                    "policy": policy,
                    "release": words.release_words(release, officer.office) if release else "",
                    "instrument": policy.instrument,
                }
            )
    return rows


def _later(officer: OfficerContext) -> list[dict[str, Any]]:
    """Return the office's own rows that a decree has ordered for a later day."""
    quotas = QuotaPolicy.objects.filter(office=officer.office, valid_from__gt=officer.day)
    releases = ReleaseRule.objects.filter(office=officer.office, valid_from__gt=officer.day)
    rows = [
        (row, _("%(n)s tempat sehari") % {"n": day_total(selectors.policy_of(row))})
        for row in quotas.select_related("lane")
    ]
    rows += [
        (row, words.release_words(selectors.release_of(row), officer.office))
        for row in releases.select_related("lane")
    ]
    rows.sort(key=lambda pair: pair[0].valid_from)
    return [{"row": row, "text": text} for row, text in rows]


def _told(change: RuleChange) -> dict[str, Any]:
    """Write what a change changed, field by field."""
    model = MODELS.get(change.kind, QuotaPolicy)
    rows = []
    for name, after in change.after.items():
        before = change.before.get(name)
        if before != after:
            rows.append((_label(model, name), _value(before), _value(after)))
    return {"change": change, "rows": rows}


def _label(model: Any, name: str) -> str:
    if name in ("places", "hour"):
        return _("tempat") if name == "places" else _("jam")
    return str(model._meta.get_field(name).verbose_name)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(
            ":".join(map(str, one)) if isinstance(one, list) else str(one) for one in value
        )
    return "–" if value is None else str(value)


def _lane_and_group(lane: str, group: str) -> tuple[Lane, ServiceGroup]:
    found = Lane.objects.filter(code=lane).first()
    whom = ServiceGroup.objects.filter(code=group).first()
    if found is None or whom is None:
        raise NotFound
    return found, whom


@officer_view(reads=Right.READ_RULES, writes=Right.CHANGE_QUOTA)
def change_quota(
    request: HttpRequest, officer: OfficerContext, lane: str, group: str
) -> HttpResponse:
    """Change a lane's quota from a day on: first the preview, then the saving."""
    way, whom = _lane_and_group(lane, group)
    found = selectors.rules_of(officer.office, first=officer.day, last=officer.day)
    old = policy_for(found, officer.day, way.code, whom.pk)
    first = officer.day + FEWEST_AHEAD
    start = {
        "base": old.base if old else None,
        "percent": f"{old.percent.normalize():f}" if old else 100,
        "cap": old.cap if old else None,
        "valid_from": first,
    }
    form = QuotaForm(request.POST or None, initial=start)
    seen = None
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        new = services.NewQuota(
            lane=way.code,
            group_id=whom.pk,
            base=values["base"],
            percent=values["percent"],
            cap=values["cap"],
            starts_on=values["valid_from"],
            instrument=values["instrument"],
        )
        row = services.quota_row(office=officer.office, new=new)
        try:
            services.check_quota(office=officer.office, row=row, now=officer.now)
            if "save" in request.POST:
                services.change_quota(
                    office_id=officer.office.pk, new=new, by=officer.user, now=officer.now
                )
                return _saved(request, officer)
            seen = selectors.preview(
                officer.office,
                lane=way.code,
                group=whom,
                now=officer.now,
                policy=selectors.policy_of(row),
            )
        except DomainError as error:
            _blame(form, error)
    title = _("Kuota %(lane)s, %(group)s") % {"lane": way, "group": whom}
    return _form_page(request, officer, form, title, seen)


@officer_view(reads=Right.READ_RULES, writes=Right.CHANGE_RELEASE)
def change_release(
    request: HttpRequest, officer: OfficerContext, lane: str, group: str
) -> HttpResponse:
    """Change when a lane opens, from a day on: first the preview, then the saving."""
    way, whom = _lane_and_group(lane, group)
    old = _release_in_force(officer, way, whom)
    own_group = None if old is None else old.group_id
    form = ReleaseForm(
        request.POST or None, initial=initial_release(old, officer.day + FEWEST_AHEAD)
    )
    seen = None
    if request.method == "POST" and form.is_valid():
        row = form.row(officer.office, way.code, own_group)
        if old is not None:
            row.covers_days, row.mode = old.covers_days, old.mode
        try:
            services.check_release(office=officer.office, row=row, now=officer.now)
            if "save" in request.POST:
                services.change_release(row=row, by=officer.user, now=officer.now)
                return _saved(request, officer)
            seen = selectors.preview(
                officer.office, lane=way.code, group=whom, now=officer.now,
                release=selectors.release_of(row),
            )  # fmt: skip
        except DomainError as error:
            _blame(form, error)
    title = _("Pembukaan %(lane)s") % {"lane": way}
    return _form_page(request, officer, form, title, seen)


def _release_in_force(
    officer: OfficerContext, lane: Lane, group: ServiceGroup
) -> ReleaseRule | None:
    found = selectors.rules_of(officer.office, first=officer.day, last=officer.day)
    row = release_for(found, officer.day, lane.code, group.pk)
    return None if row is None else ReleaseRule.objects.get(pk=row.id)


def _blame(form: Any, error: DomainError) -> None:
    if error.http_status in (403, 404):
        raise error
    if isinstance(error, InvalidInput):
        form.blame(error.fields)
    else:
        form.add_error(None, str(error))


def _saved(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    messages.success(request, _("Aturan tersimpan. Jendela yang belum dibuka sudah disesuaikan."))
    return back(officer, HERE)


def _form_page(
    request: HttpRequest,
    officer: OfficerContext,
    form: Any,
    title: str,
    seen: selectors.Preview | None,
) -> HttpResponse:
    context = {"title": title, "form": form, "preview": seen}
    status = 400 if form.errors else 200
    return show(request, officer, "counters/rule_change.html", context, status=status)


@officer_view(reads=Right.READ_RULES, writes=Right.ADD_PLACES)
def add_places(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Add places to an hour that is open now."""

    def label(slot: Any) -> str:
        when = hours(slot.starts_at, slot.ends_at, officer.office)
        return f"{slot.lane}: {date_short(slot.day)}, {when}"

    slots = open_slots(officer.office, now=officer.now)
    form = AddPlacesForm(request.POST or None, slots=slots, label=label)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            services.add_places(
                office_id=officer.office.pk, slot_id=values["slot"].pk, count=values["count"],
                reason=values["reason"], by=officer.user, now=officer.now,
            )  # fmt: skip
        except DomainError as error:
            _blame(form, error)
        else:
            messages.success(request, _("Tempat ditambahkan dan langsung dapat dipesan."))
            return back(officer, HERE)
    return _form_page(request, officer, form, _("Tambah tempat pada jam yang sudah dibuka"), None)


@officer_view(reads=Right.READ_RULES, writes=Right.CHANGE_ROLL_OVER)
def roll_over(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Let unused places of a lane go to another at a set time."""
    start = {"percent": 100, "valid_from": officer.day + FEWEST_AHEAD}
    ends = "end" in request.POST
    if ends:
        return _end_roll_over(request, officer, RollOverForm(initial=start))
    form = RollOverForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_roll_over(
                row=form.row(officer.office), by=officer.user, now=officer.now
            )
        except DomainError as error:
            _blame(form, error)
        else:
            return _saved(request, officer)
    return _roll_over_page(request, officer, form, _end_form(officer, None))


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
                rule_id=values["rule"].pk, office_id=officer.office.pk, last_day=values["last_day"],
                instrument=values["instrument"], by=officer.user, now=officer.now,
            )  # fmt: skip
        except DomainError as error:
            if error.http_status in (403, 404):
                raise
            for name, texts in error.fields.items():
                end.add_error(name, [str(text) for text in texts])
        else:
            return _saved(request, officer)
    return _roll_over_page(request, officer, form, end)


def _roll_over_page(
    request: HttpRequest, officer: OfficerContext, form: RollOverForm, end: EndRollOverForm
) -> HttpResponse:
    context = {"title": _("Alihkan tempat yang tidak terpakai"), "form": form, "end": end}
    status = 400 if form.errors or end.errors else 200
    return show(request, officer, "counters/rule_change.html", context, status=status)


@officer_view(reads=Right.READ_RULES)
def ledger(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show where each place of a day went."""
    day = parse_day(request.GET.get("day", "")) or officer.day
    found = selectors.ledger(officer.office, day)
    context = {"title": _("Ke mana tempat pergi"), "ledger": found, "day": day}
    return show(request, officer, "counters/ledger.html", context)
