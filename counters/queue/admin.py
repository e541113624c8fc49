"""Admin list of the reasons for calling out of order."""

from django.contrib import admin

from counters.queue.models import CallReason
from offices.admin import DATED, RoleAdmin


@admin.register(CallReason)
class CallReasonAdmin(RoleAdmin):
    list_display = ("code", "name", "name_en", "needs_note", *DATED)
    ordering = ("code", "-valid_from")
