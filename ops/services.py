"""What officers do with messages and accounts, whose own apps cannot import rights."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from accounts import services as account_services
from accounts.models import User
from core.errors import NotAllowed
from notices import services
from notices.models import Message
from offices.directory.models import Office
from offices.permissions import Right, check_national_right, check_right


@transaction.atomic
def send_messages_again(*, message_ids: Collection[int], by: User, now: datetime) -> int:
    """Make undelivered messages due now and return their number; sent ones are not changed.

    Messages without an office need the right nationwide. Raises NotAllowed, and then changes nothing.
    """
    codes = set(Message.objects.filter(pk__in=message_ids).values_list("office_code", flat=True))
    offices = Office.objects.filter(code__in=codes)
    for office in offices:
        check_right(by, Right.SEND_MESSAGES_AGAIN, office=office, now=now)
    if codes - {office.code for office in offices}:
        check_national_right(by, Right.SEND_MESSAGES_AGAIN, now=now)
    return sum(services.send_again(message_id=one, now=now) for one in sorted(message_ids))


@dataclass(frozen=True)
class AccountData:
    """What national staff decide about an account."""

    full_name: str
    language: str
    is_staff: bool
    is_active: bool


@transaction.atomic
def create_account(*, email: str, data: AccountData, by: User, now: datetime) -> User:
    """Create an account whose holder sets the password by "lupa kata sandi".

    Raises NotAllowed, and InvalidInput if the address exists.
    """
    check_national_right(by, Right.CHANGE_ACCOUNTS, now=now)
    user = account_services.create_without_password(
        email=email.strip().lower(), full_name=data.full_name
    )
    return account_services.change_account(user_id=user.pk, **asdict(data))


@transaction.atomic
def change_account(*, user_id: int, data: AccountData, by: User, now: datetime) -> User:
    """Change an account; only superusers change superusers. Raises NotAllowed."""
    check_national_right(by, Right.CHANGE_ACCOUNTS, now=now)
    if not by.is_superuser and User.objects.filter(pk=user_id, is_superuser=True).exists():
        raise NotAllowed
    return account_services.change_account(user_id=user_id, **asdict(data))
