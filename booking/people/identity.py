"""Validation of identity numbers. Pure: no database, no clock."""

import calendar
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from babel import Locale
from django.utils.translation import gettext as _

from core.text import compact_code, normalise

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
# Between the letters of a name, or before the first one: 'Aisyah.
# Registered at a mission abroad: 99, three digits of the country, one of the mission.
ABROAD = "99"
PHONE_SIGNS = re.compile(r"\+?[0-9 ().\-/]+", re.ASCII)
# Newer than the library's table: after +62 an 8 and up to twelve more digits.
INDONESIAN_MOBILE = re.compile(r"(?:\+?62|0)(8[0-9]{8,12})", re.ASCII)


@dataclass(frozen=True)
class Nik:
    """What a NIK encodes about its owner. The year has two digits, so the century is unknown.

    Citizens registered abroad have a number of the same form that begins with 99.
    """

    is_region_known: bool
    day: int
    month: int
    year: int
    is_woman: bool

    def needs_checking(self, *, birth_date: dt.date, is_woman: bool) -> bool:
        """True if the entered birth date or sex differs, or the region is unknown.

        This warns and never blocks: a NIK is not reissued when a birth date is corrected or a
        region divided.
        """
        entered = (birth_date.day, birth_date.month, birth_date.year % 100, is_woman)
        is_same = (self.day, self.month, self.year, self.is_woman) == entered
        return not (is_same and self.is_region_known)


def read_nik(text: str) -> Nik:
    """Parse a NIK. Raises ValueError with a message that describes a valid NIK."""
    number = compact_code(text)
    if not (number.isascii() and number.isdigit() and len(number) == NIK_DIGITS):
        raise ValueError(
            _(
                "NIK terdiri dari 16 angka, seperti tertulis di KTP; yang Anda isi %(count)s karakter."
            )
            % {"count": len(number)}
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
    return Nik(_is_region_known(number), day, month, year, is_woman)


def _is_region_known(number: str) -> bool:
    """True for a region or country that we know. New regions appear, so an unknown one only warns."""
    if number.startswith(ABROAD):
        return number[2:5] != "000"
    province, regency, district = number[:2], number[2:4], number[4:6]
    return int(province) in PROVINCES and regency != "00" and district != "00"


def _is_date(day: int, month: int, year: int) -> bool:
    # A year divisible by four: 29 February exists in at least one of the two possible centuries.
    leap_or_not = 2000 if year % 4 == 0 else 2001
    return 1 <= month <= MONTHS and 1 <= day <= calendar.monthrange(leap_or_not, month)[1]


def clean_nik(text: str) -> str:
    """Return the 16 digits. Raises ValueError with a message."""
    read_nik(text)
    return compact_code(text)


def clean_passport_number(text: str) -> str:
    """Return a foreign passport number in capitals, without spaces. Raises ValueError."""
    number = compact_code(text).upper()
    if not PASSPORT_NUMBER.fullmatch(number):
        raise ValueError(
            _("Nomor paspor terdiri dari 5 sampai 20 huruf dan angka, seperti tertulis di paspor.")
        )
    return number


def clean_phone(text: str) -> str:
    """Return a phone number in international format, or "" for empty input. Raises ValueError.

    Letters are refused: the library would turn the O of `0812 3456 789O` into a 6.
    """
    typed = unicodedata.normalize("NFKC", normalise(text).text).strip()
    if not typed:
        return ""
    sentence = _("Nomor ponsel ini tidak dikenal. Contoh: 0812 3456 7890, atau +65 8123 4567.")
    if not PHONE_SIGNS.fullmatch(typed):
        raise ValueError(
            _("Nomor ponsel hanya berisi angka. Periksa apakah ada huruf, misalnya O untuk 0.")
        )
    if mobile := INDONESIAN_MOBILE.fullmatch(re.sub(r"[ ().\-/]", "", typed)):
        return f"+62{mobile[1]}"
    try:
        number = phonenumbers.parse(typed, "ID")
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
