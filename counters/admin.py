"""Lists of the office's days, for whoever answers for them: read-only, each with its history."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from counters.models import (
    BookEvent,
    CounterSession,
    PassportBook,
    Pickup,
    StageRun,
    Visit,
    VisitEvent,
)
from offices.admin import ReadOnlyAdmin


class ReadOnlyInline(admin.TabularInline):
    """Lines that belong to a row; whoever reads the row reads them, and nobody changes them here."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class VisitEventInline(ReadOnlyInline):
    model = VisitEvent
    fields = ("at", "kind", "old", "new", "session", "by", "reason")


class StageRunInline(ReadOnlyInline):
    model = StageRun
    fields = ("stage", "started_at", "ended_at", "result", "is_rework", "session")


class BookEventInline(ReadOnlyInline):
    model = BookEvent
    fields = ("at", "old", "new", "by", "reason")


class PickupInline(ReadOnlyInline):
    model = Pickup
    fields = ("at", "collector_name", "right", "evidence", "where", "by")


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "day",
        "office",
        "lane",
        "kind",
        "status",
        "arrived_at",
        "started_at",
        "ended_at",
    )
    list_filter = ("status", "kind", "lane", "office")
    list_select_related = ("ticket", "office", "lane")
    date_hierarchy = "day"
    search_fields = ("booking__code",)
    search_help_text = _("Cari dengan kode booking.")
    fields = (
        "number", "booking", "office", "day", "lane", "group", "kind", "status", "arrived_at", "queue_at",
        "first_called_at", "calls", "started_at", "ended_at", "session", "missing",
    )  # fmt: skip
    readonly_fields = ("number",)
    inlines = (VisitEventInline, StageRunInline)

    @admin.display(description=_("nomor"), ordering="ticket__number")
    def number(self, visit: Visit) -> str:
        return str(visit.ticket)


@admin.register(PassportBook)
class PassportBookAdmin(ReadOnlyAdmin):
    list_display = ("code", "office", "service_type", "status", "due_on", "ordered_at", "ready_at")
    list_filter = ("status", "service_type", "office")
    list_select_related = ("office", "service_type", "visit__booking")
    date_hierarchy = "ordered_at"
    search_fields = ("visit__booking__code",)
    search_help_text = _("Cari dengan kode booking.")
    fields = (
        "code", "office", "service_type", "status", "due_on", "ordered_at", "printed_at", "checked_at",
        "ready_at",
    )  # fmt: skip
    readonly_fields = ("code",)
    inlines = (BookEventInline, PickupInline)

    @admin.display(description=_("kode booking"), ordering="visit__booking__code")
    def code(self, book: PassportBook) -> str:
        return book.visit.booking.code


@admin.register(Pickup)
class PickupAdmin(ReadOnlyAdmin):
    office_path = "book__office"
    list_display = ("at", "code", "right", "where", "by")
    list_filter = ("right", "where", "book__office")
    list_select_related = ("book__visit__booking", "book__office", "by")
    date_hierarchy = "at"
    search_fields = ("book__visit__booking__code",)
    search_help_text = _("Cari dengan kode booking.")

    @admin.display(description=_("kode booking"))
    def code(self, pickup: Pickup) -> str:
        return pickup.book.visit.booking.code


@admin.register(CounterSession)
class CounterSessionAdmin(ReadOnlyAdmin):
    list_display = (
        "opened_at",
        "office",
        "counter",
        "officer",
        "paused_at",
        "closed_at",
        "visits_done",
    )
    list_filter = ("office",)
    list_select_related = ("office", "counter", "officer")
    date_hierarchy = "opened_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CounterSession]:
        return super().get_queryset(request).prefetch_related("visits")

    @admin.display(description=_("kunjungan"))
    def visits_done(self, session: CounterSession) -> int:
        return len(session.visits.all())
