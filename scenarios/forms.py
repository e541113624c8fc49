"""The form of the screen of presets."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from offices.directory.models import Office
from quotas.rules.forms import RuleForm, day_field, instrument_field
from scenarios.reading import preset_names
from scenarios.services import PresetOrder


def _choices() -> list[tuple[str, str]]:
    return list(preset_names().items())


class PresetForm(RuleForm):
    """A preset, its first day at the office, and the legal basis."""

    preset = forms.ChoiceField(
        label=_("Preset"),
        choices=_choices,
        error_messages={
            "required": _("Pilih preset."),
            "invalid_choice": _("Pilih preset dari daftar ini."),
        },
    )
    valid_from = day_field(
        _("Mulai hari layanan"),
        _("Paling cepat besok. Kuota hari yang sudah dibuka tidak berkurang."),
    )
    instrument = instrument_field()

    def order(self, office: Office) -> PresetOrder:
        """Return the order of a valid form."""
        values: dict[str, Any] = self.cleaned_data
        return PresetOrder(
            values["preset"], office.pk, values["valid_from"], values["instrument"].strip()
        )

    def previewed(self) -> str:
        """Return which preset and day the effects are of; the page sends it back with "save"."""
        return f"{self.cleaned_data['preset']} {self.cleaned_data['valid_from']:%Y-%m-%d}"
