"""Validation of identity numbers. Pure: no database, no clock."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from babel import Locale
from django.utils.translation import gettext as _

NIK_DIGITS = 16
WOMAN_DAY_OFFSET = 40
MONTHS = 12
# Region codes of the Ministry of Home Affairs, with the retired one of East Timor (54): a NIK is valid for life.
PROVINCES = frozenset(
    [
        *range(11, 20),
        21,
        *range(31, 37),
        *range(51, 55),
        *range(61, 66),
        *range(71, 77),
        81,
        82,
        *range(91, 98),
    ]
)
# CLDR entries that are not countries: unions, test codes, "unknown".
NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"})
PASSPORT_NUMBER = re.compile(r"[A-Z0-9]{5,20}")
NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[\s.,'’`/-])*")
SEPARATORS = re.compile(r"[\s.\-]+")


@dataclass(frozen=True)
class Nik:
    """What a NIK encodes about its owner. The year has two digits, so the century is unknown."""

    province: int
    day: int
    month: int
    year: int
    is_woman: bool

    def differs_from(self, *, birth_date: dt.date, is_woman: bool) -> bool:
        """True if the entered birth date or sex differs.

        This warns and never blocks: a NIK is not reissued when a birth date is corrected.
        """
        entered = (birth_date.day, birth_date.month, birth_date.year % 100, is_woman)
        return (self.day, self.month, self.year, self.is_woman) != entered


def read_nik(text: str) -> Nik:
    """Parse a NIK. Raises ValueError with a message that describes a valid NIK."""
    number = SEPARATORS.sub("", text)
    if not (number.isascii() and number.isdigit() and len(number) == NIK_DIGITS):
        raise ValueError(
            _(
                "NIK terdiri dari 16 angka, seperti tertulis di KTP; yang Anda isi %(count)s karakter."
            )
            % {"count": len(number)}
        )
    province, regency, district = int(number[:2]), int(number[2:4]), int(number[4:6])
    if province not in PROVINCES or not regency or not district:
        raise ValueError(
            _(
                "Enam angka pertama NIK adalah kode wilayah; %(code)s tidak dikenal. Periksa KTP Anda."
            )
            % {"code": number[:6]}
        )
    day, month, year = int(number[6:8]), int(number[8:10]), int(number[10:12])
    is_woman = day > WOMAN_DAY_OFFSET
    day -= WOMAN_DAY_OFFSET if is_woman else 0
    if not _is_date(day, month, year):
        raise ValueError(
            _(
                "Angka ke-7 sampai ke-12 NIK adalah tanggal lahir (perempuan: tanggal + 40). Periksa KTP Anda."
            )
        )
    if number[12:] == "0000":
        raise ValueError(_("Empat angka terakhir NIK tidak mungkin 0000. Periksa KTP Anda."))
    return Nik(province, day, month, year, is_woman)


def _is_date(day: int, month: int, year: int) -> bool:
    # A year divisible by four: 29 February exists in at least one of the two possible centuries.
    leap_or_not = 2000 if year % 4 == 0 else 2001
    return 1 <= month <= MONTHS and 1 <= day <= calendar.monthrange(leap_or_not, month)[1]


def clean_nik(text: str) -> str:
    """Return the 16 digits. Raises ValueError with a message."""
    read_nik(text)
    return SEPARATORS.sub("", text)


def clean_passport_number(text: str) -> str:
    """Return a foreign passport number in capitals, without spaces. Raises ValueError."""
    number = SEPARATORS.sub("", text).upper()
    if not PASSPORT_NUMBER.fullmatch(number):
        raise ValueError(
            _("Nomor paspor terdiri dari 5 sampai 20 huruf dan angka, seperti tertulis di paspor.")
        )
    return number


def clean_name(text: str) -> str:
    """Return a name with single spaces. Raises ValueError."""
    name = " ".join(text.split())
    if not NAME.fullmatch(name):
        raise ValueError(
            _(
                "Isi nama seperti di dokumen identitas: huruf, spasi, titik, koma, petik, dan tanda hubung."
            )
        )
    return name


def clean_phone(text: str) -> str:
    """Return a phone number in international format, or "" for empty input. Raises ValueError."""
    if not text.strip():
        return ""
    sentence = _("Nomor telepon ini tidak dikenal. Contoh: 0812 3456 7890, atau +65 8123 4567.")
    try:
        number = phonenumbers.parse(text, "ID")
    except phonenumbers.NumberParseException:
        raise ValueError(sentence) from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError(sentence)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=4)
def countries(language: str = "id") -> dict[str, str]:
    """Return all countries except Indonesia, as code to name, sorted by name."""
    territories = Locale.parse(language).territories
    named = {
        code: name
        for code, name in territories.items()
        if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES and code != "ID"
    }
    return dict(sorted(named.items(), key=lambda pair: pair[1]))
