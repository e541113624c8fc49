"""The message that a broken device makes people wait longer."""

import datetime as dt
from typing import Final

from django.utils.translation import gettext as _

from counters.estimates.forecast import WaitRange
from counters.visits.models import Visit
from notices.kinds import Action, Context, MessageKind, Row, page_url, register
from notices.services import queue_message
from offices.directory.models import Office
from offices.outages.models import Outage

DELAYED: Final = frozenset({"office", "code", "number", "low", "high"})


def queue_delay_message(
    visit: Visit, *, office: Office, outage: Outage, wait: WaitRange | None, now: dt.datetime
) -> None:
    """Queue the message about a longer wait, once for an outage and a visit."""
    account = visit.booking.account
    if account is None:
        return
    queue_message(
        kind="visit_delayed",
        dedupe_key=f"visit_delayed:{outage.pk}:{visit.pk}",
        address=account.email,
        language=account.language,
        context={
            "office": office.snapshot(),
            "code": visit.booking.code,
            "number": str(visit.ticket),
            "low": wait.low if wait else None,
            "high": wait.high if wait else None,
        },
        about_type="visit",
        about_id=visit.pk,
        office_code=office.code,
        now=now,
    )


def _rows(context: Context) -> list[Row]:
    rows = [(_("Nomor antrean"), context["number"]), (_("Kantor"), context["office"]["name"])]
    if context["low"] is not None:
        wait = _("%(low)d sampai %(high)d menit") % {
            "low": context["low"],
            "high": context["high"],
        }
        rows.append((_("Perkiraan tunggu"), wait))
    return rows


def _see_ticket(context: Context) -> Action:
    return _("Lihat tiket"), page_url("booking:ticket", context["code"])


register(MessageKind(name="visit_delayed", keys=DELAYED, rows=_rows, action=_see_ticket))
