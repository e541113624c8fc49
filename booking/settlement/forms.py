"""Officers' forms: the settlement file, and the decision about a payment."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.payments.models import PaymentCase
from core import fields
from core.formats import rupiah


class SettlementForm(forms.Form):
    """The bank's file."""

    file = fields.SmallFileField(
        label=_("Berkas bank (CSV)"),
        help_text=_(
            "UTF-8, kolom notice_id,billing_code,amount,currency,paid_at dan baris TOTAL di akhir. Paling besar 1 MB."
        ),
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
        error_messages={
            "required": _("Pilih berkas bank, lalu kirim lagi."),
            "empty": _("Berkas ini kosong. Tidak ada yang diimpor."),
            "missing": _("Pilih berkas bank, lalu kirim lagi."),
            "invalid": _("Pilih berkas bank, lalu kirim lagi."),
        },
    )


class DecisionForm(forms.Form):
    """What happens with the money, and why."""

    action = forms.ChoiceField(
        label=_("Tindakan"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih tindakannya.")},
    )
    booking_code = fields.CharField(
        label=_("Kode booking"),
        help_text=_("Hanya untuk membukukan pembayaran yang kode billing-nya tidak dikenal."),
        max_length=20,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    reason = fields.CharField(
        label=_("Alasan"),
        help_text=_("Apa yang Anda periksa. Pemeriksa membacanya."),
        max_length=200,
        widget=forms.Textarea({"rows": 2, "class": "wide"}),
        error_messages={
            "required": _("Tulis alasannya; pemeriksa akan membacanya."),
            "max_length": _("Paling panjang 200 karakter."),
        },
    )

    refund_shown = fields.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        actions: Sequence[PaymentCase.Action],
        refund: int,
        has_bill: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["action"]
        assert isinstance(field, forms.ChoiceField)
        names = ACTIONS | {
            PaymentCase.Action.REFUNDED: _("Kembalikan %(amount)s kepada pemohon")
            % {"amount": rupiah(refund)}
        }
        field.choices = [(str(action), names[action]) for action in actions]
        if has_bill:
            del self.fields["booking_code"]


ACTIONS: dict[str, Any] = {
    PaymentCase.Action.RESTORED: _("Kembalikan tempat pada jam semula"),
    PaymentCase.Action.ASSIGNED: _("Bukukan ke kode booking"),
    PaymentCase.Action.KEPT: _("Simpan untuk jadwal berikutnya orang ini"),
    PaymentCase.Action.SETTLED: _("Selesai, tanpa memindahkan uang"),
}
