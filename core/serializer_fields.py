"""API fields for input. Every serializer uses these instead of REST framework's own."""

import datetime as dt
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.dates import FIRST_DAY, LAST_DAY
from core.errors import DomainError
from core.pictures import read_upload
from core.text import normalise

LARGEST_INTEGER: Final = 2**63 - 1
EARLIEST_BIRTH: Final = dt.date(1900, 1, 1)


class _Typed:
    """Brings a text into its stored form before the field reads it."""

    def to_internal_value(self, data: Any) -> Any:
        value = normalise(data).text if isinstance(data, str) else data
        return super().to_internal_value(value)  # type: ignore[misc]


class CharField(_Typed, serializers.CharField):
    """Text in its stored form."""


class PasswordField(serializers.CharField):
    """A password or one-time code: exactly as it was sent."""


class EmailField(_Typed, serializers.EmailField):
    """An e-mail address without invisible characters."""


class SlugField(_Typed, serializers.SlugField):
    """A short code."""


class IntegerField(_Typed, serializers.IntegerField):
    """A whole number of at most 64 bits."""

    default_error_messages = {"too_large": _("Bilangan ini terlalu besar.")}

    def to_internal_value(self, data: Any) -> int:
        number = int(super().to_internal_value(data))
        if abs(number) > LARGEST_INTEGER:
            self.fail("too_large")
        return number


class PictureField(serializers.FileField):
    """A photo (JPEG, PNG) or PDF of at most 5 MB. Its value is a `core.pictures.Picture`."""

    def to_internal_value(self, data: Any) -> Any:
        file = super().to_internal_value(data)
        try:
            return read_upload(file)
        except DomainError as error:
            raise serializers.ValidationError(str(error), code=error.code) from None


class DateField(serializers.DateField):
    """A day of the service's calendar, or from `first` on."""

    default_error_messages = {"outside": _("Isi tanggal antara {first} dan {last}.")}

    def __init__(self, *, first: dt.date = FIRST_DAY, **options: Any) -> None:
        self.first = first
        super().__init__(**options)

    def to_internal_value(self, value: Any) -> dt.date:
        try:
            day: dt.date = super().to_internal_value(value)
        except OverflowError:
            self.fail("invalid", format="YYYY-MM-DD")
        if not self.first <= day <= LAST_DAY:
            self.fail("outside", first=self.first, last=LAST_DAY)
        return day


class DateTimeField(serializers.DateTimeField):
    """A moment, with its offset from UTC."""

    default_error_messages = {"outside": _("Isi tanggal antara {first} dan {last}.")}

    def to_internal_value(self, value: Any) -> dt.datetime:
        try:
            moment: dt.datetime = super().to_internal_value(value)
        except OverflowError:
            self.fail("outside", first=FIRST_DAY, last=LAST_DAY)
        if not FIRST_DAY <= moment.date() <= LAST_DAY:
            self.fail("outside", first=FIRST_DAY, last=LAST_DAY)
        return moment
