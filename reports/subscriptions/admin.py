"""Admin list of subscriptions: read-only."""

from django.contrib import admin

from offices.admin import ReadOnlyAdmin
from reports.subscriptions.models import ReportSubscription


@admin.register(ReportSubscription)
class ReportSubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("officer", "office", "rhythm", "by", "started_at", "stopped_at")
    list_filter = ("rhythm", "office")
    list_select_related = ("officer", "office")
