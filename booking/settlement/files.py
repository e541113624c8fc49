"""The bank's settlement file: reading it and saying what is wrong with it.

A CSV file in UTF-8 with a header, one line for each payment and a last line with the count and the sum:

    notice_id,billing_code,amount,currency,paid_at
    N-1,820123456789012,650000,IDR,2026-11-30T09:00:00+07:00
    TOTAL,1,650000,IDR,
"""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from booking.payments.models import BankNotice
from booking.settlement.errors import FileRefused, NoticeUnreadable, OtherCurrency
from booking.settlement.notices import CURRENCY, BankMessage, read_message
from core.formats import rupiah

COLUMNS: Final = ("notice_id", "billing_code", "amount", "currency", "paid_at")
TOTAL: Final = "TOTAL"
MOST_LINES: Final = 5000
LONGEST_AMOUNT: Final = 12


@dataclass(frozen=True)
class Settlement:
    """A settlement file that was read whole: its payments with their line numbers, and its sum."""

    digest: str
    lines: list[tuple[int, BankMessage]]
    total: int


def read_settlement(content: bytes) -> Settlement:
    """Return a file's payments. Raises FileRefused with the first mistake and its line."""
    rows = _rows(content)
    if not rows or tuple(rows[0]) != COLUMNS:
        raise FileRefused(
            problem=_("Baris 1 harus %(names)s, dipisahkan koma.") % {"names": ",".join(COLUMNS)}
        )
    if len(rows) < 2 or rows[-1][:1] != [TOTAL]:
        raise FileRefused(problem=_("Berkas terpotong: baris TOTAL di akhir tidak ada."))
    if len(rows) > MOST_LINES + 2:
        raise FileRefused(problem=_("Paling banyak %(n)s baris.") % {"n": MOST_LINES})
    lines = [(number, _line(row, number)) for number, row in enumerate(rows[1:-1], start=2)]
    _check_once(lines)
    total = _check_total(rows[-1], lines)
    return Settlement(hashlib.sha256(content).hexdigest(), lines, total)


def _rows(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content[: error.start].count(b"\n") + 1
        raise FileRefused(
            problem=_("Baris %(n)s tidak dalam UTF-8. Simpan ulang sebagai CSV UTF-8.")
            % {"n": number}
        ) from error
    if "\x00" in text:
        raise FileRefused(problem=_("Berkas tidak dalam UTF-8. Simpan ulang sebagai CSV UTF-8."))
    try:
        return [row for row in csv.reader(text.splitlines(), strict=True) if row]
    except csv.Error as error:
        raise FileRefused(problem=_("Berkas ini bukan CSV yang utuh.")) from error


def _line(row: Sequence[str], number: int) -> BankMessage:
    if len(row) != len(COLUMNS):
        raise FileRefused(
            problem=_("Baris %(n)s tidak utuh: %(actual)s kolom, seharusnya %(wanted)s.")
            % {"n": number, "actual": len(row), "wanted": len(COLUMNS)}
        )
    notice_id, code, amount, currency, paid_at = (value.strip() for value in row)
    values = {
        "notice_id": notice_id,
        "type": str(BankNotice.Kind.PAYMENT),
        "billing_code": code,
        "amount": _whole(amount, number),
        "currency": currency,
        "paid_at": paid_at,
    }
    try:
        return read_message(values)
    except OtherCurrency as error:
        raise FileRefused(
            problem=_("Baris %(n)s memakai mata uang %(currency)s; hanya IDR yang diterima.")
            % {"n": number, "currency": currency[:10]}
        ) from error
    except NoticeUnreadable as error:
        raise FileRefused(
            problem=_("Baris %(n)s tidak dapat dibaca: %(problem)s.")
            % {"n": number, "problem": error.values["problem"]}
        ) from error


def _whole(text: str, number: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_AMOUNT):
        raise FileRefused(
            problem=_("Baris %(n)s: jumlah harus bilangan bulat rupiah tanpa titik atau koma.")
            % {"n": number}
        )
    return int(text)


def _check_once(lines: Sequence[tuple[int, BankMessage]]) -> None:
    first: dict[str, int] = {}
    for number, message in lines:
        if message.notice_id in first:
            raise FileRefused(
                problem=_("Baris %(n)s mengulang nomor pemberitahuan dari baris %(first)s.")
                % {"n": number, "first": first[message.notice_id]}
            )
        first[message.notice_id] = number


def _check_total(row: Sequence[str], lines: Sequence[tuple[int, BankMessage]]) -> int:
    count, total = len(lines), sum(message.amount for _number, message in lines)
    last = len(lines) + 2
    if len(row) != len(COLUMNS) or row[3].strip() != CURRENCY:
        raise FileRefused(problem=_("Baris TOTAL (baris %(n)s) tidak utuh.") % {"n": last})
    written_count, written_total = _whole(row[1].strip(), last), _whole(row[2].strip(), last)
    if written_count != count:
        raise FileRefused(
            problem=_("Baris TOTAL menyebut %(written)s pembayaran, isinya %(actual)s.")
            % {"written": written_count, "actual": count}
        )
    if written_total != total:
        raise FileRefused(
            problem=_("Jumlahnya tidak cocok: TOTAL %(written)s, isinya %(actual)s.")
            % {"written": rupiah(written_total), "actual": rupiah(total)}
        )
    return total
