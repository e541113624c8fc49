"""Accounts, consents and API tokens."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email, user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

from accounts.consents import current_wording
from accounts.errors import AddressTaken, CodeRefused
from accounts.models import ERASED_DOMAIN, AddressCode, Consent, MessagePreference, Phone, User
from accounts.webhooks.services import delete_endpoints_of, pause_endpoints
from core.crypto import keyed_hash
from core.db import constraints_as_errors
from core.errors import InvalidInput, NotFound
from core.languages import known_language
from notices import links
from notices.kinds import page_url

REMINDERS_LINK: Final = links.Purpose(
    "stop_reminders",
    "accounts:stop_reminders_link",
    "accounts:stop_reminders",
    timedelta(days=60),
)
links.register(REMINDERS_LINK)
CODE_DIGITS: Final = 6
CODE_LIFETIME: Final = timedelta(days=1)
MOST_CODE_TRIES: Final = 10
ADDRESS_TAKEN = _(
    "Alamat ini tidak dapat dipakai untuk akun baru. Bila Anda sudah punya akun, masuk atau atur ulang kata sandi."
)


def register(*, email: str, password: str, full_name: str, language: str) -> User:
    """Create an applicant's account. Raises AddressTaken, or InvalidInput with the wrong fields."""
    email = email.strip().lower()
    check_password(password=password, email=email, full_name=full_name)
    taken = AddressTaken(fields={"email": [ADDRESS_TAKEN]})
    if filter_users_by_email(email):
        # Hashing takes longest: without it, the time of the answer would say that the address is known.
        make_password(password)
        raise taken
    with constraints_as_errors({"accounts_user_email_key": lambda: taken}), transaction.atomic():
        user = User.objects.create_user(
            email, password, full_name=full_name, language=known_language(language)
        )
        EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
    return user


def check_password(*, password: str, email: str, full_name: str) -> None:
    """Raise InvalidInput with every reason why the password is too weak."""
    try:
        validate_password(password, User(email=email, full_name=full_name))
    except ValidationError as error:
        raise InvalidInput(fields={"password": error.messages}) from error


def choose_language(*, user_id: int, language: str) -> None:
    """Set the language of the account's messages."""
    User.objects.filter(pk=user_id).update(language=known_language(language))


@transaction.atomic
def give_consent(
    *, user_id: int, purpose: str, now: datetime, way: str = Consent.Way.ACCOUNT
) -> None:
    """Record a consent to the sentence shown now; does nothing if one is active."""
    User.objects.select_for_update(no_key=True).get(pk=user_id)
    if not _live(user_id, purpose).exists():
        Consent.objects.create(
            user_id=user_id,
            purpose=purpose,
            wording=current_wording(purpose),
            way=way,
            given_at=now,
        )


def withdraw_consent(*, user_id: int, purpose: str, now: datetime) -> None:
    """Record the withdrawal of a consent; the row is kept as evidence."""
    _live(user_id, purpose).update(withdrawn_at=now)


@transaction.atomic
def stop_reminders(*, use: links.LinkUse, now: datetime) -> None:
    """Withdraw the consent to reminders by the link in one. Doing it twice changes nothing."""
    withdraw_consent(user_id=int(use.link.subject), purpose=Consent.Purpose.REMINDERS, now=now)
    links.record_answer(use, action="stopped", now=now)


def has_consented(user_id: int, purpose: str) -> bool:
    """True if the consent is active."""
    return _live(user_id, purpose).exists()


def has_confirmed_address(user_id: int) -> bool:
    """True if the account's main address is confirmed."""
    return EmailAddress.objects.filter(user_id=user_id, primary=True, verified=True).exists()


def may_remind(user_id: int) -> bool:
    """True if reminders may be sent: verified address and active consent."""
    return has_consented(user_id, Consent.Purpose.REMINDERS) and has_confirmed_address(user_id)


def _live(user_id: int, purpose: str) -> Any:
    return Consent.objects.filter(user_id=user_id, purpose=purpose, withdrawn_at__isnull=True)


def has_second_factor(user: User) -> bool:
    """True if the account has a second factor, or none is required of officers here.

    `accounts.requests.has_passed_second_factor` says whether a session has given it.
    """
    return not settings.STAFF_NEEDS_SECOND_FACTOR or bool(is_mfa_enabled(user))


def issue_token(*, user_id: int) -> str:
    """Create an API token that expires; only its hash is stored."""
    _token, text = AuthToken.objects.create(user=User.objects.get(pk=user_id))
    return str(text)


def revoke_tokens(*, user_id: int, digests: Sequence[str] | None = None) -> None:
    """Revoke only the tokens given, or all tokens of an account; then its webhooks are paused too."""
    tokens = AuthToken.objects.filter(user_id=user_id)
    if digests is not None:
        tokens = tokens.filter(digest__in=digests)
    else:
        pause_endpoints(account_id=user_id)
    tokens.delete()


def tokens_of(user_id: int) -> list[AuthToken]:
    """Return an account's API tokens, the newest first. Those that have expired go when they are used."""
    return list(AuthToken.objects.filter(user_id=user_id).order_by("-created", "digest"))


def revoke_token(*, user_id: int, name: str) -> None:
    """Revoke the account's token with this name (`token_name`). Raises NotFound."""
    for token in AuthToken.objects.filter(user_id=user_id):
        if token_name(token) == name:
            revoke_tokens(user_id=user_id, digests=[token.digest])
            return
    raise NotFound


def token_name(token: AuthToken) -> str:
    """Return a name for a token that says nothing about it: the beginning of its hash."""
    return str(token.digest[:16])


def address_to_confirm(user: User) -> EmailAddress | None:
    """Return the account's newest unconfirmed address, or None. Unsaved for an account without any row."""
    rows = EmailAddress.objects.filter(user=user)
    address = rows.order_by("verified", "-pk").first()
    if address is None:
        return EmailAddress(user=user, email=user.email, primary=True)
    return None if address.verified else address


def stored_address(address: EmailAddress) -> EmailAddress:
    """Return the address, stored if it was not yet."""
    if address.pk is None:
        address.save(force_insert=True)
    return address


@transaction.atomic
def issue_address_code(*, address_id: int, now: datetime) -> str:
    """Return a new code to confirm an address; earlier ones are no longer valid. Only its hash is stored."""
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    values = {"code_hash": _code_hash(address_id, code), "issued_at": now}
    AddressCode.objects.update_or_create(
        address_id=address_id,
        defaults=values,
        create_defaults={**values, "counted_since": now},
    )
    return code


def use_address_code(*, email: str, code: str, now: datetime) -> EmailAddress:
    """Return the unconfirmed address that the code belongs to; the code is then used up. Raises CodeRefused.

    The answer is the same for a wrong code, an old one, too many attempts and an unknown address.
    """
    email, code = email.strip().lower(), "".join(code.split())
    confirmed: EmailAddress | None = None
    with transaction.atomic():
        rows = AddressCode.objects.select_for_update(no_key=True, of=("self",))
        rows = rows.select_related("address").filter(address__email=email, address__verified=False)
        for row in rows.order_by("pk"):
            if row.counted_since <= now - CODE_LIFETIME:
                row.tries, row.counted_since = 0, now
            row.tries = min(row.tries, MOST_CODE_TRIES) + 1
            row.save(update_fields=["tries", "counted_since"])
            is_valid = row.tries <= MOST_CODE_TRIES and row.issued_at > now - CODE_LIFETIME
            if constant_time_compare(row.code_hash, _code_hash(row.pk, code)) and is_valid:
                confirmed = row.address
                row.delete()
                break
    # Outside the transaction, so that the attempt stays counted.
    if confirmed is None:
        raise CodeRefused
    return confirmed


def _code_hash(address_id: int, code: str) -> str:
    return keyed_hash("address_code", str(address_id), code)


@transaction.atomic
def create_without_password(*, email: str, full_name: str) -> User:
    """Create an account whose holder sets the password by a link. Raises AddressTaken."""
    taken = AddressTaken(fields={"email": [ADDRESS_TAKEN]})
    with constraints_as_errors({"accounts_user_email_key": lambda: taken}), transaction.atomic():
        user = User.objects.create_user(email, None, full_name=" ".join(full_name.split()))
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def set_staff_access(*, user_id: int, is_staff: bool) -> None:
    """Grant or remove an account's access to officers' screens.

    Tokens are revoked: an older one was issued without the second factor that officers need.
    """
    User.objects.filter(pk=user_id).update(is_staff=is_staff)
    revoke_tokens(user_id=user_id)


@transaction.atomic
def change_account(
    *, user_id: int, full_name: str, language: str, is_staff: bool, is_active: bool
) -> User:
    """Change an account. One that loses an access is signed out everywhere."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    loses_access = (user.is_staff and not is_staff) or (user.is_active and not is_active)
    user.full_name, user.language = " ".join(full_name.split()), known_language(language)
    user.is_active = is_active
    user.save(update_fields=["full_name", "language", "is_active"])
    if user.is_staff != is_staff:
        set_staff_access(user_id=user.pk, is_staff=is_staff)
        user.is_staff = is_staff
    if loses_access:
        end_sessions(user_id=user.pk)
    return user


def end_sessions(*, user_id: int) -> None:
    """Sign an account out everywhere: browsers and programs."""
    for session in UserSession.objects.filter(user_id=user_id):
        session.end()
    revoke_tokens(user_id=user_id)


@transaction.atomic
def remove_sign_in(*, user_id: int) -> User:
    """Remove an account's password and second factors, and sign it out everywhere."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user_id=user.pk)
    return user


@transaction.atomic
def remove_other_access(*, user_id: int) -> None:
    """Remove every way to sign in and the phone number, before the owner of the address takes the account over."""
    remove_sign_in(user_id=user_id)
    Phone.objects.filter(user_id=user_id).delete()


@transaction.atomic
def erase_account(*, user_id: int, now: datetime) -> None:
    """Erase name, addresses and every way to sign in. The row and the consents stay, without a name."""
    user = remove_sign_in(user_id=user_id)
    EmailAddress.objects.filter(user=user).delete()
    Phone.objects.filter(user=user).delete()
    MessagePreference.objects.filter(user=user).delete()
    delete_endpoints_of(account_id=user.pk)
    UserSession.objects.filter(user=user).delete()
    user.email = f"erased-{user.pk}{ERASED_DOMAIN}"
    user.full_name, user.is_active, user.erased_at = "", False, now
    user.last_login = None
    user.save(update_fields=["email", "full_name", "is_active", "erased_at", "last_login"])


def password_link(user: User) -> str:
    """Return a link to set the account's password; it works once and expires."""
    key = default_token_generator.make_token(user)
    return page_url("account_reset_password_from_key", user_pk_to_url_str(user), key)


@transaction.atomic
def hand_out(*, user_id: int, password: str) -> None:
    """Set an account's password and mark its address as verified, because its holder is known."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    # Checking a password costs as much as hashing one; skip it if there is none yet.
    if not (user.has_usable_password() and user.check_password(password)):
        user.set_password(password)
        user.save(update_fields=["password"])
        end_sessions(user_id=user.pk)
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
