"""The public pages: home, offices, an office's calendar, the slots of a day."""

import datetime as dt
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.requests import account_of
from booking.applications.documents import cases_of, document_text
from booking.applications.products import refused_product
from booking.applications.views import preferred_code
from booking.bookings.hours import FEW, hour_rows
from booking.lottery import selectors as lottery_selectors
from booking.people.selectors import FOREIGNERS
from booking.public import company
from booking.public.accelerated import accelerated_today
from booking.public.next_step import next_step
from booking.public.office_parts import parts_of
from booking.public.search import offices_for_cards
from core import clock
from core.dates import monday_of, parse_day
from core.errors import NotFound
from core.formats import number
from core.public_pages import public_page
from offices import labels
from offices.closures.announcements import closures_between
from offices.directory import selectors as directory_selectors
from offices.directory.models import Fee, Office, ServiceType
from offices.directory.selectors import chosen_service, services_of
from quotas.calendar import board
from quotas.calendar import selectors as calendar_selectors
from quotas.calendar.nearest import serving_offices, without_place
from quotas.calendar.office_facts import office_facts
from quotas.calendar.selectors import OPEN
from quotas.calendar.weeks import WEEKS, calendar_weeks, weeks_from
from quotas.plan.rows import OfficeRules
from quotas.policies import selectors as policies_selectors
from quotas.policies.models import ReleaseRule
from quotas.waiting_room import selectors as waiting_room_selectors
from quotas.waiting_room.order import OPENS_BEFORE
from quotas.windows import selectors as windows_selectors

WEEK: Final = dt.timedelta(days=7)
FURTHEST: Final = dt.timedelta(days=92)
BACK: Final = dt.timedelta(days=28)
ANNOUNCED: Final = dt.timedelta(days=28)
SATURDAY: Final = 6
SERVING_SHOWN: Final = 3
WEEKEND_OVER: Final = dt.timedelta(days=2)


@require_safe
@public_page()
def home(request: HttpRequest) -> HttpResponse:
    """Show what is open now and what opens next."""
    now = clock.now()
    prefer = preferred_code(request)
    openings = board.openings(offices_for_cards(), now, prefer)
    account = account_of(request)
    context = {
        "now": now,
        "openings": board.opening_board(
            openings, prepare_url=reverse("booking:people"), prefer=prefer
        ),
        "offices": [board.office_card(row) for row in openings],
        "next_step": next_step(account, now, openings) if account else None,
    }
    return render(request, "booking/public/home.html", context)


@require_safe
@public_page("service_type", "from", *company.NAMES)
def office(request: HttpRequest, code: str) -> HttpResponse:
    """Show an office's calendar, rules and opening hours."""
    now = clock.now()
    place = directory_selectors.get_office(code)
    services = services_of(place)
    service, remark = _service(request, services)
    today = place.local_day(now)
    first, date_remark = _first_day(request, today)
    monday, last = weeks_from(first)
    rules = policies_selectors.rules_of(place, first=min(monday, today), last=max(last, today))
    openings = board.openings_of(place, now, _windows(place, service, now), rules)
    weeks = service and calendar_weeks(
        place,
        service=service,
        first=first,
        now=now,
        day_url=_day_url(place, service, company.company_of(request, services, service)),
        rules=rules,
    )
    context = {
        "office": place,
        "now": now,
        "openings": openings,
        "state": openings.state,
        "state_text": _state_text(openings),
        "lede": _lede(openings),
        "services": _service_links(place, services, service, request.GET.get("from", "")),
        "service": service,
        "remark": remark or date_remark,
        "served_elsewhere": _served_elsewhere(request, place, services),
        "weeks": weeks,
        "first_open": _first_open(weeks or []),
        "announced": closures_between(place, today, today + ANNOUNCED),
        "accelerated": accelerated_today(place, service, now),
        "draws": lottery_selectors.draws_of(place, now),
        "rooms": _rooms(openings, now),
        **_week_links(place, service, first, today),
        **office_facts(place, rules, now),
        "parts": parts_of(place, now),
    }
    return render(request, "booking/public/office.html", context)


@require_safe
@public_page(seconds=10)
def office_standard(request: HttpRequest, code: str) -> HttpResponse:
    """Show the service standard and the declaration of an office, from the rows in force today."""
    now = clock.now()
    place = directory_selectors.get_office(code)
    today = place.local_day(now)
    context = {
        "office": place,
        "services": [
            {
                "service": service,
                "cases": [
                    (label, [document_text(row) for row in rows])
                    for label, rows in cases_of(service, today)
                ],
            }
            for service in services_of(place)
        ],
        "fees": _fees(place, today),
        "hours": labels.hours_table(place.opening_hours.in_force(today)),
        "parts": parts_of(place, now),
    }
    return render(request, "booking/public/standard.html", context)


def _fees(place: Office, today: dt.date) -> list[dict[str, Any]]:
    """Return the fees in force of the products that the office issues, in the order of the products."""
    order = list(Fee.Product.values)
    rows = sorted(Fee.objects.in_force(today), key=lambda row: order.index(row.product))
    return [
        {
            "name": capfirst(row.get_product_display()),
            "amount": row.amount,
            "instrument": row.instrument,
        }
        for row in rows
        if refused_product(place, today, row.product) is None
    ]


@require_safe
@public_page("service_type", "slot", "choose", "who", *company.NAMES)
def day(request: HttpRequest, code: str, day: dt.date) -> HttpResponse:
    """Show the slots of a day; each links to its booking page."""
    now = clock.now()
    place = directory_selectors.get_office(code)
    services = services_of(place)
    service, remark = _service(request, services)
    if service is None:
        raise NotFound
    rules = policies_selectors.rules_of(place, first=day - WEEK, last=day + WEEK)
    people = company.company_of(request, services, service)
    needs = people.needs(service)
    slots = hour_rows(place, day=day, needs=needs, now=now, rules=rules)
    error = ""
    if "slot" in request.GET:
        chosen = next((row for row in slots if str(row["id"]) == request.GET["slot"]), None)
        if chosen is not None and chosen["state"] == OPEN:
            address = reverse("booking:book", args=[chosen["id"]])
            return HttpResponseRedirect(f"{address}?{_query(request, service, people)}")
        error = _hour_refused(chosen)
    elif "choose" in request.GET:
        error = _("Pilih salah satu jam yang masih ada tempatnya.")
    context = _day_context(place, services, service, day, slots, people, rules, now)
    status = 200 if not error else 409 if "slot" in request.GET else 400
    extra = {
        "served_elsewhere": _served_elsewhere(request, place, services),
        "error": error,
        "remark": remark,
        "who": request.GET.getlist("who"),
    }
    return render(request, "booking/public/day.html", {**context, **extra}, status=status)


def _first_open(weeks: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the first day with a free place: on a phone the calendar begins below the first screen."""
    days = (day for week in weeks for day in week["days"])
    return next((day for day in days if day["state"] == "open"), None)


def _windows(place: Office, service: ServiceType | None, now: dt.datetime) -> list[Any]:
    """Return the office's windows, with the places that the reader's service can use."""
    group_id = service.group_id if service else None
    return windows_selectors.windows(place, now=now, group_id=group_id)


def _rooms(openings: board.Openings, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the openings with a waiting room: those still guarded and the next one."""
    guarded = {
        window_id
        for window_id, room in waiting_room_selectors.rooms_now(now=now).items()
        if room.guards(now)
    }
    rows = [row for row in openings.open if row.id in guarded]
    rows += [row for row in openings.coming if row.has_waiting_room][:1]
    return [{"window": row, "joins_at": row.opens_at - OPENS_BEFORE} for row in rows]


def _day_context(
    place: Office,
    services: list[ServiceType],
    service: ServiceType,
    day: dt.date,
    slots: list[dict[str, Any]],
    people: company.Company,
    rules: OfficeRules,
    now: dt.datetime,
) -> dict[str, Any]:
    is_open = [row for row in slots if row["state"] == OPEN]
    address = reverse("booking:day", args=[place.code, day])
    around = calendar_selectors.calendar(
        place,
        first=day - WEEK,
        last=day + WEEK,
        group=service.group,
        now=now,
        service=service.pk,
        rules=rules,
    )
    here = next((row for row in around if row.date == day), None)
    return {
        "office": place,
        "announced": closures_between(place, day, day),
        "day": day,
        "here": here,
        "service": service,
        "services": _service_links(place, services, service, "", day=day),
        "slots": slots,
        "left": sum(row["left"] for row in slots if row["state"] in (OPEN, FEW)),
        "places": sum(row["places"] for row in slots),
        "is_fitting": bool(is_open),
        "people": people,
        "company": company.links_of(people, service, address, {"service_type": service.code}),
        "neighbours": _neighbours(around, day, _day_url(place, service, people)),
        "alternatives": []
        if is_open
        else company.nearest_for(place, service, people, after=place.at(day, dt.time()), now=now),
        **({} if is_open else without_place(place, service, now, people=max(people.people, 1))),
        "now": now,
    }


def _hour_refused(chosen: dict[str, Any] | None) -> str:
    if chosen is None:
        return _("Jam itu tidak ada pada hari ini. Pilih salah satu jam di bawah.")
    if chosen["state"] == "full":
        return _("%(reason)s. Pilih jam lain di bawah.") % {"reason": chosen["reason"]}
    return _("Jam itu tidak dapat dipesan: %(reason)s. Pilih jam lain di bawah.") % {
        "reason": chosen["reason"]
    }


def _neighbours(around: list[Any], day: dt.date, day_url: Any) -> list[dict[str, Any]]:
    before = [row for row in around if row.date < day and row.status == "open"][-1:]
    after = [row for row in around if row.date > day and row.status == "open"][:1]
    return [{"day": row.date, "left": row.left, "url": day_url(row.date)} for row in before + after]


def _query(request: HttpRequest, service: ServiceType, people: company.Company) -> str:
    who = [text for text in request.GET.getlist("who") if text.isascii() and text.isdigit()]
    return urlencode({"service_type": service.code, "who": who, **people.query}, doseq=True)


def _service(request: HttpRequest, services: list[ServiceType]) -> tuple[ServiceType | None, str]:
    """Return the requested service, else the office's first, with a remark if the requested one is not offered."""
    code = request.GET.get("service_type", "")
    preferred = "" if code else preferred_code(request)
    first = chosen_service(services, preferred) or (services[0] if services else None)
    chosen = chosen_service(services, code) if code else first
    if chosen is not None or first is None:
        return chosen, ""
    remark = _("Layanan itu tidak ada di kantor ini. Berikut kalender untuk %(service)s.")
    return first, remark % {"service": first}


def _served_elsewhere(
    request: HttpRequest, place: Office, services: list[ServiceType]
) -> dict[str, Any] | None:
    """Return where the reader's service is offered if not here; without one, where foreigners are served."""
    code = request.GET.get("service_type", "") or preferred_code(request)
    known = directory_selectors.all_services()
    service = chosen_service(known, code)
    is_own = service is not None
    if service is None:
        service = next((row for row in known if row.group.code == FOREIGNERS), None)
    if service is None or service in services:
        return None
    if not is_own and any(row.group_id == service.group_id for row in services):
        return None
    offices = serving_offices(place, service)[:SERVING_SHOWN]
    return {"service": service, "offices": offices, "is_own": is_own} if offices else None


def _first_day(request: HttpRequest, today: dt.date) -> tuple[dt.date, str]:
    text = request.GET.get("from", "")
    if not text:  # on a weekend, show the coming week
        return today + WEEKEND_OVER if today.isoweekday() >= SATURDAY else today, ""
    day = parse_day(text)
    if day is None:
        return today, _(
            "Tanggal itu tidak kami kenali; isi misalnya 2026-12-04. Berikut kalender mulai minggu ini."
        )
    if not today - BACK <= day <= today + FURTHEST:
        return today, _(
            "Kalender hanya sampai 92 hari ke depan. Berikut kalender mulai minggu ini."
        )
    return day, ""


def _day_url(place: Office, service: ServiceType, people: company.Company) -> Any:
    query = urlencode({"service_type": service.code, **people.query})

    def url(day: dt.date) -> str:
        return f"{reverse('booking:day', args=[place.code, day])}?{query}"

    return url


def _service_links(
    place: Office,
    services: list[ServiceType],
    chosen: ServiceType | None,
    first: str,
    day: dt.date | None = None,
) -> list[dict[str, Any]]:
    address = reverse("booking:day", args=[place.code, day]) if day else board.office_url(place)
    rows = []
    for service in services:
        query = {"service_type": service.code} | ({"from": first} if parse_day(first) else {})
        rows.append(
            {
                "name": str(service),
                "group": str(service.group),
                "url": f"{address}?{urlencode(query)}",
                "is_chosen": service == chosen,
            }
        )
    return rows


def _week_links(
    place: Office, service: ServiceType | None, first: dt.date, today: dt.date
) -> dict[str, str]:
    code = service.code if service else ""
    step = dt.timedelta(weeks=WEEKS)

    def url(day: dt.date) -> str:
        return f"{board.office_url(place)}?{urlencode({'service_type': code, 'from': day.isoformat()})}#kal"

    start = monday_of(first)
    earlier = max(start - step, monday_of(today))
    return {
        "earlier_url": url(earlier) if start > monday_of(today) else "",
        "later_url": url(start + step) if start + step <= today + FURTHEST else "",
    }


def _state_text(openings: board.Openings) -> str:
    return _("Sedang dibuka") if openings.state == "open" else board.state_text(openings)


def _lede(openings: board.Openings) -> str:
    place = openings.office
    if place.booking_stopped_reason:
        reason = place.booking_stopped_reason
        return _("Kantor ini sementara tidak menerima pemesanan: %(reason)s") % {"reason": reason}
    if openings.with_places:
        rows = openings.with_places
        return _("Tersisa %(left)s dari %(places)s tempat untuk %(days)s.") % {
            "left": number(openings.left),
            "places": number(openings.places),
            "days": labels.span_text(rows[0].first_day, max(row.last_day for row in rows)),
        }
    if openings.next:
        sentence = (
            _("Diundi: daftar sampai %(when)s. %(places)s tempat untuk %(days)s.")
            if openings.next.mode == ReleaseRule.Mode.DRAW
            else _("Dibuka %(when)s: %(places)s tempat untuk %(days)s.")
        )
        return sentence % {
            "when": labels.moment_text(openings.next.opens_at, place),
            "places": number(openings.next_places),
            "days": labels.span_text(openings.next.first_day, openings.next.last_day),
        }
    return _("Belum ada pembukaan kuota yang terjadwal. Jadwalnya tampil di sini begitu diumumkan.")
