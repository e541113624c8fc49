"""The message about missing documents."""

import datetime as dt
from typing import Final

from django.utils.translation import gettext as _

from counters.service.returns import return_until
from counters.visits.models import Visit
from notices.kinds import Context, MessageKind, Row, register
from notices.services import queue_message

INCOMPLETE: Final = frozenset({"office", "missing", "return_until_on"})


# --- Contexts ---------------------------------------------------------------------------------------
def queue_missing_documents_message(visit: Visit, *, now: dt.datetime) -> None:
    """Queue the message that lists the missing documents."""
    account = visit.booking.account
    if account is None:
        return
    queue_message(
        kind="visit_incomplete",
        dedupe_key=f"visit_incomplete:{visit.pk}",
        address=account.email,
        language=account.language,
        context={
            "office": visit.office.snapshot(),
            "missing": visit.missing,
            "return_until_on": return_until(visit, now=now),
        },
        about_type="visit",
        about_id=visit.pk,
        office_code=visit.office.code,
        now=now,
    )


# --- Layout at delivery ------------------------------------------------------------------------------
def _missing_rows(context: Context) -> list[Row]:
    return [(_("Yang kurang"), context["missing"]), (_("Kantor"), context["office"]["name"])]


def _missing(context: Context) -> list[str]:
    return [context["missing"]]


register(MessageKind(name="visit_incomplete", keys=INCOMPLETE, rows=_missing_rows, bring=_missing))
