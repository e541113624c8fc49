"""Reading the PDFs that we write."""

import base64
import re
import zlib

# What a page shows; the streams of embedded fonts are not in ASCII85.
STREAM = re.compile(rb"/ASCII85Decode[^>]*>>\s*stream\r?\n(.*?)\s*endstream", re.DOTALL)
SHOWN = re.compile(rb"\(((?:[^()\\]|\\.)*)\)\s*Tj")


def text_of_pdf(pdf: bytes) -> str:
    """Return the texts that a PDF of ReportLab shows in its standard fonts, in order."""
    streams = [
        zlib.decompress(base64.a85decode(packed.removesuffix(b"~>")))
        for packed in STREAM.findall(pdf)
    ]
    parts = [
        re.sub(rb"\\([0-7]{3}|.)", _unescaped, shown).decode("cp1252")
        for stream in streams
        for shown in SHOWN.findall(stream)
    ]
    return " ".join(" ".join(parts).split())


def _unescaped(match: "re.Match[bytes]") -> bytes:
    sign = match.group(1)
    return bytes([int(sign, 8)]) if len(sign) == 3 else sign
