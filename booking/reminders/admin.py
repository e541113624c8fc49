"""The list of wordings of reminders, for national staff."""

from django.contrib import admin

from booking.reminders.models import ReminderWording
from offices.admin import DATED, RoleAdmin


@admin.register(ReminderWording)
class ReminderWordingAdmin(RoleAdmin):
    list_display = ("code", "text", *DATED)
    ordering = ("code", "valid_from")
