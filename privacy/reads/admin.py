"""Officers' reading, by screen and by day, for the data protection officer."""

from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from core import clock
from offices.admin import RoleAdmin, offices_read
from offices.permissions import Right
from offices.reads.models import PersonRead
from privacy.reads.models import ReadingDay
from privacy.reads.selectors import screen_label
from privacy.reads.services import mark_reviewed

# Numbers of fewer digits always fit a key of 64 bits.
LONGEST_ID: Final = 19


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
        assert isinstance(request.user, User)
        ids = list(queryset.values_list("pk", flat=True))
        done = mark_reviewed(day_ids=ids, by=request.user, now=clock.now())
        text = ngettext("%(n)d hari ditandai.", "%(n)d hari ditandai.", done) % {"n": done}
        self.message_user(request, text, messages.SUCCESS if done else messages.WARNING)


@admin.register(PersonRead)
class PersonReadAdmin(RoleAdmin):
    """Which officer opened whose record on which screen, for the data protection officer."""

    reads = Right.READ_AUDIT
    writes = None
    list_display = ("at", "by", "office", "screen_name", "number")
    list_filter = ("office",)
    search_fields = ("by__email",)
    search_help_text = _("Nomor pemohon, atau alamat surel petugas.")
    date_hierarchy = "at"
    list_select_related = ("by", "office")
    ordering = ("-at", "-id")
    fields = readonly_fields = ("at", "by", "office", "screen_name", "applicant_ids", "account_ids")
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by the number of an applicant, or by the officer's address."""
        if search_term.isascii() and search_term.isdecimal() and len(search_term) < LONGEST_ID:
            return queryset.filter(applicant_ids__contains=[int(search_term)]), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("layar"), ordering="screen")
    def screen_name(self, row: PersonRead) -> str:
        return screen_label(row.screen)

    @admin.display(description=_("jumlah orang"))
    def number(self, row: PersonRead) -> int:
        return len(row.applicant_ids) + len(row.account_ids)
