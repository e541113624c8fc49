"""Messages about missing documents, and about a return that the office could not serve."""

import datetime as dt
from typing import Final

from django.utils.translation import gettext as _

from counters.service.returns import return_until
from counters.visits.models import Visit, VisitStatus
from notices.kinds import Context, MessageKind, Row, register
from notices.services import queue_message

INCOMPLETE: Final = frozenset({"office", "missing", "return_until_on"})
UNSERVED: Final = frozenset({"office", "return_until_on"})


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
            "code": visit.booking.code,
            "missing": visit.missing,
            "return_until_on": return_until(visit, now=now),
        },
        about_type="visit",
        about_id=visit.pk,
        office_code=visit.office.code,
        now=now,
    )


def queue_unserved_message(visit: Visit, *, now: dt.datetime) -> None:
    """Queue the message that a return with documents could not be served, and until when it may be repeated."""
    account = visit.booking.account
    if account is None:
        return
    first = visit.booking.visits.filter(status=VisitStatus.INCOMPLETE).order_by("-ended_at").first()
    queue_message(
        kind="visit_unserved",
        dedupe_key=f"visit_unserved:{visit.pk}",
        address=account.email,
        language=account.language,
        context={
            "office": visit.office.snapshot(),
            "return_until_on": return_until(first or visit, now=now),
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


def _office_rows(context: Context) -> list[Row]:
    return [(_("Kantor"), context["office"]["name"])]


register(
    MessageKind(
        name="visit_incomplete",
        keys=INCOMPLETE,
        optional=frozenset({"code"}),
        rows=_missing_rows,
        bring=_missing,
    ),
    MessageKind(name="visit_unserved", keys=UNSERVED, rows=_office_rows),
)
