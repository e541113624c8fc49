"""Admin lists of the waiting list: read-only."""

from django.contrib import admin

from booking.waiting_list.models import Offer, WaitingEvent, WaitingListEntry
from offices.admin import ReadOnlyAdmin, ReadOnlyInline


class OfferInline(ReadOnlyInline):
    model = Offer
    fields = ("slot", "status", "made_at", "notified_at", "answer_by", "answered_at")
    readonly_fields = fields


class WaitingEventInline(ReadOnlyInline):
    model = WaitingEvent
    fields = ("at", "old", "new", "reason", "by")
    readonly_fields = fields


@admin.register(WaitingListEntry)
class WaitingListEntryAdmin(ReadOnlyAdmin):
    """Waiting entries at the officer's offices, in order, without names. Read-only."""

    list_display = ("joined_at", "office", "first_day", "last_day", "size", "status", "offers_made")
    list_filter = ("status", "office")
    list_select_related = ("office",)
    ordering = ("joined_at", "id")
    fields = (
        "office",
        "lane",
        "service_type",
        "first_day",
        "last_day",
        "size",
        "status",
        "offers_made",
        "joined_at",
        "notified_at",
        "ended_at",
    )
    inlines = (OfferInline, WaitingEventInline)
