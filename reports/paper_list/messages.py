"""The message with the link to a paper list."""

import datetime as dt

from django.conf import settings
from django.utils.translation import gettext as _

from notices.kinds import Action, Context, Group, MessageKind, register
from notices.services import new_message, queue_messages
from offices.directory.models import Office
from offices.staff.models import Role
from offices.staff.selectors import staff_of


def queue_paper_list_message(office: Office, day: dt.date, *, now: dt.datetime) -> None:
    """Queue messages to the office's supervisors that a day's list is ready to print."""
    queue_messages(
        new_message(
            kind="paper_list",
            dedupe_key=f"paper_list:{office.code}:{day:%Y-%m-%d}:{supervisor.pk}",
            address=supervisor.email,
            language=supervisor.language,
            context={"day_on": day},
            about_type="office",
            about_id=office.pk,
            office_code=office.code,
            now=now,
        )
        for supervisor in staff_of(office, role=Role.SUPERVISOR, day=day)
    )


def _open_list(_context: Context) -> Action:
    return _("Buka daftar cetak"), f"{settings.PUBLIC_URL}/admin/today/paper/"


register(
    MessageKind(name="paper_list", keys=frozenset({"day_on"}), action=_open_list, group=Group.STAFF)
)
