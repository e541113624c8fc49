"""Admin list of counter sessions: read-only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.formats import moment
from counters.visits.models import CounterSession
from offices.admin import ReadOnlyAdmin


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
