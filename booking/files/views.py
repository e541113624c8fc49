"""The answer that holds a stored file. The caller has checked who reads it."""

from typing import Final

from django.http import HttpResponse

from booking.files.models import StoredFile
from core.errors import NotFound

ENDINGS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


def download(file: StoredFile | None, *, shows_picture: bool = False) -> HttpResponse:
    """Return a file as a download that no browser runs. Raises NotFound for none or an erased one.

    With `shows_picture` the browser shows a picture; a PDF is a download all the same.
    """
    if file is None or file.erased_at is not None:
        raise NotFound
    answer = HttpResponse(file.data, content_type=file.content_type)
    name = f"{file.kind}-{file.pk}.{ENDINGS[file.content_type]}"
    is_shown = shows_picture and file.content_type != "application/pdf"
    way = "inline" if is_shown else "attachment"
    answer["Content-Disposition"] = f'{way}; filename="{name}"'
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer
