"""Form fields for typed input. Every form and admin list uses these instead of Django's own.

Each keeps what Python and PostgreSQL can store: text in one stored form, days of the service,
numbers of a column's size. What is outside gets a sentence.
"""

import datetime as dt
from typing import Any, Final

from django import forms
from django.contrib.postgres import fields as postgres
from django.contrib.postgres.forms import SimpleArrayField
from django.db import models
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

from core.dates import FIRST_DAY, LAST_DAY, is_service_day
from core.errors import DomainError
from core.formats import day_long
from core.json_text import NOT_STORABLE, read_json, texts_in
from core.pictures import Picture, read_signature, read_upload
from core.text import is_storable, normalise

DAY_OUTSIDE: Final = _("Isi tanggal antara %(first)s dan %(last)s.")


def day_outside() -> forms.ValidationError:
    """Return the refusal of a day outside the service's calendar."""
    values = {"first": day_long(FIRST_DAY), "last": day_long(LAST_DAY)}
    return forms.ValidationError(DAY_OUTSIDE, code="outside", params=values)


class _Typed:
    """Brings a typed text into its stored form before the field reads it."""

    removed = 0  # invisible characters of the last value
    widget: Any

    def to_python(self, value: Any) -> Any:
        """Return the field's value. A value that was given as an object is not typed text."""
        if isinstance(value, str):
            typed = normalise(value, has_lines=isinstance(self.widget, forms.Textarea))
            self.removed, value = typed.removed, typed.text
        return super().to_python(value)  # type: ignore[misc]


class CharField(_Typed, forms.CharField):
    """Text in its stored form. A text area keeps its lines."""


class EmailField(_Typed, forms.EmailField):
    """An e-mail address without invisible characters."""


class SlugField(_Typed, forms.SlugField):
    """A short code."""


class DateField(_Typed, forms.DateField):
    """A day of the service's calendar."""

    def to_python(self, value: Any) -> dt.date | None:
        day: dt.date | None = super().to_python(value)
        if day is not None and not is_service_day(day):
            raise day_outside()
        return day


class TimeField(_Typed, forms.TimeField):
    """A time of day."""


class SplitDateTimeField(forms.SplitDateTimeField):
    """A day and a time in two boxes, as the admin lists show them."""

    def prepare_value(self, value: Any) -> Any:
        """Return what the boxes show; a text comes from the address of an empty form."""
        if not isinstance(value, str):
            return value
        try:
            return DateTimeField(required=False).clean(value)
        except forms.ValidationError:
            return None

    def compress(self, data_list: Any) -> dt.datetime | None:
        day = data_list[0] if data_list else None
        if isinstance(day, dt.date) and not is_service_day(day):
            raise day_outside()
        return super().compress(data_list)


class DateTimeField(_Typed, forms.DateTimeField):
    """A day and a time in one box."""

    def to_python(self, value: Any) -> dt.datetime | None:
        try:
            moment: dt.datetime | None = super().to_python(value)
        except OverflowError:
            raise day_outside() from None
        if moment is not None and not is_service_day(moment.date()):
            raise day_outside()
        return moment


class IntegerField(_Typed, forms.IntegerField):
    """A whole number that fits its column."""

    largest = 2**31 - 1
    default_error_messages = {"too_large": _("Angka ini terlalu besar. Periksa banyaknya angka.")}

    def to_python(self, value: Any) -> int | None:
        number: int | None = super().to_python(value)
        if number is not None and abs(number) > self.largest:
            raise forms.ValidationError(self.error_messages["too_large"], code="too_large")
        return number


class BigIntegerField(IntegerField):
    """A whole number of at most 64 bits."""

    largest = 2**63 - 1


class DecimalField(_Typed, forms.DecimalField):
    """A number with decimals that fits its column."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_digits", 12)
        super().__init__(**options)


class FloatField(_Typed, forms.FloatField):
    """A measured number."""


class JSONField(forms.JSONField):
    """A JSON text, for the admin lists: of the kind of the column's default, a list or an object.

    An empty box means the default, because the columns have no null.
    """

    def to_python(self, value: Any) -> Any:
        if not self.disabled and isinstance(value, str) and value.strip():
            try:
                texts = texts_in(read_json(value))
            except ValueError as error:
                raise forms.ValidationError(str(error), code="invalid") from None
            if not all(map(is_storable, texts)):
                raise forms.ValidationError(NOT_STORABLE, code="invalid")
        read = super().to_python(value)
        default = self.initial() if callable(self.initial) else None
        if read is None and value in self.empty_values:
            return default
        if default is not None and not isinstance(read, type(default)):
            text = self.error_messages["invalid"]
            raise forms.ValidationError(text, code="invalid", params={"value": value})
        return read

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what the box shows again: text with half a character in it stays as it was typed."""
        shown = super().bound_data(data, initial)
        if isinstance(data, str) and not is_storable(self.prepare_value(shown)):
            return InvalidJSONInput(data)
        return shown


class PictureField(forms.FileField):
    """A photo (JPEG, PNG) or PDF of at most 5 MB. Its value is a `core.pictures.Picture`."""

    widget = forms.FileInput({"accept": "image/jpeg,image/png,application/pdf"})
    default_error_messages = {"empty": _("Berkas ini kosong. Foto ulang, lalu kirim lagi.")}

    def clean(self, data: Any, initial: Any = None) -> Picture | None:
        file = super().clean(data, initial)
        if not file:
            return None
        try:
            return read_upload(file)
        except DomainError as error:
            raise forms.ValidationError(str(error), code=error.code) from None


class SmallFileField(forms.FileField):
    """A file that fits into a request without attachments (1 MB). Its name is in its stored form."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file:
            file.name = normalise(file.name or "").text
        return file


class SignatureField(forms.Field):
    """A signature written on the screen, as a data URL. Its value is a `core.pictures.Picture` or None."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> Picture | None:
        try:
            return read_signature(str(value or ""))
        except DomainError as error:
            raise forms.ValidationError(str(error), code=error.code) from None


class ArrayField(SimpleArrayField):
    """Several texts or numbers, separated by commas, for the admin lists."""

    def __init__(self, base_field: forms.Field, **options: Any) -> None:
        if type(base_field) is forms.IntegerField:
            base_field = IntegerField()
        elif type(base_field) is forms.CharField:
            base_field = CharField(max_length=base_field.max_length)
        super().__init__(base_field, **options)

    def clean(self, value: Any) -> Any:
        """Django puts a wrong item into a sentence with placeholders of its own."""
        if isinstance(value, str) and "%" in value:
            raise forms.ValidationError(_("Tulis tanpa tanda persen."), code="invalid")
        return super().clean(value)


# The admin lists make the form field of a model field by this table, in every registered list and inline.
FORM_FIELDS: Final[dict[type[models.Field], type[forms.Field]]] = {
    models.CharField: CharField,
    models.TextField: CharField,
    models.EmailField: EmailField,
    models.SlugField: SlugField,
    models.DateField: DateField,
    models.DateTimeField: SplitDateTimeField,
    models.TimeField: TimeField,
    models.IntegerField: IntegerField,
    models.BigIntegerField: BigIntegerField,
    models.DecimalField: DecimalField,
    models.FloatField: FloatField,
    models.JSONField: JSONField,
    postgres.ArrayField: ArrayField,
}
