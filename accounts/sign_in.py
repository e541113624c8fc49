"""Sign-up and sign-in that answer alike for known and unknown addresses."""

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from accounts import attempts
from accounts.errors import AddressTaken, SignInRefused
from accounts.messages import FAILED_SIGN_INS
from accounts.models import Consent, User
from accounts.services import give_consent, has_second_factor, register, remove_other_access
from core import clock
from core.errors import SlowDown
from core.languages import reader_language
from notices.kinds import page_url
from notices.services import queue_message


def sign_up(
    request: HttpRequest,
    *,
    email: str,
    password: str,
    full_name: str,
    wants_reminders: bool = False,
) -> None:
    """Create an account, record a ticked consent, and send the link that confirms the address.

    The owner of a known address gets a message instead. The caller cannot see which of them happened.
    Raises InvalidInput for a weak password.
    """
    try:
        user = register(
            email=email,
            password=password,
            full_name=" ".join(full_name.split()),
            language=reader_language(),
        )
    except AddressTaken:
        get_adapter(request).send_account_already_exists_mail(email.strip().lower())
    else:
        if wants_reminders:
            give_consent(
                user_id=user.pk,
                purpose=Consent.Purpose.REMINDERS,
                way=Consent.Way.SIGN_UP,
                now=clock.now(),
            )
        EmailAddress.objects.get(user=user).send_confirmation(request, signup=True)


def sign_in(request: HttpRequest, *, email: str, password: str, code: str) -> User:
    """Return the account of an address, its password and, where it needs one, its second factor.

    Raises SignInRefused, which does not say which of them is wrong, and SlowDown after too many attempts.
    """
    attempt = attempts.begin_attempt(request, login=email)
    if attempt is None:
        raise SlowDown(retry_after=300)
    account = _account_of(email)
    user = authenticate(request, email=email, password=password)  # None for a closed account
    is_code_right = _passes_second_factor(
        request, account, code, is_password_right=user is not None
    )
    if not isinstance(user, User) or not is_code_right:
        report_wrong_password(request, login=email)
        raise SignInRefused
    attempt.rollback()
    attempts.remember_client(request, logins=addresses_of(user))
    return user


def account_for_code(email: str) -> User | None:
    """Return the account that a code to this address signs in to, or None.

    Its confirmed address, or its main one. Not an unconfirmed other one: anybody can add somebody else's address.
    """
    email = email.strip().lower()
    confirmed = EmailAddress.objects.filter(email=email, verified=True).select_related("user")
    address = confirmed.first()
    user = address.user if address else User.objects.filter(email=email).first()
    return user if isinstance(user, User) and user.is_active else None


def protect_new_owner(request: HttpRequest, user: User, *, email: str) -> bool:
    """Before a code confirms the address: remove what another person may have set up. True if it did.

    Anybody can create an account with somebody else's address. A password, a session or a phone number from that
    time must not stay when the owner of the address comes. A device that signed in before shows that it is the owner's
    account.
    """
    rows = EmailAddress.objects.filter(user=user, email=email.strip().lower(), verified=False)
    if not rows.exists() or attempts.is_own_device(request, login=email):
        return False
    # The address of an officer is known, and a second factor needs a confirmed address: a code must not remove it.
    if user.is_staff or is_mfa_enabled(user):
        return False
    had_password = user.has_usable_password()
    remove_other_access(user_id=user.pk)
    user.refresh_from_db(fields=["password"])
    return had_password


def addresses_of(user: User) -> list[str]:
    """Return the account's own address and its confirmed other ones.

    Not the unconfirmed ones: anybody can add somebody else's address to an account.
    """
    others = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return sorted({user.email, *others})


def report_wrong_password(request: HttpRequest, *, login: str) -> None:
    """Send the owner a message, at most once a day, when wrong passwords keep coming."""
    is_reportable = attempts.is_reportable(request, login=login)
    account = _account_of(login)
    if is_reportable and account is not None:
        _queue_report(account, what="password")


def report_wrong_code(request: HttpRequest, user: User) -> None:
    """Send the owner a message, at most once a day, when somebody with the password guesses codes."""
    if attempts.is_code_reportable(request, user_id=user.pk):
        _queue_report(user, what="code")


def _passes_second_factor(
    request: HttpRequest, account: User | None, code: str, *, is_password_right: bool
) -> bool:
    """True if the account needs no second factor, or the code is right.

    After a wrong password the same work is done and then undone, so that the time does not say that the
    password was right, and no code is used up.
    """
    with transaction.atomic():
        if account is not None and is_mfa_enabled(account):
            is_right = _is_code_right(request, account, code)
        else:
            is_right = account is None or not account.is_staff or has_second_factor(account)
        if not is_password_right:
            transaction.set_rollback(True)
    return is_right


def _is_code_right(request: HttpRequest, account: User, code: str) -> bool:
    """Check the code, within the same limit for each account as the page's second step."""
    if not code:
        return False
    try:
        clear_count = check_rate_limit(account)
    except ValidationError:
        return False
    if any(factor.wrap().validate_code(code) for factor in _code_factors(account)):
        clear_count()
        return True
    report_wrong_code(request, account)
    return False


def _code_factors(account: User) -> list[Authenticator]:
    types = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
    return list(Authenticator.objects.filter(user=account, type__in=types))


def _account_of(login: str) -> User | None:
    users = filter_users_by_email(login.strip().lower(), is_active=True, prefer_verified=True)
    return users[0] if users else None


def _queue_report(account: User, *, what: str) -> None:
    now = clock.now()
    day = clock.local_day(now, settings.TIME_ZONE)
    queue_message(
        kind=FAILED_SIGN_INS,
        dedupe_key=f"account:failed:{what}:{account.pk}:{day}",
        address=account.email,
        language=account.language,
        context={"url": page_url("account_reset_password"), "what": what},
        about_type="user",
        about_id=account.pk,
        now=now,
    )
