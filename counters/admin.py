"""Lists of the office's days, for whoever answers for them: read-only, each with its history."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.templatetags.formats import local_time
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


def moment(name: str, label: Any, *office: str) -> Any:
    """Make a column that writes a moment in the civil time of the row's own office, with its zone."""

    @admin.display(description=label, ordering=name)
    def column(_admin: Any, row: Any) -> str:
        place = row
        for step in office or ("office",):
            place = getattr(place, step)
        return local_time(getattr(row, name), place)

    return column


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
    fields = ("moment", "kind", "old", "new", "session", "by", "reason")
    readonly_fields = ("moment",)
    moment = moment("at", _("pada"), "visit", "office")


class StageRunInline(ReadOnlyInline):
    model = StageRun
    fields = ("stage", "start", "end", "result", "is_rework", "session")
    readonly_fields = ("start", "end")
    start = moment("started_at", _("mulai"), "visit", "office")
    end = moment("ended_at", _("selesai"), "visit", "office")


class BookEventInline(ReadOnlyInline):
    model = BookEvent
    fields = ("moment", "old", "new", "by", "reason")
    readonly_fields = ("moment",)
    moment = moment("at", _("pada"), "book", "office")


class PickupInline(ReadOnlyInline):
    model = Pickup
    fields = ("moment", "collector_name", "right", "evidence", "where", "by")
    readonly_fields = ("moment",)
    moment = moment("at", _("pada"), "book", "office")


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "day",
        "office",
        "lane",
        "kind",
        "status",
        "arrived",
        "started",
        "ended",
    )
    list_filter = ("status", "kind", "lane", "office")
    list_select_related = ("ticket", "office", "lane")
    date_hierarchy = "day"
    search_fields = ("booking__code",)
    search_help_text = _("Cari dengan kode booking.")
    fields = (
        "number", "booking", "office", "day", "lane", "group", "kind", "status", "arrived", "queued",
        "first_called", "calls", "started", "ended", "session", "missing",
    )  # fmt: skip
    readonly_fields = ("number", "arrived", "queued", "first_called", "started", "ended")
    arrived = moment("arrived_at", _("tiba"))
    queued = moment("queue_at", _("urutan sejak"))
    first_called = moment("first_called_at", _("panggilan pertama"))
    started = moment("started_at", _("mulai dilayani"))
    ended = moment("ended_at", _("selesai"))
    inlines = (VisitEventInline, StageRunInline)

    @admin.display(description=_("nomor"), ordering="ticket__number")
    def number(self, visit: Visit) -> str:
        return str(visit.ticket)


@admin.register(PassportBook)
class PassportBookAdmin(ReadOnlyAdmin):
    list_display = ("code", "office", "service_type", "status", "due_on", "ordered", "ready")
    list_filter = ("status", "service_type", "office")
    list_select_related = ("office", "service_type", "visit__booking")
    date_hierarchy = "ordered_at"
    search_fields = ("visit__booking__code",)
    search_help_text = _("Cari dengan kode booking.")
    fields = (
        "code", "office", "service_type", "status", "due_on", "ordered", "printed", "checked",
        "ready",
    )  # fmt: skip
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
    fields = ("moment", "code", "collector_name", "right", "evidence", "where", "by")
    readonly_fields = ("moment", "code")
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
        "opened",
        "office",
        "counter",
        "officer",
        "paused",
        "closed",
        "visits_done",
    )
    opened = moment("opened_at", _("dibuka"))
    paused = moment("paused_at", _("jeda sejak"))
    closed = moment("closed_at", _("ditutup"))
    fields = ("opened", "office", "counter", "officer", "paused", "closed")
    readonly_fields = ("opened", "paused", "closed")
    list_filter = ("office",)
    list_select_related = ("office", "counter", "officer")
    date_hierarchy = "opened_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CounterSession]:
        return super().get_queryset(request).prefetch_related("visits")

    @admin.display(description=_("kunjungan"))
    def visits_done(self, session: CounterSession) -> int:
        return len(session.visits.all())
