"""Admin lists of windows, slots and places."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from offices.admin import ReadOnlyAdmin
from quotas.places.models import Place, ReleaseWindow, Slot


class PlacesAdmin(ReadOnlyAdmin):
    """Rows with the number of their places, and of those that are taken."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        offered = Q(places__withdrawn_at__isnull=True, places__id__isnull=False)
        return (
            super()
            .get_queryset(request)
            .annotate(
                n_offered=Count("places", filter=offered),
                n_taken=Count("places", filter=offered & Q(places__holder__isnull=False)),
            )
        )

    @admin.display(description=_("tempat"))
    def offered(self, row: Any) -> int:
        return row.n_offered

    @admin.display(description=_("terisi"))
    def taken(self, row: Any) -> int:
        return row.n_taken


@admin.register(ReleaseWindow)
class ReleaseWindowAdmin(PlacesAdmin):
    list_display = (
        "office",
        "lane",
        "first_day",
        "last_day",
        "opens_at",
        "closes_at",
        "offered",
        "taken",
        "announced_at",
    )
    list_filter = ("office", "lane", "mode")
    list_select_related = ("office", "lane")
    date_hierarchy = "opens_at"
    ordering = ("-opens_at", "-id")


@admin.register(Slot)
class SlotAdmin(PlacesAdmin):
    list_display = ("day", "starts_at", "ends_at", "office", "lane", "group", "offered", "taken")
    list_filter = ("office", "lane", "group")
    list_select_related = ("office", "lane", "group")
    date_hierarchy = "day"
    ordering = ("-day", "starts_at")


@admin.register(Place)
class PlaceAdmin(ReadOnlyAdmin):
    """Places, without `cooldown_until`: the end of the cooldown is secret."""

    office_path = "slot__office"
    list_display = ("slot", "number", "window", "is_held", "withdrawn_at")
    list_filter = ("slot__office", "slot__lane")
    list_select_related = ("slot__office", "window__office")
    fields = ("window", "slot", "number", "opens_at", "closes_at", "withdrawn_at", "is_held")

    @admin.display(description=_("terisi"), boolean=True)
    def is_held(self, row: Place) -> bool:
        return row.holder is not None
