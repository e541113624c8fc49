"""Subscribing to the openings of an office without an account: request, confirm, stop, send."""

from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from core.crypto import keyed_hash
from core.errors import NotFound
from notices.kinds import page_url
from notices.services import new_message, queue_message, queue_messages
from offices.directory.models import Office
from quotas.places.models import ReleaseWindow
from quotas.watches.models import OpeningWatch

CONFIRM, STOP = "opening-watch-confirm", "opening-watch-stop"
CONFIRM_WITHIN = timedelta(days=7)


def token_of(watch_id: int, purpose: str) -> str:
    """Return the signed id of a watch for a link. It reveals nothing about the address."""
    return signing.dumps(watch_id, salt=purpose)


@transaction.atomic
def request_watch(*, office_id: int, address: str, language: str, now: datetime) -> None:
    """Send a link that confirms the subscription. The result is the same for a known address.

    An address gets at most one message a day for an office, and none when it is confirmed.
    """
    office = Office.objects.get(pk=office_id)
    key = keyed_hash("opening-watch", address)
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
            "confirm_url": _url("booking:watch_confirm", watch, CONFIRM),
        },
        about_type="watch",
        about_id=watch.pk,
        office_code=office.code,
        now=now,
    )


def _url(name: str, watch: OpeningWatch, purpose: str) -> str:
    return page_url(name, token_of(watch.pk, purpose))


def watch_of(token: str, purpose: str) -> OpeningWatch:
    """Return the watch of a link. Raises NotFound for a link that is forged or too old."""
    limit = CONFIRM_WITHIN if purpose == CONFIRM else None
    try:
        watch_id = signing.loads(token, salt=purpose, max_age=limit)
    except signing.BadSignature:
        raise NotFound(
            _("Tautan ini tidak berlaku lagi. Mintalah yang baru di halaman kantor.")
        ) from None
    watch = OpeningWatch.objects.select_related("office").filter(pk=watch_id).first()
    if watch is None:
        raise NotFound
    return watch


@transaction.atomic
def confirm_watch(*, watch_id: int, now: datetime) -> None:
    """Confirm the subscription."""
    watch = OpeningWatch.objects.select_for_update(no_key=True).get(pk=watch_id)
    if not watch.address:
        raise NotFound
    watch.confirmed_at, watch.stopped_at = now, None
    watch.save(update_fields=["confirmed_at", "stopped_at"])


@transaction.atomic
def stop_watch(*, watch_id: int, now: datetime) -> None:
    """Stop the subscription and delete the address. Stopping twice does no harm."""
    watch = OpeningWatch.objects.select_for_update(no_key=True).get(pk=watch_id)
    if watch.stopped_at is None:
        watch.stopped_at, watch.address = now, ""
        watch.save(update_fields=["stopped_at", "address"])


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
            context={**context, "stop_url": _url("booking:watch_stop", watch, STOP)},
            about_type="watch",
            about_id=watch.pk,
            office_code=office.code,
            now=now,
        )
        for watch in watches.order_by("pk").iterator()
    ]
    queue_messages(messages)
    return len(messages)
