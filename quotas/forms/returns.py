"""What a supervisor orders for places that are given back."""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from offices.models import Lane, Office
from quotas.forms.rules import WIDE, RuleForm, day_field, instrument_field, number_field
from quotas.models import ReturnRule

NAMES = (
    "rest_from_minutes", "rest_until_minutes", "answer_hours", "offers_at_most", "quiet_from", "quiet_until",
    "valid_from", "instrument",
)  # fmt: skip


def _time(label: Any, text: Any = "") -> forms.TimeField:
    return forms.TimeField(
        label=label,
        help_text=text,
        widget=forms.TimeInput(attrs={"type": "time", **WIDE}, format="%H:%M"),
        input_formats=["%H:%M", "%H.%M"],
        error_messages={"required": _("Isi jamnya."), "invalid": _("Tulis jam seperti 20:00.")},
    )


class ReturnForm(RuleForm):
    """How long a place rests, how long somebody may answer, how often they are asked."""

    rest_from_minutes = number_field(
        _("Istirahat paling sebentar, menit"), most=1440,
        text=_("Tempat yang kembali beristirahat selama waktu acak; dalam waktu itu daftar tunggu didahulukan."),
    )  # fmt: skip
    rest_until_minutes = number_field(_("Istirahat paling lama, menit"), most=1440)
    answer_hours = number_field(
        _("Waktu menjawab tawaran, jam"), least=1, most=48, text=_("Malam tidak dihitung.")
    )
    offers_at_most = number_field(_("Tawaran paling banyak untuk satu giliran"), least=1, most=10)
    quiet_from = _time(_("Malam mulai"), _("Pada malam hari tidak ada surat tawaran."))
    quiet_until = _time(_("Malam sampai"))
    valid_from = day_field(
        _("Mulai"), _("Untuk hari layanan mulai tanggal ini; paling cepat besok.")
    )
    instrument = instrument_field()

    def row(self, office: Office, lane: Lane) -> ReturnRule:
        """Return the rule as an unsaved row."""
        return ReturnRule(
            office=office, lane=lane, **{name: self.cleaned_data[name] for name in NAMES}
        )


def initial_returns(rule: ReturnRule | None) -> dict[str, Any]:
    """Return what holds now, for the form to begin with."""
    now: Any = rule or ReturnRule(quiet_from=time(20), quiet_until=time(7))
    return {name: getattr(now, name) for name in NAMES[:6]}
