"""Admin list of visits: read-only, with their history."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.formats import moment
from counters.visits.models import StageRun, Visit, VisitEvent
from offices.admin import ReadOnlyAdmin, ReadOnlyInline


class VisitEventInline(ReadOnlyInline):
    model = VisitEvent
    fields = ("moment", "kind", "old", "new", "session", "by", "listed_reason", "reason")
    readonly_fields = ("moment",)
    moment = moment("at", _("pada"), "visit", "office")


class StageRunInline(ReadOnlyInline):
    model = StageRun
    fields = ("stage", "start", "end", "result", "is_rework", "session")
    readonly_fields = ("start", "end")
    start = moment("started_at", _("mulai"), "visit", "office")
    end = moment("ended_at", _("selesai"), "visit", "office")


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
        "number",
        "booking",
        "office",
        "day",
        "lane",
        "group",
        "kind",
        "status",
        "arrived",
        "queued",
        "first_called",
        "calls",
        "started",
        "ended",
        "session",
        "missing",
    )
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
