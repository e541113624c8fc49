"""Admin lists of counted days and forecasts: read-only."""

from django.contrib import admin

from offices.admin import ReadOnlyAdmin
from reports.forecast.models import DemandDay, ForecastRun


@admin.register(DemandDay)
class DemandDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "office", "booked", "refused", "no_shows", "walk_ins")
    list_filter = ("office",)
    list_select_related = ("office",)
    date_hierarchy = "day"


@admin.register(ForecastRun)
class ForecastRunAdmin(ReadOnlyAdmin):
    list_display = ("known_until", "office", "made_at")
    list_filter = ("office",)
    list_select_related = ("office",)
    date_hierarchy = "known_until"
