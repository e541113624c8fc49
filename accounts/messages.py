"""Messages about accounts: maps allauth's e-mails to our message kinds."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from notices.kinds import Action, Context, MessageKind, Row, register

CHANGED: Final = "account_changed"
CONFIRM: Final = "account_confirm_address"
# allauth's template -> our message kind and the link's key in allauth's context.
LINKS: Final = {
    "email_confirmation": (CONFIRM, "activate_url"),
    "email_confirmation_signup": (CONFIRM, "activate_url"),
    "password_reset_key": ("account_new_password", "password_reset_url"),
    "unknown_account": ("account_unknown", "signup_url"),
    "account_already_exists": ("account_exists", "password_reset_url"),
}


def kind_and_context(name: str, context: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Return kind and context for an e-mail of allauth. E-mails without a link report a change."""
    if name in LINKS:
        kind, link = LINKS[name]
        own = {"url": str(context[link])}
        return kind, {**own, "code": context["code"]} if kind == CONFIRM else own
    return CHANGED, {"change": name}


def _confirm(context: Context) -> Action:
    return _("Verifikasi alamat"), context["url"]


def _code_row(context: Context) -> Sequence[Row]:
    # Rows from before the code existed have an empty one.
    return [(_("Kode verifikasi"), context["code"])] if context["code"] else []


def _new_password(context: Context) -> Action:
    return _("Buat kata sandi baru"), context["url"]


def _sign_up(context: Context) -> Action:
    return _("Daftar"), context["url"]


LINK: Final = frozenset({"url"})
# Secret: the links give access to an account and must not stay in the table.
register(
    MessageKind(
        name=CONFIRM, keys=LINK | {"code"}, rows=_code_row, action=_confirm, is_secret=True
    ),
    MessageKind(name="account_new_password", keys=LINK, action=_new_password, is_secret=True),
    MessageKind(name="account_unknown", keys=LINK, action=_sign_up, is_secret=True),
    MessageKind(name="account_exists", keys=LINK, action=_new_password, is_secret=True),
    MessageKind(name=CHANGED, keys=frozenset({"change"}), is_secret=True),
)
