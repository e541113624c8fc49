"""The e-mail with the link to a report. It holds no figures."""

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from notices import links
from notices.kinds import Action, Context, Group, MessageKind, register
from notices.services import new_message, queue_messages
from reports.subscriptions.models import ReportDelivery

# Expires before the next monthly report; the officer must be signed in, so it shows nothing to others.
REPORT_LINK: Final = links.Purpose(
    "report", "reports:sent", "reports:daily_load", timedelta(days=14)
)
links.register(REPORT_LINK)


def queue_report_message(delivery: ReportDelivery, *, now: datetime) -> None:
    """Queue the e-mail of one delivery."""
    subscription = delivery.subscription
    officer, office = subscription.officer, subscription.office
    message = new_message(
        kind="report",
        dedupe_key=f"report:{delivery.pk}",
        address=officer.email,
        language=officer.language,
        context={
            "office": office.name,
            "first_on": delivery.first,
            "last_on": delivery.last,
            "report_url": links.reference(REPORT_LINK, delivery.pk),
        },
        about_type="report_delivery",
        about_id=delivery.pk,
        office_code=office.code,
        now=now,
    )
    queue_messages([message])


def _open_report(context: Context) -> Action:
    return _("Buka laporan"), context["report_url"]


register(
    MessageKind(
        name="report",
        keys=frozenset({"office", "first_on", "last_on", "report_url"}),
        action=_open_report,
        group=Group.STAFF,
    )
)
