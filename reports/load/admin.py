"""Admin list of the daily load's rows: read-only."""

from django.contrib import admin

from offices.admin import ReadOnlyAdmin
from reports.load.models import LoadRow


@admin.register(LoadRow)
class LoadRowAdmin(ReadOnlyAdmin):
    list_display = (
        "starts_on",
        "span",
        "office",
        "dimension",
        "key",
        "planned",
        "booked",
        "served",
    )
    list_filter = ("span", "dimension", "office")
    list_select_related = ("office",)
    date_hierarchy = "starts_on"
