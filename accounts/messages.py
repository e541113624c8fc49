"""Messages about accounts: maps allauth's e-mails to our message kinds."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext as _

from notices import links
from notices.kinds import Action, Context, Group, MessageKind, Row, register

CHANGED: Final = "account_changed"
CONFIRM: Final = "account_confirm_address"
FAILED_SIGN_INS: Final = "account_failed_sign_ins"
SIGN_IN_CODE: Final = "account_sign_in_code"
# allauth's template -> our message kind and the link's key in allauth's context.
LINKS: Final = {
    "email_confirmation": (CONFIRM, "activate_url"),
    "email_confirmation_signup": (CONFIRM, "activate_url"),
    "password_reset_key": ("account_new_password", "password_reset_url"),
    "unknown_account": ("account_unknown", "signup_url"),
    "account_already_exists": ("account_exists", "password_reset_url"),
}
# Messages about attempts of people who need not own the address.
ABOUT_ATTEMPTS: Final = frozenset({"unknown_account", "account_already_exists"})


def kind_and_context(name: str, context: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Return kind and context for an e-mail of allauth. E-mails without a link report a change."""
    if name == "login_code":
        return SIGN_IN_CODE, {"confirmation_code": links.sealed(str(context["code"]))}
    if name in LINKS:
        kind, link = LINKS[name]
        own = {"url": links.sealed(str(context[link]))}
        if kind == CONFIRM:
            own["confirmation_code"] = links.sealed(context["code"])
        return kind, own
    return CHANGED, {"change": name}


def _confirm(context: Context) -> Action:
    return _("Verifikasi alamat"), context["url"]


def _code_row(context: Context) -> Sequence[Row]:
    # Rows from before the code existed have an empty one.
    code = context["confirmation_code"]
    return [(_("Kode verifikasi"), code)] if code else []


def _code_row_of_sign_in(context: Context) -> Sequence[Row]:
    return [(_("Kode masuk"), context["confirmation_code"])]


def _new_password(context: Context) -> Action:
    return _("Buat kata sandi baru"), context["url"]


def _sign_up(context: Context) -> Action:
    return _("Daftar"), context["url"]


LINK: Final = frozenset({"url"})
_link = partial(MessageKind, keys=LINK, is_secret=True, group=Group.ACCESS)
# Secret: the links give access to an account and must not stay in the table.
register(
    _link(name=CONFIRM, keys=LINK | {"confirmation_code"}, rows=_code_row, action=_confirm),
    _link(name="account_new_password", action=_new_password),
    _link(name="account_unknown", action=_sign_up),
    _link(name="account_exists", action=_new_password),
    _link(name=SIGN_IN_CODE, keys=frozenset({"confirmation_code"}), rows=_code_row_of_sign_in),
    _link(name=FAILED_SIGN_INS, action=_new_password, keys=frozenset({"url", "what"})),
    MessageKind(name=CHANGED, keys=frozenset({"change"}), is_secret=True, group=Group.SECURITY),
)
