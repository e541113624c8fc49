"""Subscribing to the openings of an office without an account: request, confirm, stop, send."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from core.crypto import keyed_hash
from core.errors import NotFound
from notices import links
from notices.services import new_message, queue_message, queue_messages
from offices.directory.models import Office
from quotas.places.models import ReleaseWindow
from quotas.watches.models import OpeningWatch

CONFIRM_LINK: Final = links.Purpose(
    "watch_confirm", "booking:watch_confirm_link", "booking:watch_confirm", timedelta(days=7)
)
STOP_LINK: Final = links.Purpose(
    "watch_stop", "booking:watch_stop_link", "booking:watch_stop", timedelta(days=366)
)
links.register(CONFIRM_LINK, STOP_LINK)


def address_key(address: str) -> str:
    """Return the hash by which an address has one subscription for an office."""
    return keyed_hash("opening-watch", address)


@transaction.atomic
def request_watch(*, office_id: int, address: str, language: str, now: datetime) -> None:
    """Send a link that confirms the subscription. The result is the same for a known address.

    An address gets at most one message a day for an office, and none when it is confirmed.
    """
    office = Office.objects.get(pk=office_id)
    key = address_key(address)
    watch, is_new = OpeningWatch.objects.get_or_create(
        office=office,
        address_key=key,
        defaults={"address": address, "language": language, "requested_at": now},
    )
    watch = OpeningWatch.objects.select_for_update(no_key=True).get(pk=watch.pk)
    if watch.confirmed_at is not None and watch.stopped_at is None:
        return
    if not is_new:
        watch.address, watch.language, watch.requested_at = address, language, now
        watch.save(update_fields=["address", "language", "requested_at"])
    _send_link(watch, office, now=now)


def _send_link(watch: OpeningWatch, office: Office, *, now: datetime) -> None:
    queue_message(
        kind="watch_confirm",
        dedupe_key=f"watch_confirm:{watch.pk}:{now:%Y-%m-%d}",
        address=watch.address,
        language=watch.language,
        context={
            "office": office.snapshot(),
            "confirm_url": links.reference(CONFIRM_LINK, watch.pk),
        },
        about_type="watch",
        about_id=watch.pk,
        office_code=office.code,
        now=now,
    )


def get_watch(watch_id: int) -> OpeningWatch:
    """Return a subscription. Raises NotFound. The caller checks the link."""
    watch = OpeningWatch.objects.select_related("office").filter(pk=watch_id).first()
    if watch is None:
        raise NotFound
    return watch


@transaction.atomic
def confirm_watch(*, watch_id: int, use: links.LinkUse | None = None, now: datetime) -> None:
    """Confirm the subscription."""
    watch = OpeningWatch.objects.select_for_update(no_key=True).get(pk=watch_id)
    if not watch.address:
        raise NotFound
    watch.confirmed_at, watch.stopped_at = now, None
    watch.save(update_fields=["confirmed_at", "stopped_at"])
    links.record_answer(use, action="confirmed", now=now)


@transaction.atomic
def stop_watch(*, watch_id: int, use: links.LinkUse | None = None, now: datetime) -> None:
    """Stop the subscription and delete the address. Stopping twice does no harm."""
    watch = OpeningWatch.objects.select_for_update(no_key=True).get(pk=watch_id)
    if watch.stopped_at is None:
        watch.stopped_at, watch.address = now, ""
        watch.save(update_fields=["stopped_at", "address"])
        links.record_answer(use, action="stopped", now=now)


def stop_by_mail_program(*, use: links.LinkUse, now: datetime) -> None:
    """Stop the subscription of a link, as mail programs do for "unsubscribe"."""
    stop_watch(watch_id=int(use.link.subject), use=use, now=now)


def delete_watches(*, watch_ids: Iterable[int]) -> None:
    """Delete subscriptions that were never confirmed, or were stopped."""
    OpeningWatch.objects.filter(pk__in=watch_ids).filter(
        Q(confirmed_at__isnull=True) | Q(stopped_at__isnull=False)
    ).delete()


def stop_watches_of(*, address: str, now: datetime) -> None:
    """Stop every subscription of an address and delete the address."""
    rows = OpeningWatch.objects.filter(address_key=address_key(address))
    rows.filter(stopped_at__isnull=True).update(stopped_at=now, address="")


def queue_watch_messages(*, window: ReleaseWindow, places: int, now: datetime) -> int:
    """Queue one message for each confirmed address of the office; return how many."""
    office = window.office
    context = {
        "office": office.snapshot(),
        "first_on": window.first_day,
        "last_on": window.last_day,
        "places": places,
        "closes_at": window.closes_at,
    }
    watches = OpeningWatch.objects.filter(
        office_id=window.office_id, confirmed_at__isnull=False, stopped_at__isnull=True
    )
    messages = [
        new_message(
            kind="watch_opened",
            dedupe_key=f"watch_opened:{window.pk}:{watch.pk}",
            address=watch.address,
            language=watch.language,
            context={**context, "stop_url": links.reference(STOP_LINK, watch.pk)},
            about_type="watch",
            about_id=watch.pk,
            office_code=office.code,
            now=now,
        )
        for watch in watches.order_by("pk").iterator()
    ]
    queue_messages(messages)
    return len(messages)
