"""Forms of passport production."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields
from counters.production.models import SHELF_LENGTH

SCANNED = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}


class PrintForm(forms.Form):
    """The number of the booklet that was printed."""

    book_number = fields.CharField(
        label=_("Pindai nomor buku yang dicetak"),
        max_length=40,
        widget=forms.TextInput({**SCANNED, "autofocus": True}),
        error_messages={"required": _("Pindai nomor pada buku yang baru dicetak.")},
    )


class ShelfForm(forms.Form):
    """Where the passport waits to be collected."""

    shelf = fields.CharField(
        label=_("Rak"),
        help_text=_("Rak tempat paspor ini disimpan, misalnya A3."),
        max_length=SHELF_LENGTH,
        widget=forms.TextInput({**SCANNED, "autofocus": True}),
        error_messages={"required": _("Isi raknya, misalnya A3.")},
    )


class ReprintForm(forms.Form):
    """Why the booklet is printed again."""

    reason = forms.ChoiceField(
        label=_("Alasan cetak ulang"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih alasannya lebih dulu; alasan ikut tercatat.")},
    )
    note = fields.CharField(
        label=_("Catatan"),
        required=False,
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, reasons: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]


class BatchForm(forms.Form):
    """How many passports are printed together. Whole numbers only."""

    size = fields.IntegerField(
        label=_("Jumlah paspor"),
        initial=10,
        widget=forms.NumberInput({"min": 1, "max": 50}),
        error_messages={"required": _("Isi jumlah paspor.")},
    )
