"""Screens for recording and ending outages."""

import datetime as dt

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core.errors import DomainError, InvalidInput
from core.forms import ClockField, posted_text
from counters.outages.forms import OutageForm
from counters.outages.services import Recorded, end_outage, record_outage
from counters.service.selectors import open_session
from counters.visits.models import CounterSession
from offices.directory.models import Counter, Device, Office
from offices.officer import OfficerContext, act, back, officer_view, owned_by, show, show_refusal
from offices.outages.models import Outage
from offices.outages.selectors import open_outages, usable_on
from offices.outages.services import confirm_outage
from offices.permissions import Right

HERE = "counters:outage"


@officer_view(writes=Right.RECORD_OUTAGE)
def outage(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show open outages and record a new one, now or with an earlier start."""
    session = open_session(officer.user, officer.office)
    outages = open_outages(officer.office)
    form = OutageForm(
        request.POST or None, things=_things(officer.office, officer.day, session, outages)
    )
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                recorded = _record(officer, form)
            except DomainError as error:
                show_refusal(form, error, aliases={"started_at": "since"})
                status = error.http_status
            else:
                messages.success(request, _recorded_text(recorded))
                return back(officer, _home(officer, session))
    context = {
        "title": _("Gangguan alat"),
        "form": form,
        "outages": [(row, row.needs_confirmation(officer.day)) for row in outages],
        "home": _home(officer, session),
    }
    return show(request, officer, "counters/outages/outage.html", context, status=status)


@require_POST
@officer_view(writes=Right.RECORD_OUTAGE, owner=owned_by(Outage, "outage_id"))
def outage_end(request: HttpRequest, officer: OfficerContext, outage_id: int) -> HttpResponse:
    """End an outage, now or at the time entered."""
    session = open_session(officer.user, officer.office)

    def end() -> None:
        end_outage(
            outage_id=outage_id,
            by=officer.user,
            now=officer.now,
            ended_at=_typed(officer, posted_text(request, "at")),
        )

    return act(
        request, officer, _home(officer, session), end, success=_("Tercatat berfungsi lagi.")
    )


@require_POST
@officer_view(writes=Right.RECORD_OUTAGE, owner=owned_by(Outage, "outage_id"))
def outage_confirm(request: HttpRequest, officer: OfficerContext, outage_id: int) -> HttpResponse:
    """Confirm that an outage continues today."""
    return act(
        request,
        officer,
        HERE,
        lambda: confirm_outage(outage_id=outage_id, by=officer.user, now=officer.now),
        success=_("Tercatat: masih rusak hari ini."),
    )


def _recorded_text(recorded: Recorded) -> str:
    sentences = [_("%(thing)s tercatat rusak.") % {"thing": recorded.outage}]
    if recorded.handed_on:
        sentences.append(
            ngettext(
                "%(n)d orang dialihkan ke loket lain untuk foto.",
                "%(n)d orang dialihkan ke loket lain untuk foto.",
                recorded.handed_on,
            )
            % {"n": recorded.handed_on}
        )
    if recorded.informed:
        sentences.append(
            ngettext(
                "%(n)d orang diberi tahu lewat pesan.",
                "%(n)d orang diberi tahu lewat pesan.",
                recorded.informed,
            )
            % {"n": recorded.informed}
        )
    return " ".join(sentences)


def _record(officer: OfficerContext, form: OutageForm) -> Recorded:
    since = form.cleaned_data["since"]
    return record_outage(
        office_id=officer.office.pk,
        reason=form.cleaned_data["reason"],
        started_at=officer.office.at(officer.day, since) if since else None,
        by=officer.user,
        now=officer.now,
        **form.target(),
    )


def _typed(officer: OfficerContext, text: str) -> dt.datetime | None:
    """Return the end time entered, or None for now."""
    if not text.strip():
        return None
    try:
        moment = ClockField(label="").to_python(text.strip())
    except ValidationError as error:
        raise InvalidInput(_("Isi jamnya, misalnya 09.40.")) from error
    return officer.office.at(officer.day, moment) if moment else None


def _home(officer: OfficerContext, session: CounterSession | None) -> str:
    """Return the URL name of the previous screen: the officer's counter, capacity or pickup."""
    if session is not None:
        return "counters:counter"
    if officer.has_right(Right.READ_LOAD):
        return "counters:capacity"
    if officer.has_right(Right.HAND_OVER_PASSPORTS):
        return "counters:pickup"
    return HERE


def _things(
    office: Office, day: dt.date, session: CounterSession | None, outages: list[Outage]
) -> list[tuple[str, str]]:
    """Return devices and counters in use: first the officer's own counter, then shared devices, then others."""
    broken = {(row.device_id, row.counter_id) for row in outages}
    mine = session.counter_id if session else None
    devices = Device.objects.filter(usable_on(day), office=office)
    devices = devices.select_related("counter").order_by("name")
    kinds = list(Device.Kind.values)  # cameras first
    rows: list[tuple[int, int, str, str]] = [
        (
            _nearness(device.counter_id, mine),
            kinds.index(device.kind),
            f"device-{device.pk}",
            _device_name(device),
        )
        for device in devices
        if (device.pk, None) not in broken
    ]
    counters = Counter.objects.in_use_on(day).filter(hall__office=office).order_by("number", "pk")
    rows += [
        (1 if counter.pk == mine else 3, len(kinds), f"counter-{counter.pk}", str(counter))
        for counter in counters
        if (None, counter.pk) not in broken
    ]
    rows.sort(key=lambda row: row[:2])
    return [(value, label) for _near, _kind, value, label in rows]


def _nearness(counter_id: int | None, mine: int | None) -> int:
    if counter_id is None:
        return 1
    return 0 if counter_id == mine else 2


def _device_name(device: Device) -> str:
    if device.counter is None:
        return _("%(device)s, dipakai bersama") % {"device": device.name}
    return f"{device.name}, {device.counter}"
