"""What a supervisor orders for places that are given back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quotas.decrees import ReturnDecree
from quotas.forms.rules import WIDE, DecreeForm, day_field, decree_number, instrument_field


def _time(label: Any, text: Any = "") -> forms.TimeField:
    return forms.TimeField(
        label=label,
        help_text=text,
        widget=forms.TimeInput(attrs={"type": "time", **WIDE}, format="%H:%M"),
        input_formats=["%H:%M", "%H.%M"],
        error_messages={"required": _("Isi jamnya."), "invalid": _("Tulis jam seperti 20:00.")},
    )


class ReturnForm(DecreeForm):
    """How long a place rests, how long somebody may answer, how often they are asked."""

    decree_class = ReturnDecree

    rest_from_minutes = decree_number(
        ReturnDecree, "rest_from_minutes", _("Istirahat paling sebentar, menit"),
        text=_("Tempat yang kembali beristirahat selama waktu acak; dalam waktu itu daftar tunggu didahulukan."),
    )  # fmt: skip
    rest_until_minutes = decree_number(
        ReturnDecree, "rest_until_minutes", _("Istirahat paling lama, menit")
    )
    answer_hours = decree_number(
        ReturnDecree,
        "answer_hours",
        _("Waktu menjawab tawaran, jam"),
        text=_("Malam tidak dihitung."),
    )
    offers_at_most = decree_number(
        ReturnDecree, "offers_at_most", _("Tawaran paling banyak untuk satu giliran")
    )
    quiet_from = _time(_("Malam mulai"), _("Pada malam hari tidak ada surat tawaran."))
    quiet_until = _time(_("Malam sampai"))
    valid_from = day_field(
        _("Mulai"), _("Untuk hari layanan mulai tanggal ini; paling cepat besok.")
    )
    instrument = instrument_field()
