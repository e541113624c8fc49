"""Admin lists of policies and rules."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from offices.admin import DatedAdmin
from quotas.policies import models
from quotas.policies.models import QuotaPolicy, ReleaseRule, ReturnRule


class ScopedAdmin(DatedAdmin):
    """Rows of an office, and those of its region and the nation that also apply to it."""

    shows_shared = True
    list_select_related: ClassVar[tuple[str, ...]] = ("office", "region", "lane", "group")

    @admin.display(description=_("berlaku untuk"))
    def scope_name(self, row: models.Scoped) -> str:
        return row.scope


@admin.register(QuotaPolicy)
class QuotaPolicyAdmin(ScopedAdmin):
    list_display = (
        "scope_name",
        "lane",
        "group",
        "base",
        "percent",
        "cap",
        "slot_minutes",
        "valid_from",
        "valid_until",
        "instrument",
    )
    list_filter = ("office", "lane", "group")


@admin.register(ReleaseRule)
class ReleaseRuleAdmin(ScopedAdmin):
    list_display = (
        "scope_name",
        "lane",
        "kind",
        "mode",
        "weekday",
        "days_ahead",
        "opens_time",
        "closes_time",
        "valid_from",
        "valid_until",
        "instrument",
    )
    list_filter = ("office", "lane", "kind")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A rule that made windows is ended by its last day, never deleted."""
        return False


@admin.register(ReturnRule)
class ReturnRuleAdmin(ScopedAdmin):
    list_display = (
        "scope_name",
        "lane",
        "rest_from_minutes",
        "rest_until_minutes",
        "answer_hours",
        "offers_at_most",
        "quiet_from",
        "quiet_until",
        "valid_from",
        "valid_until",
        "instrument",
    )
    list_filter = ("office", "lane")
    list_select_related = ("office", "region", "lane")
