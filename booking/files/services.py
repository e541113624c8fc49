"""Keeping and erasing files."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from booking.files.models import StoredFile
from core.pictures import Picture


def keep_file(*, picture: Picture, kind: str, account_id: int, now: datetime) -> StoredFile:
    """Store a checked file, in the caller's transaction."""
    content: Any = picture.data
    return StoredFile.objects.create(
        account_id=account_id,
        kind=kind,
        content_type=picture.content_type,
        size=len(picture.data),
        data=content,
        kept_at=now,
    )


def erase_stored_files(*, file_ids: Iterable[int], now: datetime) -> None:
    """Erase the content of files. That there was one stays."""
    rows = StoredFile.objects.filter(pk__in=file_ids, erased_at__isnull=True)
    rows.update(data=b"", erased_at=now)
