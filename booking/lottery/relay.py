"""Fetching rounds of the beacon from a relay. The relay is not trusted: every signature is checked."""

import datetime as dt
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from typing import Final

import structlog
from django.conf import settings

from booking.lottery.models import Draw
from booking.lottery.results import run_draw
from booking.lottery.services import record_beacon_round
from core import beacon
from core.errors import DomainError

TIMEOUT: Final = 10.0
log = structlog.get_logger(__name__)


def fetch_due_rounds(*, now: dt.datetime) -> int:
    """Fetch and record the published rounds that lotteries wait for, and hold these; return how many.

    Without `BEACON_RELAY` nothing is fetched: a supervisor enters the round.
    """
    if not settings.BEACON_RELAY:
        return 0
    rows = Draw.objects.filter(
        beacon_round__isnull=False,
        closed_at__isnull=False,
        confirmed_at__isnull=True,
        window__drawn_at__isnull=True,
    )
    recorded = 0
    for draw in rows:
        assert draw.beacon_round is not None
        if beacon.published_at(draw.beacon_round) > now:
            continue
        try:
            text = _fetch(draw.beacon_round)
            record_beacon_round(draw_id=draw.pk, text=text, by=None, now=now)
        except (OSError, HTTPException, ValueError, DomainError) as error:
            log.warning("beacon_round_not_fetched", draw=draw.pk, error=type(error).__name__)
            continue
        recorded += 1
        with suppress(DomainError):  # the next run holds it
            run_draw(window_id=draw.window_id, now=now)
    return recorded


def _fetch(number: int) -> str:
    """Return a round as the relay publishes it. Raises OSError, HTTPException, ValueError."""
    url = f"{settings.BEACON_RELAY}/{beacon.CHAIN_HASH}/public/{number}"
    with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310 - set by the operator
        return str(answer.read(beacon.LONGEST_ROUND_TEXT).decode("ascii"))
