"""The banner on the home page that suggests the next step to a signed-in person."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from booking.applications.models import PassportApplication
from booking.applications.readiness import missing_for
from booking.bookings import selectors as bookings_selectors
from booking.bookings.models import Booking
from booking.people import selectors as people_selectors
from booking.statuses import LIVE, Status
from booking.waiting_list import selectors as waiting_list_selectors
from booking.waiting_list.models import Offer
from core.clock import local_day
from core.formats import local_time_long
from offices import labels
from quotas.calendar.board import Openings


def next_step(account: User, now: dt.datetime, openings: Sequence[Openings] = ()) -> dict[str, Any]:
    """Return the banner: the upcoming booking, otherwise the next thing to prepare for the openings."""
    offer = waiting_list_selectors.urgent_offer_to(account.pk)
    if offer is not None and offer.answer_by > now:
        return _offer_step(offer)
    booking = (
        bookings_selectors.bookings_of(account.pk)
        .filter(status__in=LIVE, slot__ends_at__gt=now)
        .order_by("slot__starts_at")
        .first()
    )
    if booking is not None:
        return _booking_step(booking)
    if bookings_selectors.must_confirm_address(account.pk, now=now):
        return _confirm_step()
    people = list(people_selectors.people_of(account.pk))
    if not people:
        return {
            "icon_name": "people",
            "title": _("Tambahkan orang yang akan membuat paspor"),
            "text": _("Cukup sekali. Setelah itu memesan jadwal hanya perlu beberapa ketukan."),
            "link_url": reverse("booking:person_add"),
            "link_text": _("Tambahkan orang"),
        }
    rows = PassportApplication.objects.filter(applicant__in=people).order_by("-changed_at", "pk")
    prepared = list(rows.select_related("applicant", "service_type__group"))
    if not prepared:
        return {
            "icon_name": "doc",
            "title": _("Siapkan permohonan"),
            "text": _("Isi sekarang, supaya saat kuota dibuka Anda tinggal memilih jam."),
            "link_url": reverse("booking:application", args=[people[0].pk]),
            "link_text": _("Isi permohonan"),
        }
    return _prepared_step(prepared, openings, now)


def _prepared_step(
    prepared: Sequence[PassportApplication], openings: Sequence[Openings], now: dt.datetime
) -> dict[str, Any]:
    """Say that all applications are ready for the next opening, or what the first one lacks."""
    today = local_day(now, settings.TIME_ZONE)
    prepared = _without_served(prepared)
    if not prepared:
        return {
            "kind": "good",
            "icon_name": "done",
            "title": _("Kunjungan Anda sudah selesai"),
            "text": _("Lihat tiket Anda, atau tambahkan orang lain yang akan membuat paspor."),
            "link_url": reverse("booking:bookings"),
            "link_text": _("Tiket saya"),
        }
    for row in prepared:
        person, service = row.applicant, row.service_type
        missing = missing_for(person, service, row, day=today, now=now)
        if missing:
            return {
                "kind": "warn",
                "icon_name": "doc",
                "title": _("Permohonan %(name)s belum lengkap") % {"name": person.short_name},
                "text": missing[0].text,
                "link_url": missing[0].url,
                "link_text": _("Lengkapi sekarang"),
            }
    coming = [row for row in openings if row.next is not None and row.state == "not_yet_open"]
    first = min(coming, key=lambda row: row.next.opens_at, default=None)
    is_open = any(row.state == "open" for row in openings)
    title, text = _("Permohonan Anda siap"), _("Semua isian dan berkas lengkap.")
    if is_open:
        text = _("Tinggal memilih jam: lihat di atas kantor mana yang sedang membuka kuota.")
    elif first is not None:
        when = labels.moment_text(first.next.opens_at, first.office)
        title = _("Anda siap untuk %(when)s") % {"when": when}
        text = _("Semua isian dan berkas lengkap. Saat itu %(office)s membuka kuota.") % {
            "office": first.office.name
        }
    return {
        "kind": "good",
        "icon_name": "done",
        "title": title,
        "text": text,
        "link_url": reverse("booking:people"),
        "link_text": _("Lihat orang dan permohonan"),
    }


def _without_served(prepared: Sequence[PassportApplication]) -> list[PassportApplication]:
    """Return the applications whose person's last booking for that service was not served."""
    rows = Booking.objects.filter(applicant__in=[row.applicant_id for row in prepared])
    last = {
        (applicant_id, service_id): status
        for applicant_id, service_id, status in rows.order_by("placed_at", "pk").values_list(
            "applicant_id", "service_type_id", "status"
        )
    }
    return [
        row
        for row in prepared
        if last.get((row.applicant_id, row.service_type_id)) != Status.SERVED
    ]


def _booking_step(booking: Booking) -> dict[str, Any]:
    when = labels.slot_text(booking.slot.starts_at, booking.slot.ends_at, booking.office)
    return {
        "kind": "good",
        "icon_name": "cal",
        "title": _("Jadwal Anda: %(when)s") % {"when": when},
        "text": booking.office.name,
        "link_url": reverse("booking:ticket", args=[booking.code]),
        "link_text": _("Buka tiket"),
    }


def _confirm_step() -> dict[str, Any]:
    return {
        "kind": "warn",
        "icon_name": "risk",
        "title": _("Verifikasi alamat surel Anda"),
        "text": _(
            "Lakukan sebelum kuota berikutnya dibuka. Tanpa verifikasi Anda belum dapat memesan lagi."
        ),
        "link_url": reverse("accounts:address_code"),
        "link_text": _("Verifikasi alamat surel"),
    }


def _offer_step(offer: Offer) -> dict[str, Any]:
    office = offer.slot.office
    return {
        "kind": "warn",
        "icon_name": "called",
        "title": _("Ada tempat untuk Anda: %(when)s")
        % {"when": bookings_selectors.when(offer.slot, office)},
        "text": _("Jawab sebelum %(until)s.") % {"until": local_time_long(offer.answer_by, office)},
        "link_url": reverse("booking:offer", args=[offer.pk]),
        "link_text": _("Jawab tawaran ini"),
    }
