"""PDFs that people hand in: refused if they are locked, hold scripts or other files, or unpack to too much.

Only what decides about a refusal is read, without a PDF library: the names in the file and in its object
streams, and how much its streams unpack to.
"""

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput

MARK: Final = b"%PDF-"
END: Final = b"%%EOF"
# The end mark stands in the last bytes of a file that was sent as a whole.
TAIL: Final = 2048
MOST_UNPACKED: Final = 100_000_000
CHUNK: Final = 1_000_000
BLOCK: Final = 64_000
STREAM: Final = re.compile(rb">>\s*stream\r?\n")
OBJECTS: Final = re.compile(rb"/ObjStm\b")
# A name may be written with the codes of its characters: /J#61vaScript.
CODED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
LOCKED: Final = re.compile(rb"/Encrypt\b")
ACTIVE: Final = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|Rendition|GoToE)\b"
)
PACKED_TWICE: Final = re.compile(rb"/Filter\s*\[[^\]]*/FlateDecode[^\]]*/FlateDecode")
# The dictionary of a stream stands in this many bytes before it.
DICTIONARY: Final = 1_000


class NotAPdf(InvalidInput):
    """The file is no PDF, or only part of one."""

    code = "not_a_pdf"
    message = _("Berkas PDF ini rusak atau tidak utuh. Simpan lagi sebagai PDF, atau kirim foto.")


class LockedPdf(InvalidInput):
    """The PDF is encrypted, so that nobody could read it."""

    code = "locked_pdf"
    message = _("Berkas PDF ini terkunci. Simpan lagi tanpa kata sandi, atau kirim foto.")


class ActivePdf(InvalidInput):
    """The PDF holds a script, a form that acts, or another file."""

    code = "active_pdf"
    message = _("Berkas PDF ini berisi skrip atau berkas lain. Cetak ke PDF baru, atau kirim foto.")


class PdfBomb(InvalidInput):
    """The PDF unpacks to far more than a document needs."""

    code = "pdf_bomb"
    message = _("Berkas PDF ini terlalu besar setelah dibuka. Kirim foto tiap halamannya.")


def check_pdf(data: bytes) -> None:
    """Check a PDF. Raises NotAPdf, LockedPdf, ActivePdf, PdfBomb."""
    if not data.startswith(MARK) or END not in data[-TAIL:]:
        raise NotAPdf
    _check_names(data)
    left = MOST_UNPACKED
    for dictionary, packed in _streams(data):
        if PACKED_TWICE.search(dictionary):
            raise PdfBomb
        text = _unpacked(packed, most=left, keeps=bool(OBJECTS.search(dictionary)))
        left -= text[0]
        if left <= 0:
            raise PdfBomb
        _check_names(text[1])


def _check_names(data: bytes) -> None:
    text = _plain(data)
    if LOCKED.search(text):
        raise LockedPdf
    if ACTIVE.search(text):
        raise ActivePdf


def _plain(data: bytes) -> bytes:
    """Return the data with the coded characters of names as characters."""
    return CODED.sub(lambda code: bytes([int(code[1], 16)]), data)


def _streams(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the dictionary of each stream and the file from its first byte on."""
    view = memoryview(data)
    for match in STREAM.finditer(data):
        dictionary = data[max(0, match.start() - DICTIONARY) : match.start()]
        yield _plain(dictionary), view[match.end() :]


def _unpacked(packed: memoryview, *, most: int, keeps: bool) -> tuple[int, bytes]:
    """Return the size that a stream unpacks to, at most `most`, and its content if it `keeps` it.

    A stream that is not packed, such as a photo, counts as nothing.
    """
    reader, size, parts = zlib.decompressobj(), 0, []
    with suppress(zlib.error):
        for start in range(0, len(packed), BLOCK):
            rest: bytes | memoryview = packed[start : start + BLOCK]
            while size < most and len(rest) and not reader.eof:
                part = reader.decompress(rest, CHUNK)
                rest = reader.unconsumed_tail
                size += len(part)
                if keeps:
                    parts.append(part)
            if size >= most or reader.eof:
                break
    return size, b"".join(parts)
