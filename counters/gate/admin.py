"""Admin list of refusals at the gate: read-only."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.formats import moment
from counters.gate.models import GateRefusal
from offices.admin import ReadOnlyAdmin


@admin.register(GateRefusal)
class GateRefusalAdmin(ReadOnlyAdmin):
    list_display = ("when", "office", "kind", "reason", "by")
    list_filter = ("kind", "office")
    list_select_related = ("office", "reason", "by")
    date_hierarchy = "day"
    fields = ("when", "office", "day", "kind", "reason", "booking", "by")
    readonly_fields = ("when",)
    when = moment("at", _("pada"), "office")
