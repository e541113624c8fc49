"""The form of the survey: nine questions with four answers each."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from counters.survey.elements import ELEMENTS, LOWEST


class SurveyForm(forms.Form):
    """One field for each element; the service refuses what is missing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (_name, question, answers) in ELEMENTS.items():
            choices = list(enumerate(answers, start=LOWEST))
            self.fields[name] = forms.TypedChoiceField(
                label=question,
                choices=choices,
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("Pilih satu jawaban."),
                    "invalid_choice": _("Pilih satu jawaban."),
                },
            )
