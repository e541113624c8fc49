"""Pictures that people hand in: their type is read from the content, and they are encoded again.

An encoded picture holds nothing but its pixels: no place, no device, no hidden text, no program.
"""

import base64
import binascii
import io
import warnings
from dataclasses import dataclass
from typing import Final

from django.core.files import File
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import InvalidInput
from core.pdf_files import MARK, check_pdf

MOST_BYTES: Final = 5 * 1024 * 1024
# Wide enough to read a letter; larger pictures are reduced.
LONGEST_SIDE: Final = 2000
MOST_PIXELS: Final = 50_000_000
QUALITY: Final = 82
SIGNATURE_PREFIX: Final = "data:image/png;base64,"
MOST_SIGNATURE: Final = 300_000
SIGNATURE_SIZE: Final = (800, 400)
FAULTS: Final = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    Image.DecompressionBombError,
)


class NotAPicture(InvalidInput):
    """The file is neither a JPEG or PNG picture nor a PDF, whatever its name says."""

    code = "not_a_picture"
    message = _("Berkas ini bukan foto. Kirim foto JPEG atau PNG, atau PDF.")


class PictureTooLarge(InvalidInput):
    """The file has more than 5 MB, or the picture too many pixels."""

    code = "picture_too_large"
    message = _("Berkas ini lebih besar dari 5 MB. Kecilkan fotonya, atau foto ulang.")


@dataclass(frozen=True)
class Picture:
    """A checked file: its type and its content."""

    content_type: str
    data: bytes


def read_upload(file: File) -> Picture:
    """Return the picture in an uploaded file of at most 5 MB. Raises NotAPicture, PictureTooLarge."""
    if (file.size or 0) > MOST_BYTES:
        raise PictureTooLarge
    return read_picture(file.read())


def read_picture(data: bytes) -> Picture:
    """Return a picture encoded again from a JPEG or PNG, or a checked PDF as it is.

    Raises NotAPicture, PictureTooLarge, and the errors of `check_pdf`.
    """
    if len(data) > MOST_BYTES:
        raise PictureTooLarge
    if data.startswith(MARK):
        check_pdf(data)
        return Picture("application/pdf", data)
    image = _opened(data, ("JPEG", "PNG")).convert("RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    made = io.BytesIO()
    image.save(made, "JPEG", quality=QUALITY)
    return Picture("image/jpeg", made.getvalue())


def read_signature(text: str) -> Picture | None:
    """Return a signature that was written on the screen; None if nothing was written.

    `text` is the PNG as a data URL. Raises NotAPicture, PictureTooLarge.
    """
    if not text:
        return None
    if len(text) > MOST_SIGNATURE:
        raise PictureTooLarge
    if not text.startswith(SIGNATURE_PREFIX):
        raise NotAPicture
    try:
        data = base64.b64decode(text.removeprefix(SIGNATURE_PREFIX), validate=True)
    except binascii.Error as error:
        raise NotAPicture from error
    drawing = _opened(data, ("PNG",)).convert("RGBA")
    paper = Image.new("RGBA", drawing.size, "white")
    image = Image.alpha_composite(paper, drawing).convert("L")
    image.thumbnail(SIGNATURE_SIZE)
    if image.getextrema() == (255, 255):
        return None
    made = io.BytesIO()
    image.save(made, "PNG", optimize=True)
    return Picture("image/png", made.getvalue())


def _opened(data: bytes, formats: tuple[str, ...]) -> Image.Image:
    """Decode a picture, turned upright. The size is checked before the pixels are read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=formats)
        if image.width * image.height > MOST_PIXELS:
            raise PictureTooLarge
        return ImageOps.exif_transpose(image)
    except FAULTS as error:
        raise NotAPicture from error
