"""A rendered QR code has exactly the dark squares of the library's matrix, and a name."""

import re
from typing import Any

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from booking.codes import CODE_ALPHABET, CODE_LENGTH
from core.qr import qr

BORDER = 2
STEP = re.compile(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?")


def dark_squares(svg: Any) -> Any:
    """Squares covered by the path, without the border. The path has moves and horizontal lines only."""
    (path,) = re.findall(r'\bd="([^"]+)"', svg)
    assert "".join(match[0] for match in STEP.finditer(path)) == path
    dark, x, y = set(), 0.0, 0.0
    for kind, first, second in STEP.findall(path):
        if kind == "M":
            x, y = float(first), float(second)
        elif kind == "m":
            x, y = x + float(first), y + float(second)
        else:
            dark |= {(int(x) + step - BORDER, int(y) - BORDER) for step in range(int(first))}
            x += float(first)
    return dark


@given(st.text(CODE_ALPHABET + "0123456789", min_size=CODE_LENGTH, max_size=CODE_LENGTH))
def test_a_booking_code_contains_the_squares_of_its_matrix(code: Any) -> None:
    svg = qr(code)
    matrix = segno.make(code, error="m", micro=False, mask=2).matrix
    assert dark_squares(svg) == {
        (x, y) for y, row in enumerate(matrix) for x, is_dark in enumerate(row) if is_dark
    }
    side = len(matrix) + 2 * BORDER
    assert f'viewBox="0 0 {side} {side}"' in svg


@pytest.mark.parametrize(
    "part", ['role="img"', 'aria-label="Kode &quot;A&quot;"', 'class="qr big"']
)
def test_a_code_has_role_accessible_name_and_class(part: Any) -> None:
    assert part in qr("ABC", 'Kode "A"', "big")


def test_a_code_without_a_label_has_the_standard_name() -> None:
    assert 'aria-label=""' not in qr("ABC")
