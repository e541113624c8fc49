"""Admin lists of policies and rules."""

from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from offices.admin import ORDERED, ReadOnlyAdmin
from quotas.policies import models
from quotas.policies.models import NoticeRule, QuotaPolicy, ReleaseRule, ReturnRule


class ScopedAdmin(ReadOnlyAdmin):
    """Rows of an office, and those of its region and the nation that also apply to it.

    Offices change theirs by decree on the rules screen, which previews and records the change; those
    of regions and the nation come from scenario files.
    """

    shows_shared = True
    screen = "counters:rules"
    screen_name = _("Aturan")
    date_hierarchy = "valid_from"
    ordering = ("-valid_from",)
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


@admin.register(NoticeRule)
class NoticeRuleAdmin(ReadOnlyAdmin):
    """Changed by decree (quotas.rules)."""

    screen = "counters:rules_notice"
    screen_name = _("Jarak pemberitahuan")
    shows_shared = True
    list_display = ("opening_hours", *ORDERED)
    list_select_related = ("office", "region")
