"""Admin list of checks at the gate: read-only, without the health data."""

from django.contrib import admin

from counters.screening.models import Screening
from offices.admin import ReadOnlyAdmin


@admin.register(Screening)
class ScreeningAdmin(ReadOnlyAdmin):
    list_display = ("office", "day", "outcome", "at", "by")
    fields = ("office", "day", "protocol", "outcome", "at", "by", "erased_at")
    list_filter = ("outcome", "office")
    list_select_related = ("office", "by")
    date_hierarchy = "day"
