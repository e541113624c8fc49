"""The applicant's form for an hour of collecting the passport."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields
from core.formats import hours
from counters.drive_thru.models import PickupPlace
from counters.drive_thru.selectors import OfferedHour
from offices.directory.models import Office


class HourForm(forms.Form):
    """An offered hour of the lane or the desk, and the plate of the vehicle."""

    hour = forms.ChoiceField(
        label=_("Jam pengambilan"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih salah satu jam."),
            "invalid_choice": _("Jam ini tidak ditawarkan. Pilih salah satu jam di daftar."),
        },
    )
    plate = fields.CharField(
        label=_("Nomor kendaraan"),
        help_text=_(
            "Agar petugas mengenali kendaraan Anda, misalnya KT 1234 AB. Dihapus sesudahnya."
        ),
        required=False,
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def __init__(
        self, *args: Any, offered: list[OfferedHour], office: Office, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hour"].choices = [  # type: ignore[attr-defined]
            (key_of(hour.starts_at, hour.where), hours(hour.starts_at, hour.ends_at, office))
            for hour in offered
        ]
        self.offered = {key_of(hour.starts_at, hour.where): hour for hour in offered}

    def clean_hour(self) -> OfferedHour:
        """Return the chosen hour."""
        return self.offered[self.cleaned_data["hour"]]


def key_of(moment: dt.datetime, where: str = PickupPlace.DRIVE_THRU) -> str:
    """Return the value of an hour in the form: its place and its moment in UTC."""
    return f"{where}-{moment.astimezone(dt.UTC):%Y%m%d%H%M}"
