"""Offers of freed places: made in order, answered once, ended in time.

Everything that changes an offer or ends an entry locks the entry's row. Lock order: the office, the
entry, applicants, bookings, places.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.models import User
from booking.waiting_list.errors import OfferOver
from booking.waiting_list.messages import (
    queue_ended_message,
    queue_expired_message,
    queue_offer_message,
    queue_withdrawn_message,
)
from booking.waiting_list.models import (
    Offer,
    OfferPlace,
    OfferStatus,
    WaitingListEntry,
    WaitingStatus,
)
from booking.waiting_list.selectors import ended_statuses, line_for
from core import status
from core.db import busy_on_timeout
from core.errors import NotFound
from core.quiet_hours import MIDNIGHT, QuietHours, add_active_time, last_active, next_active
from notices.links import LinkUse, record_answer
from offices.directory.models import Office
from quotas.places.models import Slot
from quotas.places.returns import free_places, take_given_back
from quotas.places.selectors import hours_given_back
from quotas.plan.decrees import ReturnDecree
from quotas.policies.selectors import return_terms

BETWEEN_MESSAGES: Final = dt.timedelta(hours=1)
# With less time than this nobody could answer, so the slot is not offered any more.
SHORTEST_ANSWER: Final = dt.timedelta(hours=1)
IN_LINE: Final = 50  # how many entries are tried for one slot


@dataclass(frozen=True)
class Window:
    """When an offer's message is sent, and its deadline."""

    tell_at: dt.datetime
    answer_by: dt.datetime


# --- Making ----------------------------------------------------------------------------------------
def offer_next(*, office_id: int, now: dt.datetime) -> Offer | None:
    """Offer the earliest freed slot to the first fitting entry; return None if there is no slot or entry.

    One transaction per offer, under the office's lock, which a second worker skips. Raises Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        locked = Office.objects.select_for_update(no_key=True, skip_locked=True)
        office = locked.filter(pk=office_id).first()
        if office is None or office.booking_stopped_reason:
            return None
        for slot in hours_given_back(office, now=now):
            offer = _offer(slot, now)
            if offer is not None:
                return offer
    return None


def _offer(slot: Slot, now: dt.datetime) -> Offer | None:
    """Offer a slot to the first entry for which its free places are enough."""
    terms = return_terms(slot.office, lane=slot.lane_id, day=slot.day)
    line = line_for(slot, offers_at_most=terms.offers_at_most)
    for first in line.filter(size__lte=slot.free)[:IN_LINE]:  # type: ignore[attr-defined]
        window = _window(first, slot, terms, now)
        if window is None:
            continue
        entry = _lock(first.pk, skip=True)
        if entry is None or not line.filter(pk=entry.pk).exists():
            return (
                None  # the entry is being answered, stopped or booked: the next run sees the result
            )
        if ended_statuses(now=now, entry_id=entry.pk):
            continue
        offer = Offer(
            entry=entry, slot=slot, made_at=now, tell_at=window.tell_at, answer_by=window.answer_by
        )
        places = take_given_back(slot_id=slot.pk, count=entry.size, holder=offer.pk, now=now)
        if not places:
            return None
        _write(offer, places, now)
        passed = line.filter(size__gt=slot.free, joined_at__lte=entry.joined_at)  # type: ignore[attr-defined]
        _record_passed(passed, now)
        return offer
    return None


def _write(offer: Offer, places: Sequence[int], now: dt.datetime) -> None:
    status.create(offer, by=None, now=now)
    OfferPlace.objects.bulk_create(
        OfferPlace(offer=offer, place_id=place_id, holder=offer.pk) for place_id in places
    )
    entry = offer.entry
    entry.offers_made += 1
    entry.save(update_fields=["offers_made"])


def _record_passed(larger: Iterable[WaitingListEntry], now: dt.datetime) -> None:
    """Record for each earlier entry that the slot had too few places for it."""
    status.note(*larger, by=None, now=now, reason="passed")


def _window(
    entry: WaitingListEntry, slot: Slot, terms: ReturnDecree, now: dt.datetime
) -> Window | None:
    """Return when an offer's message would be sent and its deadline, or None if too little time is left.

    Quiet hours do not count, and no message is sent in them. Messages to an entry are an hour apart. The
    deadline is no later than the evening before the slot.
    """
    office = slot.office
    quiet_hours = QuietHours(terms.quiet_from, terms.quiet_until, office.zone)
    earliest = now if entry.notified_at is None else max(now, entry.notified_at + BETWEEN_MESSAGES)
    tell_at = next_active(earliest, quiet_hours)
    latest = last_active(office.at(slot.day, MIDNIGHT), quiet_hours)
    if add_active_time(tell_at, min(SHORTEST_ANSWER, terms.answer), quiet_hours) > latest:
        return None
    return Window(tell_at, min(add_active_time(tell_at, terms.answer, quiet_hours), latest))


# --- The message -----------------------------------------------------------------------------------
def queue_due_offer_message(*, offer_id: UUID, now: dt.datetime) -> bool:
    """Queue an offer's message once it is due, and start the time to answer.

    A message delayed by stopped workers does not shorten the time to answer. If too little time is
    left, the offer is withdrawn and does not count.
    """
    with busy_on_timeout(), transaction.atomic():
        offer = _lock_offer(offer_id, skip=True)
        if (
            offer is None
            or offer.status != OfferStatus.OPEN
            or offer.notified_at
            or offer.tell_at > now
        ):
            return False
        slot = offer.slot
        terms = return_terms(slot.office, lane=slot.lane_id, day=slot.day)
        window = _window(offer.entry, slot, terms, now)
        if window is None:
            _take_back(offer, reason="too_late", now=now)
            return False
        offer.tell_at, offer.answer_by = max(window.tell_at, offer.made_at), window.answer_by
        is_time = window.tell_at <= now
        offer.notified_at = now if is_time else None
        offer.save(update_fields=["tell_at", "answer_by", "notified_at"])
        if is_time:
            queue_offer_message(offer, left=terms.offers_at_most - offer.entry.offers_made, now=now)
            _record_message(offer.entry, now)
        return is_time


# --- Endings ---------------------------------------------------------------------------------------
def decline_offer(
    *, offer_id: UUID, account_id: int, use: LinkUse | None = None, now: dt.datetime
) -> Offer:
    """Decline an offer; the place goes to the next in line. Declining twice changes nothing.

    Raises NotFound, OfferOver, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        offer = lock_offer_of(offer_id, account_id)
        if offer.status == OfferStatus.DECLINED:
            return offer
        if offer.status != OfferStatus.OPEN:
            raise OfferOver
        close_offer(offer, to=OfferStatus.DECLINED, by=offer.entry.account, now=now)
        record_answer(use, action=OfferStatus.DECLINED, now=now)
        _end_if_used_up(offer, now)
        return offer


def expire_offer(*, offer_id: UUID, now: dt.datetime) -> bool:
    """Expire an offer that was sent and not answered in time; return whether this call did."""
    with busy_on_timeout(), transaction.atomic():
        offer = _lock_offer(offer_id, skip=True)
        is_due = offer is not None and offer.notified_at is not None and offer.answer_by <= now
        if offer is None or not is_due or offer.status != OfferStatus.OPEN:
            return False
        close_offer(offer, to=OfferStatus.EXPIRED, by=None, now=now)
        if not _end_if_used_up(offer, now):
            queue_expired_message(
                offer, due_at=_next_message_at(offer.entry, offer.slot, now), now=now
            )
        return True


def withdraw_offer(*, offer_id: UUID, now: dt.datetime) -> bool:
    """Withdraw an offer whose place the office withdrew; the entry keeps its position and its count."""
    with busy_on_timeout(), transaction.atomic():
        offer = _lock_offer(offer_id, skip=True)
        if offer is None or offer.status != OfferStatus.OPEN:
            return False
        if not offer.places.filter(place__withdrawn_at__isnull=False).exists():
            return False
        has_heard = offer.notified_at is not None
        _take_back(offer, reason="withdrawn", now=now)
        if has_heard:
            queue_withdrawn_message(
                offer, due_at=_next_message_at(offer.entry, offer.slot, now), now=now
            )
        return True


def end_waiting(*, entry_id: int, now: dt.datetime) -> bool:
    """End an entry that is no longer needed, and withdraw its offer; return whether this call did."""
    with busy_on_timeout(), transaction.atomic():
        entry = _lock(entry_id, skip=True)
        if entry is None or entry.status != WaitingStatus.WAITING:
            return False
        why = ended_statuses(now=now, entry_id=entry.pk).get(entry.pk)
        if why is None:
            return False
        for offer in _open_offers(entry):
            close_offer(offer, to=OfferStatus.WITHDRAWN, by=None, reason=why, now=now)
        end_entry(entry, to=why, by=None, now=now)
        queue_ended_message(entry, due_at=_next_message_at(entry, None, now), now=now)
        return True


def stop_waiting(
    *, entry_id: int, account_id: int, use: LinkUse | None = None, now: dt.datetime
) -> WaitingListEntry:
    """End the waiting; an open offer goes to the next entry. Doing it twice changes nothing. Raises NotFound, Busy."""
    with busy_on_timeout(), transaction.atomic():
        entry = _lock(entry_id)
        if entry is None or entry.account_id != account_id:
            raise NotFound
        if entry.status == WaitingStatus.WAITING:
            for offer in _open_offers(entry):
                close_offer(
                    offer, to=OfferStatus.DECLINED, by=entry.account, now=now, reason="stopped"
                )
            end_entry(entry, to=WaitingStatus.STOPPED, by=entry.account, now=now)
            record_answer(use, action=WaitingStatus.STOPPED, now=now)
        return entry


def end_waiting_of_others(
    *, person_key: str, but_not: int, by: User, now: dt.datetime
) -> list[WaitingListEntry]:
    """End the entries of all other accounts with this number, because its owner has proved it.

    Notifies those accounts and returns the entries. Raises Busy.
    """
    entries = WaitingListEntry.objects.filter(
        members__person_key=person_key, members__left_at__isnull=True, status=WaitingStatus.WAITING
    )
    ids = list(entries.exclude(account_id=but_not).order_by("pk").values_list("pk", flat=True))
    ended = []
    with busy_on_timeout(), transaction.atomic():
        for entry_id in ids:
            entry = _lock(entry_id)
            if entry is None or entry.status != WaitingStatus.WAITING:
                continue
            for offer in _open_offers(entry):
                close_offer(offer, to=OfferStatus.WITHDRAWN, by=by, now=now, reason="contested")
            end_entry(entry, to=WaitingStatus.CHANGED, by=by, now=now)
            queue_ended_message(entry, due_at=_next_message_at(entry, None, now), now=now)
            ended.append(entry)
    return ended


# --- Steps under the entry's lock --------------------------------------------------------------------
def lock_offer_of(offer_id: UUID, account_id: int) -> Offer:
    """Lock an account's entry and return its offer. Raises NotFound, also for another account's offer."""
    offer = _lock_offer(offer_id)
    if offer is None or offer.entry.account_id != account_id:
        raise NotFound
    return offer


def close_offer(
    offer: Offer, *, to: OfferStatus, by: User | None, now: dt.datetime, reason: str = ""
) -> None:
    """Close an open offer of a locked entry, and free the places that it still holds."""
    places = list(offer.places.filter(holder=offer.pk).values_list("place_id", flat=True))
    status.move(
        offer, to=to, by=by, now=now, reason=reason, answered_at=now, party_id=offer.party_id
    )
    offer.places.update(holder=None)
    if places and to != OfferStatus.ACCEPTED:
        free_places(place_ids=places, holder=offer.pk, now=now)


def end_entry(
    entry: WaitingListEntry, *, to: WaitingStatus, by: User | None, now: dt.datetime
) -> None:
    """End a locked entry; its people may join again."""
    status.move(entry, to=to, by=by, now=now, ended_at=now)
    entry.members.filter(left_at__isnull=True).update(left_at=now)


def _end_if_used_up(offer: Offer, now: dt.datetime) -> bool:
    """End the entry after its last offer, and notify its account."""
    entry, slot = offer.entry, offer.slot
    terms = return_terms(slot.office, lane=slot.lane_id, day=slot.day)
    if entry.offers_made < terms.offers_at_most:
        return False
    end_entry(entry, to=WaitingStatus.USED_UP, by=None, now=now)
    queue_ended_message(entry, due_at=_next_message_at(entry, slot, now), now=now)
    return True


def _take_back(offer: Offer, *, reason: str, now: dt.datetime) -> None:
    close_offer(offer, to=OfferStatus.WITHDRAWN, by=None, reason=reason, now=now)
    entry = offer.entry
    entry.offers_made -= 1
    entry.save(update_fields=["offers_made"])


def _next_message_at(entry: WaitingListEntry, slot: Slot | None, now: dt.datetime) -> dt.datetime:
    """Return when the next message may be sent, and record it so that no other follows within an hour."""
    day = slot.day if slot else entry.last_day
    terms = return_terms(entry.office, lane=entry.lane_id, day=day)
    earliest = now if entry.notified_at is None else max(now, entry.notified_at + BETWEEN_MESSAGES)
    due = next_active(earliest, QuietHours(terms.quiet_from, terms.quiet_until, entry.office.zone))
    _record_message(entry, due)
    return due


def _record_message(entry: WaitingListEntry, at: dt.datetime) -> None:
    entry.notified_at = at
    entry.save(update_fields=["notified_at"])


def _lock(entry_id: int, *, skip: bool = False) -> WaitingListEntry | None:
    """Lock an entry, then read it; with `skip`, return None if it is locked."""
    rows = WaitingListEntry.objects.select_for_update(no_key=True, skip_locked=skip)
    if not rows.filter(pk=entry_id).values_list("pk", flat=True):
        return None
    return WaitingListEntry.objects.select_related("account", "office", "service_type__group").get(
        pk=entry_id
    )


def _lock_offer(offer_id: UUID, *, skip: bool = False) -> Offer | None:
    entry_id = Offer.objects.filter(pk=offer_id).values_list("entry_id", flat=True).first()
    entry = None if entry_id is None else _lock(entry_id, skip=skip)
    if entry is None:
        return None
    offer = Offer.objects.select_related("slot__office", "slot__lane", "slot__group").get(
        pk=offer_id
    )
    offer.entry = entry
    return offer


def _open_offers(entry: WaitingListEntry) -> list[Offer]:
    rows = Offer.objects.filter(entry=entry, status=OfferStatus.OPEN).select_related("slot__office")
    return list(rows)
