"""The form for handing over a passport."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields
from counters.pickup.models import Pickup


class BookScanForm(forms.Form):
    """The number of the booklet that the officer took from the shelf."""

    book_number = fields.CharField(
        label=_("Pindai nomor buku"),
        help_text=_("Nomor pada buku yang Anda pegang."),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
        error_messages={"required": _("Pindai nomor buku yang Anda pegang.")},
    )


class HandOverForm(forms.Form):
    """The collector and their right to the passport, after the booklet was scanned."""

    right = forms.ChoiceField(
        label=_("Status pengambil"),
        choices=Pickup.Right.choices,
        initial=Pickup.Right.SELF,
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih status pengambil.")},
    )
    collector_name = fields.CharField(
        label=_("Nama pengambil"),
        help_text=_("Seperti di KTP. Tidak wajib bila diambil pemilik sendiri."),
        required=False,
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    evidence = fields.CharField(
        label=_("Bukti yang Anda lihat"),
        help_text=_("Misalnya: KTP asli; KK asli dan KTP; surat kuasa bermeterai dan KTP."),
        initial=_("KTP asli"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Tulis bukti yang Anda lihat, misalnya KTP asli.")},
    )
    letter = fields.PictureField(
        label=_("Foto surat kuasa"),
        help_text=_("Hanya bila diwakilkan. JPEG, PNG atau PDF, paling besar 5 MB."),
        required=False,
    )
    letter_number = fields.CharField(
        label=_("Nomor surat kuasa"),
        help_text=_("Hanya untuk surat yang dibuat di halaman paspor: pindai kode di suratnya."),
        required=False,
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    where = forms.ChoiceField(choices=Pickup.Where.choices, widget=forms.HiddenInput)
    book_number = fields.CharField(max_length=120, required=False, widget=forms.HiddenInput)
    signature = fields.SignatureField(required=False)

    def clean(self) -> dict[str, Any]:
        """Report a missing collector name together with the other errors."""
        typed: dict[str, Any] = super().clean() or {}
        is_owner = typed.get("right") in (None, Pickup.Right.SELF)
        if not is_owner and typed.get("collector_name") == "":
            text = _("Isi nama pengambil seperti di KTP, paling panjang 120 karakter.")
            self.add_error("collector_name", text)
        needs_letter = typed.get("right") == Pickup.Right.LETTER and "letter" not in self.errors
        if needs_letter and typed.get("letter") is None:
            self.add_error("letter", _("Foto surat kuasanya, lalu kirim foto itu."))
        return typed
