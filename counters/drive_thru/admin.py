"""Admin lists of the drive-thru lane: its hours by rule, and what was booked, read-only."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.formats import local_time, moment
from counters.drive_thru.models import DriveThruEvent, DriveThruRule, DriveThruVisit
from offices.admin import DATED, DatedAdmin, ReadOnlyAdmin, ReadOnlyInline


@admin.register(DriveThruRule)
class DriveThruRuleAdmin(DatedAdmin):
    list_display = (
        "office",
        "opens",
        "closes",
        "minutes",
        "places",
        "desk_places",
        "days_ahead",
        *DATED,
    )
    list_filter = ("office",)
    list_select_related = ("office",)


class DriveThruEventInline(ReadOnlyInline):
    model = DriveThruEvent
    fields = ("moment", "old", "new", "hour", "by", "reason")
    readonly_fields = ("moment",)
    moment = moment("at", _("pada"), "visit", "book", "office")


@admin.register(DriveThruVisit)
class DriveThruVisitAdmin(ReadOnlyAdmin):
    office_path = "book__office"
    list_display = ("starts", "code", "status", "arrived")
    fields = ("starts", "code", "status", "booked", "arrived")
    readonly_fields = ("starts", "code", "booked", "arrived")
    booked = moment("booked_at", _("dicatat"), "book", "office")
    arrived = moment("arrived_at", _("datang"), "book", "office")
    list_filter = ("status", "book__office")
    list_select_related = ("book__visit__booking", "book__office", "hour")
    date_hierarchy = "booked_at"
    search_fields = ("book__visit__booking__code",)
    search_help_text = _("Cari dengan kode booking.")
    inlines = (DriveThruEventInline,)

    @admin.display(description=_("jam"), ordering="hour__starts_at")
    def starts(self, visit: DriveThruVisit) -> str:
        return local_time(visit.hour.starts_at, visit.book.office)

    @admin.display(description=_("kode booking"))
    def code(self, visit: DriveThruVisit) -> str:
        return visit.book.visit.booking.code
