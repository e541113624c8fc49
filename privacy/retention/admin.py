"""The rules of how long data are kept, and the runs that applied them."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import fields as core_fields
from core.retention import DATA_KINDS
from offices.admin import DATED, RoleAdmin
from offices.permissions import Right
from privacy.retention.models import RetentionRule, RetentionRun, kind_choices, kind_label


class RetentionRuleForm(forms.ModelForm):
    """A rule; its kind is chosen from the registered kinds."""

    kind = forms.ChoiceField(label=_("jenis data"), choices=kind_choices)

    class Meta:
        model = RetentionRule
        fields = ("kind", "days", *DATED)
        field_classes: ClassVar = {
            "days": core_fields.IntegerField,
            "valid_from": core_fields.DateField,
            "valid_until": core_fields.DateField,
            "instrument": core_fields.CharField,
        }

    def clean(self) -> dict[str, Any]:
        """Refuse a period shorter than the service needs."""
        values = super().clean() or {}
        kind, days = DATA_KINDS.get(values.get("kind", "")), values.get("days")
        if kind is not None and days is not None and days < kind.least_days:
            text = _("Paling singkat %(days)d hari: sampai saat itu layanan masih memerlukannya.")
            self.add_error("days", text % {"days": kind.least_days})
        return values


@admin.register(RetentionRule)
class RetentionRuleAdmin(RoleAdmin):
    """How long each kind of data is kept."""

    form = RetentionRuleForm
    list_display = ("label", "days", *DATED)
    ordering = ("kind", "-valid_from")

    @admin.display(description=_("jenis data"), ordering="kind")
    def label(self, row: RetentionRule) -> str:
        return kind_label(row.kind)


@admin.register(RetentionRun)
class RetentionRunAdmin(RoleAdmin):
    """What each nightly run erased."""

    reads = Right.READ_AUDIT
    writes = None
    list_display = ("label", "days", "before", "erased", "started_at")
    fields = readonly_fields = (
        "label",
        "rule",
        "days",
        "before",
        "erased",
        "started_at",
        "ended_at",
    )
    ordering = ("-started_at", "kind")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("jenis data"), ordering="kind")
    def label(self, row: RetentionRun) -> str:
        return kind_label(row.kind)
