"""Messages about requests: received, answered, due soon and late."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from notices.kinds import Action, Context, MessageKind, page_url, register
from notices.services import queue_message
from privacy.requests.models import DataRequest


def tell_received(request: DataRequest, *, now: datetime) -> None:
    """Queue the confirmation with the time by which the answer comes."""
    if request.account is not None:
        _queue(
            "privacy_received",
            request,
            request.account.email,
            request.account.language,
            {"kind": request.kind, "due_at": request.due_at},
            now=now,
        )


def queue_answered_message(
    request: DataRequest, *, address: str, language: str, now: datetime
) -> None:
    """Queue the answer to an address, which may have been erased from the account in the same transaction."""
    context = {
        "kind": request.kind,
        "is_granted": request.status == "done",
        "answer": request.answer,
    }
    _queue("privacy_answered", request, address, language, context, now=now)


def tell_due(request: DataRequest, officer: User, *, is_late: bool, now: datetime) -> None:
    """Queue the reminder that a request must be answered, or that it is late."""
    context = {
        "due_at": request.due_at,
        "kind": request.kind,
        "is_late": is_late,
        "request": request.pk,
    }
    _queue("privacy_due", request, officer.email, officer.language, context, now=now, to=officer.pk)


def _queue(
    kind: str,
    request: DataRequest,
    address: str,
    language: str,
    context: dict[str, Any],
    *,
    now: datetime,
    to: int = 0,
) -> None:
    is_late = "late" if context.get("is_late") else "sent"
    queue_message(
        kind=kind,
        dedupe_key=f"{kind}:{request.pk}:{is_late}:{to}",
        address=address,
        language=language,
        context=context,
        about_type="data_request",
        about_id=request.pk,
        office_code=request.office.code if request.office else "",
        now=now,
    )


# --- Rendering at delivery ------------------------------------------------------------------------
def _kind(context: Context) -> dict[str, str]:
    return {"kind_name": str(DataRequest.Kind(context["kind"]).label)}


def _own_page(_context: Context) -> Action:
    return _("Data pribadi saya"), page_url("privacy:home")


def _officers_page(context: Context) -> Action:
    return _("Buka permintaan"), page_url("protection:request", context["request"])


register(
    MessageKind(
        name="privacy_received", keys=frozenset({"kind", "due_at"}), texts=_kind, action=_own_page
    ),
    # Secret: the answer may contain personal data, and the message log is read by officers.
    MessageKind(
        name="privacy_answered",
        keys=frozenset({"kind", "is_granted", "answer"}),
        texts=_kind,
        is_secret=True,
    ),
    MessageKind(
        name="privacy_due",
        keys=frozenset({"kind", "due_at", "is_late", "request"}),
        texts=_kind,
        action=_officers_page,
    ),
)
