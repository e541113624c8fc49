"""The list of offices: search by place and service, the first hour for a party, sorted by distance."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from core import clock, fields
from core.public_pages import public_page
from offices import labels
from offices.directory import selectors as directory_selectors
from offices.directory.distances import UNKNOWN, kilometres
from offices.directory.models import Office, ServiceType
from offices.directory.selectors import chosen_service
from offices.hours.models import AdmissionRule
from offices.hours.selectors import with_rules
from quotas.calendar import board
from quotas.calendar.nearest import day_url, earliest_hours

MOST_PEOPLE: Final = 5


def offices_for_cards() -> list[Office]:
    """Return every office with what its card shows, by name."""
    return with_rules(directory_selectors.list_offices_for_cards(), AdmissionRule)


class SearchForm(forms.Form):
    """What the reader looks for. Every field may be empty."""

    q = fields.CharField(
        label=_("Nama kantor, kota, atau alamat"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "enterkeyhint": "search"}),
    )
    service_type = forms.ChoiceField(
        label=_("Layanan"),
        required=False,
        error_messages={"invalid_choice": _("Pilih layanan dari daftar.")},
    )
    people = fields.IntegerField(
        label=_("Jumlah orang"),
        required=False,
        min_value=1,
        max_value=MOST_PEOPLE,
        widget=forms.TextInput({"inputmode": "numeric", "maxlength": 2, "autocomplete": "off"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"),
            _("Isi 1 sampai 5 orang; sebanyak itu dapat dipesan bersama."),
        ),
    )
    near = forms.ChoiceField(
        label=_("Terdekat dari"),
        required=False,
        error_messages={"invalid_choice": _("Pilih kantor dari daftar.")},
    )

    def __init__(
        self, *args: Any, offices: Sequence[Office], services: Sequence[ServiceType]
    ) -> None:
        super().__init__(*args)
        self._offer("service_type", _("Semua layanan"), [(row.code, row) for row in services])
        placed = [(row.code, row.name) for row in offices if row.latitude is not None]
        self._offer("near", _("Tanpa urutan jarak"), placed)

    def _offer(self, name: str, empty: Any, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = [("", empty), *choices]  # type: ignore[attr-defined]


@require_safe
@public_page("q", "service_type", "people", "near")
def office_list(request: HttpRequest) -> HttpResponse:
    """List the offices that match the search, each with its state and its first hour for the party."""
    now = clock.now()
    offices, services = offices_for_cards(), directory_selectors.all_services()
    form = SearchForm(request.GET, offices=offices, services=services)
    typed = form.cleaned_data if form.is_valid() else {}
    service = chosen_service(services, typed.get("service_type", ""))
    people = typed.get("people") or 1
    origin = next((row for row in offices if row.code == typed.get("near")), None)
    matching = [row for row in offices if _matches(row, typed.get("q", ""), service)]
    rows = _rows(matching, service or (services[0] if services else None), people, now)
    if origin is not None:
        for row in rows:
            row["kilometres"] = kilometres(origin, row["office"])
            row["distance"] = labels.distance_text(row["kilometres"] or UNKNOWN)
        rows.sort(key=lambda row: (row["kilometres"], row["name"]))
    elif service is not None or typed.get("people"):
        rows.sort(key=lambda row: (row["earliest_at"] is None, row["earliest_at"] or now))
    context = {
        "form": form,
        "offices": rows,
        "people": people,
        "is_search": any(typed.values()),
        "has_offices": bool(offices),
    }
    status = 400 if form.errors else 200
    return render(request, "booking/public/list.html", context, status=status)


def _matches(office: Office, text: str, service: ServiceType | None) -> bool:
    """True if each word is in the office's name, address or region, and the office has the service."""
    if service is not None and service not in office.service_types.all():
        return False
    place = f"{office.name} {office.address} {office.region.name}".casefold()
    return all(word in place for word in text.casefold().split())


def _rows(
    offices: Sequence[Office], service: ServiceType | None, people: int, now: dt.datetime
) -> list[dict[str, Any]]:
    """Return the cards, each with the first hour in which the party has room."""
    prefer = service.code if service else ""
    able = [row for row in offices if service in row.service_types.all()]
    earliest = earliest_hours(able, service, people=people, now=now) if service else {}
    rows = []
    for openings in board.openings(offices, now, prefer):
        office = openings.office
        card: dict[str, Any] = board.office_card(openings) | {"office": office, "earliest_at": None}
        slot = earliest.get(office.pk)
        if slot is not None and service is not None:
            card |= {
                "earliest_at": slot.starts_at,
                "earliest": labels.slot_text(slot.starts_at, slot.ends_at, office),
                "earliest_left": slot.left,
                "earliest_url": day_url(office, slot.day, service, people),
            }
        rows.append(card)
    return rows
