"""The form of a subscription."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reports.load.report import BY
from reports.subscriptions.models import ReportSubscription


class SubscriptionForm(forms.Form):
    """When, and how the rows of the report are formed. The office is that of the screen."""

    rhythm = forms.ChoiceField(label=_("Kapan"), choices=ReportSubscription.Rhythm.choices)
    by = forms.ChoiceField(label=_("Menurut"), choices=list(BY.items()), initial="day")
