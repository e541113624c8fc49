"""The form for one line of a paper list."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import ClockField
from offices.directory.models import Counter, Office


class PaperForm(forms.Form):
    """One line of the paper list."""

    arrived_at = ClockField(label=_("Tiba"))
    started_at = ClockField(label=_("Mulai dilayani"))
    ended_at = ClockField(label=_("Selesai"))
    counter: Any = forms.ModelChoiceField(
        label=_("Loket"),
        queryset=None,
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": _("Pilih loketnya."),
            "invalid_choice": _("Pilih loket kantor ini."),
        },
    )

    def __init__(self, *args: Any, office: Office, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counters = Counter.objects.in_use_on(day).filter(hall__office=office).order_by("number")
        self.fields["counter"].queryset = counters  # type: ignore[attr-defined]
        self.fields["counter"].initial = counters.first()
        if not self.is_bound:
            self.fields["arrived_at"].widget.attrs["autofocus"] = True
