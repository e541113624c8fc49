"""Read-only admin lists of bookings and applicants, limited to the officer's offices."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from booking.applications.models import PassportApplication
from booking.bookings.models import Booking, BookingEvent
from booking.people.models import Applicant
from core.formats import date_long, hours
from offices.admin import ReadOnlyAdmin, ReadOnlyInline, offices_read
from offices.permissions import Right

SHOWN_DIGITS: Final = 4


class BookingEventInline(ReadOnlyInline):
    model = BookingEvent
    fields = ("at", "kind", "old", "new", "place_from", "place_to", "by", "reason")
    readonly_fields = fields
    ordering = ("at", "id")


class PassportApplicationInline(ReadOnlyInline):
    model = PassportApplication
    fields = ("service_type", "reason", "purpose", "product", "changed_at")
    readonly_fields = fields


@admin.register(Booking)
class BookingAdmin(ReadOnlyAdmin):
    """Bookings of the officer's offices. Searched by code, so that no name appears in a URL."""

    reads = Right.READ_BOOKINGS
    list_display = ("code", "day", "hour", "name", "service_type", "status", "via", "office")
    list_filter = ("status", "via", "service_type", ("slot__day", admin.DateFieldListFilter))
    list_select_related = ("applicant", "slot__office", "office", "service_type")
    search_fields = ("code",)
    search_help_text = _("Kode booking")
    ordering = ("-slot__day", "slot__starts_at", "code")
    fields = (
        "code",
        "status",
        "via",
        "name",
        "service_type",
        "office",
        "day",
        "hour",
        "place_number",
        "changes_used",
        "placed_at",
        "reminded_at",
    )
    readonly_fields = ("day", "hour", "name", "place_number")
    inlines = (BookingEventInline,)

    @admin.display(description=_("tanggal"), ordering="slot__day")
    def day(self, booking: Booking) -> str:
        return date_long(booking.slot.starts_at, booking.slot.office)

    @admin.display(description=_("jam"), ordering="slot__starts_at")
    def hour(self, booking: Booking) -> str:
        return hours(booking.slot.starts_at, booking.slot.ends_at, booking.slot.office)

    @admin.display(description=_("pemohon"))
    def name(self, booking: Booking) -> str:
        return booking.applicant.full_name

    @admin.display(description=_("nomor tempat"))
    def place_number(self, booking: Booking) -> str:
        return "" if booking.place is None else str(booking.place.number)


@admin.register(Applicant)
class ApplicantAdmin(ReadOnlyAdmin):
    """People with a booking at the officer's offices. Only the last digits of the identity number are shown."""

    reads = Right.READ_BOOKINGS
    list_display = ("full_name", "identity_kind", "nationality", "nik_differs", "created_at")
    list_filter = ("identity_kind", "nik_differs")
    # Only the whole code: a person also has codes at offices whose bookings the officer cannot read.
    search_fields = ("=bookings__code",)
    search_help_text = _("Kode booking")
    ordering = ("-created_at",)
    fields = (
        "full_name",
        "identity_kind",
        "number_end",
        "nationality",
        "birth_date",
        "sex",
        "phone",
        "nik_differs",
        "created_at",
        "removed_at",
    )
    readonly_fields = ("number_end",)
    inlines = (PassportApplicationInline,)

    @admin.display(description=_("nomor identitas"))
    def number_end(self, person: Applicant) -> str:
        return f"…{person.identity_number[-SHOWN_DIGITS:]}"

    def _is_readable(self, request: HttpRequest) -> Q:
        mine = offices_read(request, self.reads)
        return Q(Exists(Booking.objects.filter(applicant=OuterRef("pk"), office__in=mine)))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return super().has_view_permission(request)
        visible: QuerySet[Applicant] = self.get_queryset(request)
        return visible.filter(pk=obj.pk).exists()
