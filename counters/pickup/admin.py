"""Admin lists of passports and pickups: read-only."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.formats import moment
from counters.pickup.models import Pickup
from counters.production.models import BookEvent, PassportBook
from offices.admin import ReadOnlyAdmin, ReadOnlyInline


class BookEventInline(ReadOnlyInline):
    model = BookEvent
    fields = ("moment", "old", "new", "book_number", "by", "listed_reason", "reason")
    readonly_fields = ("moment",)
    moment = moment("at", _("pada"), "book", "office")


class PickupInline(ReadOnlyInline):
    model = Pickup
    fields = (
        "moment",
        "collector_name",
        "right",
        "evidence",
        "book_number",
        "shelf",
        "where",
        "by",
    )
    readonly_fields = ("moment",)
    moment = moment("at", _("pada"), "book", "office")


@admin.register(PassportBook)
class PassportBookAdmin(ReadOnlyAdmin):
    list_display = ("code", "office", "service_type", "status", "due_on", "ordered", "ready")
    list_filter = ("status", "service_type", "office")
    list_select_related = ("office", "service_type", "visit__booking")
    date_hierarchy = "ordered_at"
    search_fields = ("visit__booking__code",)
    search_help_text = _("Cari dengan kode booking.")
    fields = (
        "code",
        "office",
        "service_type",
        "status",
        "due_on",
        "batch",
        "book_number",
        "shelf",
        "ordered",
        "printed",
        "printed_by",
        "checked",
        "checked_by",
        "ready",
    )
    readonly_fields = ("code", "ordered", "printed", "checked", "ready")
    ordered = moment("ordered_at", _("dipesan"))
    printed = moment("printed_at", _("tercetak"))
    checked = moment("checked_at", _("diperiksa"))
    ready = moment("ready_at", _("siap"))
    inlines = (BookEventInline, PickupInline)

    @admin.display(description=_("kode booking"), ordering="visit__booking__code")
    def code(self, book: PassportBook) -> str:
        return book.visit.booking.code


@admin.register(Pickup)
class PickupAdmin(ReadOnlyAdmin):
    office_path = "book__office"
    list_display = ("moment", "code", "right", "where", "by")
    moment = moment("at", _("pada"), "book", "office")
    fields = (
        "moment",
        "code",
        "collector_name",
        "right",
        "evidence",
        "book_number",
        "shelf",
        "where",
        "by",
    )
    readonly_fields = ("moment", "code")
    list_filter = ("right", "where", "book__office")
    list_select_related = ("book__visit__booking", "book__office", "by")
    date_hierarchy = "at"
    search_fields = ("book__visit__booking__code",)
    search_help_text = _("Cari dengan kode booking.")

    @admin.display(description=_("kode booking"))
    def code(self, pickup: Pickup) -> str:
        return pickup.book.visit.booking.code
