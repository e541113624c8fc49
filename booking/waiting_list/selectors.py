"""Reads of the waiting list: entries eligible for a slot, entries to end, and links."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from booking.bookings.models import Booking
from booking.statuses import LIVE
from booking.waiting_list.models import (
    Offer,
    OfferStatus,
    WaitingListEntry,
    WaitingMember,
    WaitingStatus,
)
from core.errors import NotFound
from notices import links
from offices.directory.models import Office
from quotas.places.models import Slot

OFFER_LABELS: Final = tuple(OfferStatus.choices)
# Entries to end: booked elsewhere, data changed, or no day left for an offer.
ENDED: Final = """
SELECT member.entry_id, 'booked' FROM booking_waitingmember member
  JOIN booking_booking booking ON booking.person_key = member.person_key AND booking.status = ANY(%(live)s)
  JOIN quotas_slot slot ON slot.id = booking.slot_id JOIN offices_office office ON office.id = booking.office_id
 WHERE member.left_at IS NULL AND (%(entry)s IS NULL OR member.entry_id = %(entry)s)
   AND (booking.id IS DISTINCT FROM member.booking_id OR booking.status NOT IN ('booked', 'displaced')
     OR (booking.status = 'booked' AND (%(now)s AT TIME ZONE office.time_zone)::date >= slot.day))
UNION ALL
SELECT member.entry_id, 'changed' FROM booking_waitingmember member
  JOIN booking_applicant person ON person.id = member.applicant_id
 WHERE member.left_at IS NULL AND (%(entry)s IS NULL OR member.entry_id = %(entry)s)
   AND (person.removed_at IS NOT NULL OR person.person_key <> member.person_key)
UNION ALL
SELECT entry.id, 'lapsed' FROM booking_waitinglistentry entry JOIN offices_office office ON office.id = entry.office_id
 WHERE entry.status = 'waiting' AND (%(entry)s IS NULL OR entry.id = %(entry)s)
   AND (%(now)s AT TIME ZONE office.time_zone)::date >= entry.last_day
   AND NOT EXISTS (SELECT FROM booking_offer offer WHERE offer.entry_id = entry.id AND offer.status = 'open')
"""


def line_for(slot: Slot, *, offers_at_most: int) -> QuerySet[WaitingListEntry]:
    """Entries eligible for this slot, oldest first.

    Excludes those with an open offer, a refusal of this slot, or a booking in it.
    """
    offers = Offer.objects.filter(entry=OuterRef("pk"))
    refused = offers.filter(slot=slot, status__in=(OfferStatus.DECLINED, OfferStatus.EXPIRED))
    has_it = WaitingMember.objects.filter(
        entry=OuterRef("pk"), booking__slot=slot, booking__status__in=LIVE
    )
    rows = WaitingListEntry.objects.filter(
        office=slot.office_id,
        lane=slot.lane_id,
        service_type__group=slot.group_id,
        status=WaitingStatus.WAITING,
        first_day__lte=slot.day,
        last_day__gte=slot.day,
        offers_made__lt=offers_at_most,
    )
    if slot.only_services:
        rows = rows.filter(service_type__in=slot.only_services)
    rows = rows.exclude(Exists(offers.filter(status=OfferStatus.OPEN)))
    return rows.exclude(Exists(refused)).exclude(Exists(has_it)).order_by("joined_at", "pk")


def ahead_of(entry: WaitingListEntry) -> int:
    """Return how many earlier entries wait for some of the same days."""
    rows = WaitingListEntry.objects.filter(
        office=entry.office_id,
        lane=entry.lane_id,
        service_type__group=entry.service_type.group_id,
        status=WaitingStatus.WAITING,
        first_day__lte=entry.last_day,
        last_day__gte=entry.first_day,
    )
    before = Q(joined_at__lt=entry.joined_at) | Q(joined_at=entry.joined_at, pk__lt=entry.pk)
    return rows.filter(before).count()


def ended_statuses(*, now: dt.datetime, entry_id: int | None = None) -> dict[int, WaitingStatus]:
    """Return why entries must end, by entry id; with `entry_id`, only for that entry."""
    values: dict[str, Any] = {"now": now, "entry": entry_id, "live": [str(one) for one in LIVE]}
    with connection.cursor() as cursor:
        cursor.execute(ENDED, values)
        return {pk: WaitingStatus(why) for pk, why in reversed(cursor.fetchall())}


def offices_with_waiting() -> list[int]:
    """Return the ids of offices with waiting entries."""
    rows = WaitingListEntry.objects.filter(status=WaitingStatus.WAITING)
    return sorted(set(rows.values_list("office_id", flat=True)))


def due_offers(*, now: dt.datetime) -> dict[str, list[UUID]]:
    """Return the ids of open offers to withdraw, to send, or to expire."""
    rows = Offer.objects.filter(status=OfferStatus.OPEN)

    def ids(offers: QuerySet[Offer]) -> list[UUID]:
        return list(offers.order_by("made_at", "pk").values_list("pk", flat=True))

    return {
        "withdrawn": ids(rows.filter(places__place__withdrawn_at__isnull=False).distinct()),
        "to_tell": ids(rows.filter(notified_at__isnull=True, tell_at__lte=now)),
        "over": ids(rows.filter(notified_at__isnull=False, answer_by__lte=now)),
    }


def waiting_at(office: Office, *, since: dt.datetime) -> tuple[list[WaitingListEntry], list[Offer]]:
    """Return an office's waiting entries, in order, and the offers made there since a moment."""
    rows = WaitingListEntry.objects.filter(office=office, status=WaitingStatus.WAITING)
    offers = Offer.objects.filter(slot__office=office, made_at__gte=since)
    return list(rows.order_by("joined_at", "pk")), list(offers)


# --- An account's entries and offers ---------------------------------------------------------------
def waiting_of(account_id: int) -> QuerySet[WaitingListEntry]:
    """Return an account's entries: those waiting, then the others, latest first."""
    rows = WaitingListEntry.objects.filter(account_id=account_id)
    rows = rows.select_related("office", "lane", "service_type__group")
    rows = rows.prefetch_related("members__applicant", "members__booking", "offers__slot__office")
    return rows.order_by("ended_at", "-joined_at", "-pk")


def waiting_entry_of(account_id: int, entry_id: int) -> WaitingListEntry:
    """Return one of the account's entries. Raises NotFound, also for another account's entry."""
    entry = waiting_of(account_id).filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    return entry


def open_offer_of(entry: WaitingListEntry) -> Offer | None:
    """Return the entry's open offer from the prefetched offers, or None."""
    return next((row for row in entry.offers.all() if row.status == OfferStatus.OPEN), None)


def offer_of(account_id: int, offer_id: UUID) -> Offer:
    """Return an offer to one of the account's entries. Raises NotFound, also for another account's offer."""
    offer = _offers().filter(pk=offer_id, entry__account_id=account_id).first()
    if offer is None:
        raise NotFound
    return offer


def urgent_offer_to(account_id: int) -> Offer | None:
    """Return the account's open offer with the earliest deadline, or None."""
    rows = _offers().filter(entry__account_id=account_id, status=OfferStatus.OPEN)
    return rows.order_by("answer_by").first()


def bookings_from(offer: Offer) -> list[Booking]:
    """Return the bookings that an accepted offer created or moved, in any status."""
    if offer.answered_at is None:
        return []
    rows = Booking.objects.filter(
        history__place_to__offers__offer=offer, history__at=offer.answered_at
    )
    rows = rows.select_related(
        "applicant",
        "office",
        "slot__office",
        "slot__lane",
        "slot__group",
        "service_type__group",
        "place",
    )
    return list(rows.distinct().order_by("code"))


def _offers() -> QuerySet[Offer]:
    return Offer.objects.select_related(
        "entry__office",
        "entry__account",
        "entry__service_type__group",
        "slot__office",
        "slot__lane",
    )


# --- Links in messages -----------------------------------------------------------------------------
OFFER_LINK: Final = links.Purpose(
    "offer", "booking:offer_link", "booking:offer", dt.timedelta(days=7)
)
STOP_LINK: Final = links.Purpose(
    "waiting_stop", "booking:waiting_stop_link", "booking:waiting_stop", dt.timedelta(days=180)
)
links.register(OFFER_LINK, STOP_LINK)


def get_offer(offer_id: UUID) -> Offer:
    """Return an offer. Raises NotFound. The caller checks who may see it."""
    offer = _offers().filter(pk=offer_id).first()
    if offer is None:
        raise NotFound
    return offer


def get_entry(entry_id: int) -> WaitingListEntry:
    """Return an entry. Raises NotFound. The caller checks who may see it."""
    rows = WaitingListEntry.objects.select_related("office", "service_type")
    entry = rows.filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    return entry
