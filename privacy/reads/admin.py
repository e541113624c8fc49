"""Officers' reading by day, for the data protection officer."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import clock
from offices.admin import RoleAdmin, offices_read
from offices.permissions import Right
from privacy.reads.models import ReadingDay
from privacy.reads.services import mark_reviewed


@admin.register(ReadingDay)
class ReadingDayAdmin(RoleAdmin):
    """How many people's records each officer opened, unusual days marked."""

    reads = Right.READ_AUDIT
    writes = None
    list_display = (
        "day",
        "officer",
        "people",
        "people_at_night",
        "usual",
        "is_unusual",
        "reviewed_at",
    )
    list_filter = ("is_unusual",)
    list_select_related = ("officer",)
    date_hierarchy = "day"
    ordering = ("-day", "-people")
    fields = readonly_fields = (
        "day",
        "officer",
        "people",
        "people_at_night",
        "usual",
        "is_unusual",
        "reviewed_at",
        "reviewed_by",
    )
    actions = ("mark_reviewed",)

    def has_review_permission(self, request: HttpRequest) -> bool:
        return bool(offices_read(request, self.reads))

    @admin.action(description=_("Tandai sudah diperiksa"), permissions=["review"])
    def mark_reviewed(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        done = mark_reviewed(day_ids=ids, by=request.user, now=clock.now())
        text = ngettext("%(n)d hari ditandai.", "%(n)d hari ditandai.", done) % {"n": done}
        self.message_user(request, text, messages.SUCCESS if done else messages.WARNING)
