"""Photos of one document sent at the same moment: one stays, and no content is left without its row."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest

from booking.files.models import StoredFile
from booking.photos.models import DocumentPhoto
from booking.photos.services import keep_photo
from core.pictures import Picture
from tests.builders import NOW, make_application, make_booking
from tests.retries import press_again

pytestmark = pytest.mark.django_db(transaction=True)
Race = Callable[[Iterable[Callable[[], Any]]], list[Any]]
RIVALS, ROUNDS = 4, 20


def send_together(run_together: Race) -> tuple[int, int]:
    """Send photos of one document at once; return how many rows and how many contents are kept."""
    booking = make_booking()
    booking.service_type.documents = [{"code": "ktp", "name": "KTP", "name_en": "Identity card"}]
    booking.service_type.save(update_fields=["documents"])
    application = make_application(booking)
    send = partial(
        press_again,
        keep_photo,
        application_id=application.pk,
        document="ktp",
        picture=Picture("image/jpeg", b"foto uji"),
        account_id=booking.account_id,
        now=NOW,
    )
    outcomes = run_together(send for _ in range(RIVALS))
    faults = [one for one in outcomes if not isinstance(one, DocumentPhoto)]
    assert not faults, faults
    files = StoredFile.objects.filter(account=booking.account_id, erased_at__isnull=True)
    return application.photos.count(), files.count()


def test_photos_sent_together_leave_one(run_together: Race) -> None:
    assert send_together(run_together) == (1, 1)


def test_control_without_locks_several_photos_stay(
    unguarded_database: str, run_together: Race
) -> None:
    assert any(send_together(run_together) != (1, 1) for _round in range(ROUNDS))
