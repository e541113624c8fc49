"""What officers do with messages, whose own app cannot import rights."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.models import User
from core.errors import NotAllowed
from notices import services
from notices.models import Message
from offices.directory.models import Office
from offices.permissions import Right, check_right, offices_with


@transaction.atomic
def send_messages_again(*, message_ids: Collection[int], by: User, now: datetime) -> int:
    """Make undelivered messages due now and return their number; sent ones are not changed.

    Messages without an office need both rights nationwide. Raises NotAllowed, and then changes nothing.
    """
    codes = set(Message.objects.filter(pk__in=message_ids).values_list("office_code", flat=True))
    offices = Office.objects.filter(code__in=codes)
    for office in offices:
        check_right(by, Right.SEND_MESSAGES_AGAIN, office=office, now=now)
    if codes - {office.code for office in offices}:
        for right in (Right.READ_ALL_MESSAGES, Right.SEND_MESSAGES_AGAIN):
            if offices_with(by, right, now=now).count() < Office.objects.count():
                raise NotAllowed
    return sum(services.send_again(message_id=one, now=now) for one in sorted(message_ids))
