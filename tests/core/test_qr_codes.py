"""The quick way of drawing a QR code draws what the library draws."""

import segno
from hypothesis import given
from hypothesis import strategies as st

from booking.models import CODE_ALPHABET, CODE_LENGTH
from core.templatetags import qr_codes


def dark_in(path, width):
    """Return the dark squares of a drawn path, border and all."""
    found = set()
    for run in path.split("M")[1:]:
        x, rest = run.split(" ")
        y, length = rest.split(".5h")
        found |= {(int(x) + step, int(y)) for step in range(int(length))}
    return {(x - qr_codes.BORDER, y - qr_codes.BORDER) for x, y in found}


@given(st.text(CODE_ALPHABET + "0123456789", min_size=CODE_LENGTH, max_size=CODE_LENGTH))
def test_a_booking_code_is_drawn_as_the_library_draws_it(code):
    path, width = qr_codes.path_of(code)
    matrix = segno.make(code, error="m", micro=False, mask=2).matrix
    assert width == len(matrix) + 2 * qr_codes.BORDER
    dark = {(x, y) for y, row in enumerate(matrix) for x, is_dark in enumerate(row) if is_dark}
    assert dark_in(path, width) == dark


def test_any_other_text_is_drawn_too():
    path, width = qr_codes.path_of("https://paspor.example/a")
    assert dark_in(path, width)
