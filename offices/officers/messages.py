"""Messages to officers about their accounts."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from notices.kinds import Action, Context, Group, MessageKind, register
from offices.staff.models import Role


def _role(context: Context) -> Mapping[str, str]:
    return {"role_name": str(Role(context["role"]).label)}


def _set_password(context: Context) -> Action:
    return _("Buat kata sandi"), context["url"]


LINK: Final = frozenset({"office", "url"})
# Secret: the link gives access to the account and must not stay in the table.
register(
    MessageKind(
        name="officer_invited",
        keys=LINK | {"role", "starts_on"},
        texts=_role,
        action=_set_password,
        is_secret=True,
        group=Group.STAFF,
    ),
    MessageKind(
        name="officer_reset", keys=LINK, action=_set_password, is_secret=True, group=Group.STAFF
    ),
)
