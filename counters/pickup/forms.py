"""The form for handing over a passport."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import fields
from counters.pickup.models import Pickup


class HandOverForm(forms.Form):
    """The collector and their right to the passport."""

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
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Tulis bukti yang Anda lihat, misalnya KTP asli.")},
    )
    where = forms.ChoiceField(
        label=pgettext_lazy("lokasi", "Tempat"),
        choices=Pickup.Where.choices,
        initial=Pickup.Where.DESK,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, has_drive_thru: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.fields["evidence"].widget.attrs["autofocus"] = True
        if not has_drive_thru:
            self.fields["where"].choices = [  # type: ignore[attr-defined]
                (Pickup.Where.DESK, Pickup.Where.DESK.label)
            ]
            self.fields["where"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Report a missing collector name together with the other errors."""
        typed: dict[str, Any] = super().clean() or {}
        is_owner = typed.get("right") in (None, Pickup.Right.SELF)
        if not is_owner and typed.get("collector_name") == "":
            text = _("Isi nama pengambil seperti di KTP, paling panjang 120 karakter.")
            self.add_error("collector_name", text)
        return typed
