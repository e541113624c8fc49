"""Admin lists of offices. Roles decide the access, not Django's permissions."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from core.admin import NamedFiltersAdmin
from core.formats import hours, local_time
from core.opened_people import collect_opened_people
from offices.day_rules import models as day_rules_models
from offices.directory import models as directory_models
from offices.directory.models import Office
from offices.hours import models as hours_models
from offices.inspections import models as inspections_models
from offices.limits import models as limits_models
from offices.officer import rendered, screen_of
from offices.officers import models as officers_models
from offices.officers import services as officers_services
from offices.outages import models as outages_models
from offices.permissions import ROLES_WITH, Right, has_right, roles_by_office
from offices.reads.services import record_read
from offices.reasons import models as reasons_models
from offices.rosters import models as rosters_models
from offices.staff import models as staff_models
from offices.staff.models import Role


def offices_read(request: HttpRequest, right: Right) -> list[Office]:
    """Return the offices where the officer has a right. Their roles are read once for each request."""
    user = request.user
    if not isinstance(user, User):
        return []
    if user.kept_in_request is None:
        user.kept_in_request = {}
    pairs = roles_by_office(user, now=clock.now())
    return [one for one, roles in pairs if user.is_superuser or roles & ROLES_WITH[right]]


class RoleAdmin(NamedFiltersAdmin):
    """Rows shared by all offices: read with the right `reads` at any office, written with `writes`."""

    reads: ClassVar[Right] = Right.READ_LISTS
    writes: ClassVar[Right | None] = Right.CHANGE_LISTS

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(offices_read(request, self.reads))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(offices_read(request, self.reads))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may_write(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_write(request) and self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows in use are never deleted: a rule ends on a day, and what an office has stays on record."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return self._recorded(
            request, lambda: super(RoleAdmin, self).changelist_view(request, extra_context)
        )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        def show() -> HttpResponse:
            return super(RoleAdmin, self).changeform_view(
                request, object_id, form_url, extra_context
            )

        return self._recorded(request, show, object_id)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        return self._recorded(
            request,
            lambda: super(RoleAdmin, self).history_view(request, object_id, extra_context),
            object_id,
        )

    def _recorded(
        self, request: HttpRequest, show: Callable[[], HttpResponse], object_id: str | None = None
    ) -> HttpResponse:
        """Answer a request and record whose records it showed."""
        with collect_opened_people() as people:
            response = rendered(show())
        if response.status_code == HTTPStatus.OK and isinstance(request.user, User):
            record_read(
                by=request.user,
                office=None,
                screen=screen_of(request),
                applicant_ids=people,
                account_ids=self.accounts_shown(object_id),
                now=clock.now(),
            )
        return response

    def accounts_shown(self, object_id: str | None) -> list[int]:
        """Return the accounts whose record a form shows."""
        return []

    def _may_write(self, request: HttpRequest) -> bool:
        return self.writes is not None and bool(offices_read(request, self.writes))


class OfficeScopedAdmin(RoleAdmin):
    """Rows of an office, which `office_path` leads to; officers see those of the offices they may read.

    Read-only unless `writes` says otherwise. `shows_shared` adds rows without an office.
    """

    office_path: ClassVar[str] = "office"
    shows_shared: ClassVar[bool] = False
    writes: ClassVar[Right | None] = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.filter(self._is_readable(request))

    def _is_readable(self, request: HttpRequest) -> Q:
        ids = [office.pk for office in offices_read(request, self.reads)]
        mine = Q(**{f"{self.office_path}__in": ids})
        return mine | Q(**{f"{self.office_path}__isnull": True}) if self.shows_shared else mine

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_view_permission(request, obj):
            return False
        if obj is None:
            return True
        office = self.office_of(obj)
        if office is None:
            return self.shows_shared
        return has_right(request.user, self.reads, office=office, now=clock.now())  # type: ignore[arg-type]

    def office_of(self, obj: Model) -> Office | None:
        """Follow `office_path` from a row to its office."""
        value: Any = obj
        for name in self.office_path.split("__"):
            value = None if value is None else (value if name == "pk" else getattr(value, name))
        return value if isinstance(value, Office) else None


class ReadOnlyAdmin(OfficeScopedAdmin):
    """Rows that only services write: read-only here. `screen` is the address where they are changed."""

    screen: ClassVar[str] = ""
    screen_name: ClassVar[Any] = ""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list with a link to the screen where its rows are changed."""
        context = dict(extra_context or {})
        if self.screen:
            context |= {"screen": reverse(self.screen), "screen_name": self.screen_name}
        return super().changelist_view(request, context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):
    """Related rows, read-only. Visible to everyone who can see the parent row."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


DATED = ("valid_from", "valid_until", "instrument")
ORDERED = ("office", "region", *DATED)


class DatedAdmin(ReadOnlyAdmin):
    """Rules with a validity period and a legal instrument: changed by decree on a screen or by a scenario file."""

    date_hierarchy = "valid_from"
    ordering = ("-valid_from",)


@admin.register(directory_models.Region)
class RegionAdmin(RoleAdmin):
    list_display = ("code", "name")
    search_fields = ("code", "name")


@admin.register(directory_models.ServiceGroup)
class ServiceGroupAdmin(RoleAdmin):
    list_display = ("code", "name", "name_en")


@admin.register(directory_models.Lane)
class LaneAdmin(RoleAdmin):
    list_display = ("code", "name", "booked_at", "series")
    ordering = ("series",)


class StageStandardInline(admin.TabularInline):
    model = directory_models.StageStandard
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(offices_read(request, Right.READ_LISTS))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(offices_read(request, Right.CHANGE_LISTS))

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(directory_models.ServiceType)
class ServiceTypeAdmin(RoleAdmin):
    list_display = (
        "code",
        "name",
        "group",
        "due_working_days",
        "makes_passport",
        "standard_minutes",
    )
    list_filter = ("group", "makes_passport")
    inlines = (StageStandardInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[directory_models.ServiceType]:
        return super().get_queryset(request).select_related("group").prefetch_related("stages")

    @admin.display(description=_("menit standar"))
    def standard_minutes(self, row: directory_models.ServiceType) -> int:
        return sum(stage.minutes for stage in row.stages.all())


@admin.register(directory_models.Fee)
class FeeAdmin(RoleAdmin):
    list_display = ("product", "amount", "valid_from", "valid_until", "instrument")
    list_filter = ("product",)
    ordering = ("product", "-valid_from")


@admin.register(directory_models.Office)
class OfficeAdmin(OfficeScopedAdmin):
    office_path = "pk"
    writes = Right.CHANGE_LISTS
    list_display = (
        "code",
        "name",
        "region",
        "time_zone",
        "phone",
        "booking_stopped_reason",
    )
    list_filter = ("region", "time_zone")
    search_fields = ("code", "name")
    filter_horizontal = ("service_types",)
    # Changed only by the supervisor's switch, which records the history.
    readonly_fields = ("booking_stopped_reason",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[directory_models.Office]:
        return super().get_queryset(request).select_related("region")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(directory_models.Device)
class DeviceAdmin(OfficeScopedAdmin):
    writes = Right.CHANGE_LISTS
    list_display = ("name", "kind", "office", "counter", "minutes_a_visit")
    list_filter = ("kind", "office")
    list_select_related = ("office", "counter__hall")


@admin.register(hours_models.OpeningHours)
class OpeningHoursAdmin(ReadOnlyAdmin):
    """Changed hours move people (booking.holidays.opening_hours)."""

    screen = "holidays:hours"
    screen_name = _("Jam buka")
    date_hierarchy = "valid_from"
    ordering = ("-valid_from",)
    list_display = ("office", "weekday", "opens", "closes", *DATED)
    list_filter = ("office", "weekday")
    list_select_related = ("office",)


@admin.register(hours_models.Holiday)
class HolidayAdmin(ReadOnlyAdmin):
    """A holiday moves the people who booked its day (booking.holidays.services)."""

    screen = "holidays:holidays"
    screen_name = _("Hari libur")
    shows_shared = True
    list_display = ("day", "name", "name_en", "kind", "office")
    list_filter = ("kind", "office")
    search_fields = ("name", "name_en")
    date_hierarchy = "day"
    ordering = ("-day",)


@admin.register(hours_models.Attendance)
class AttendanceAdmin(DatedAdmin):
    screen = "counters:rules_attendance"
    screen_name = _("Kehadiran petugas")
    shows_shared = True
    list_display = ("percent", *ORDERED)
    list_filter = ("office", "region")
    list_select_related = ("office", "region")


@admin.register(hours_models.AdmissionRule)
class AdmissionRuleAdmin(DatedAdmin):
    screen = "counters:rules_admission"
    screen_name = _("Siapa yang diterima")
    shows_shared = True
    list_display = ("admits_walk_ins", "admits_companions", "has_drive_thru", *ORDERED)
    list_filter = ("office", "region")
    list_select_related = ("office", "region")


class OrderedAdmin(DatedAdmin):
    """Rules of an office, a region or the whole country."""

    shows_shared = True
    list_display: tuple[str, ...] = ("__str__", *ORDERED)
    list_filter = ("office", "region")
    list_select_related = ("office", "region")


@admin.register(limits_models.ProductRule)
class ProductRuleAdmin(OrderedAdmin):
    screen = "counters:rules_products"
    screen_name = _("Jenis paspor")


@admin.register(limits_models.Protocol)
class ProtocolAdmin(OrderedAdmin):
    screen = "counters:protocol"
    screen_name = _("Pemeriksaan di gerbang")


@admin.register(limits_models.BookingLimit)
class BookingLimitAdmin(OrderedAdmin):
    screen = "counters:rules_limit"
    screen_name = _("Batas pemesanan")
    list_display = ("subject", "most", "within_days", *ORDERED)


@admin.register(limits_models.RebookingRule)
class RebookingRuleAdmin(ReadOnlyAdmin):
    """Changed by decree, with a preview (quotas.rules)."""

    screen = "counters:rules_rebooking"
    screen_name = _("Pesan lagi setelah membatalkan")
    shows_shared = True
    list_display = ("per_person", "per_account", "within_hours", "confirmation", *ORDERED)


@admin.register(day_rules_models.DayRule)
class DayRuleAdmin(ReadOnlyAdmin):
    """Changed by decree (quotas.rules)."""

    screen = "counters:rules_day"
    screen_name = _("Aturan hari layanan")
    shows_shared = True
    list_display = ("early_minutes", "late_minutes", "after_grace", "priority_after", *ORDERED)


@admin.register(day_rules_models.HallLimit)
class HallLimitAdmin(DatedAdmin):
    office_path = "hall__office"
    list_display = ("hall", "most_people", *DATED)
    list_select_related = ("hall__office",)


@admin.register(reasons_models.Reason)
class ReasonAdmin(RoleAdmin):
    list_display = ("use", "code", "name", "name_en", "needs_note", *DATED)
    list_filter = ("use",)
    ordering = ("use", "code", "-valid_from")


@admin.register(limits_models.NoShowRule)
class NoShowRuleAdmin(OrderedAdmin):
    screen = "counters:rules_no_show"
    screen_name = _("Pembatasan setelah tidak hadir")
    list_display = ("no_shows", "within_days", "restricted_days", *ORDERED)


@admin.register(limits_models.PaymentRule)
class PaymentRuleAdmin(OfficeScopedAdmin):
    """Changed by national staff, as the fees are."""

    writes = Right.CHANGE_LISTS
    shows_shared = True
    list_display = ("timing", "hours", *ORDERED)
    list_filter = ("office", "region")
    list_select_related = ("office", "region")


class StaffRoleForm(forms.ModelForm):
    """A role that begins, or the last day of one."""

    def clean_valid_until(self) -> Any:
        """A role can end today at the earliest: what an officer did in it stays allowed."""
        last_day = self.cleaned_data["valid_until"]
        if last_day and last_day < clock.local_day(clock.now(), settings.TIME_ZONE):
            raise forms.ValidationError(officers_services.PAST_DAY)
        return last_day


@admin.register(staff_models.StaffRole)
class StaffRoleAdmin(OfficeScopedAdmin):
    """Roles, given and ended by national staff; the services record it."""

    writes = Right.CHANGE_LISTS
    form = StaffRoleForm
    fields = ("user", "role", "office", "region", "valid_from", "valid_until")
    list_display = ("user", "role", "office", "region", "valid_from", "valid_until")
    list_filter = ("role", "office")
    # Not by name: search terms appear in the URL. Only the whole address: this list does not show it.
    search_fields = ("=user__email",)
    list_select_related = ("user", "office", "region")
    raw_id_fields = ("user",)

    def _is_readable(self, request: HttpRequest) -> Q:
        """Add roles without an office (regional, national) for national officers."""
        mine = super()._is_readable(request)
        return mine | Q(office__isnull=True) if offices_read(request, Right.CHANGE_LISTS) else mine

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.office_id is None:
            return bool(offices_read(request, Right.CHANGE_LISTS))
        return super().has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a role that has not begun can be withdrawn; others end on a last day."""
        if obj is None or not obj.is_in_future(clock.local_day(clock.now(), settings.TIME_ZONE)):
            return False
        return self.has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Of a role that exists, only the last day changes."""
        return () if obj is None else ("user", "role", "office", "region", "valid_from")

    def save_model(
        self, request: HttpRequest, obj: staff_models.StaffRole, form: Any, change: bool
    ) -> None:
        """Give the role, or set its last day, by the service."""
        actor: Any = {"by": request.user, "now": clock.now()}
        if change:
            officers_services.end_role(role_id=obj.pk, last_day=obj.valid_until, **actor)
        else:
            obj.pk = officers_services.give_role(role=obj, **actor).pk

    def delete_model(self, request: HttpRequest, obj: staff_models.StaffRole) -> None:
        """Withdraw a role that has not begun, by the service."""
        actor: Any = {"by": request.user, "now": clock.now()}
        officers_services.withdraw_role(role_id=obj.pk, **actor)


@admin.register(rosters_models.RosterShift)
class RosterShiftAdmin(ReadOnlyAdmin):
    """Roster shifts; edited on the supervisor's roster screen."""

    screen = "counters:roster"
    screen_name = _("Jadwal petugas")
    list_display = (
        "officer",
        "office",
        "day",
        "hours",
        "counter",
        "overtime_reason",
        "absent_reason",
    )
    list_filter = ("office",)
    date_hierarchy = "day"
    ordering = ("-day", "officer")
    list_select_related = ("officer", "office", "counter")
    fields = (
        "officer",
        "office",
        "day",
        "hours",
        "counter",
        "overtime_reason",
        "absent_reason",
        "absent_by",
    )
    readonly_fields = ("hours",)

    @admin.display(description=_("jam"))
    def hours(self, row: rosters_models.RosterShift) -> str:
        return hours(row.starts_at, row.ends_at, row.office)


@admin.register(outages_models.Outage)
class OutageAdmin(ReadOnlyAdmin):
    """Outages; recorded at the counters."""

    list_display = ("thing_name", "office", "since", "until", "reason", "noted_by")
    list_filter = ("office",)
    date_hierarchy = "started_at"
    ordering = ("-started_at",)
    list_select_related = ("device", "counter", "office", "noted_by")
    fields = ("thing_name", "office", "since", "until", "reason", "noted_by", "ended_by")
    readonly_fields = ("thing_name", "since", "until")

    @admin.display(description=_("yang rusak"))
    def thing_name(self, row: outages_models.Outage) -> str:
        return str(row)

    @admin.display(description=_("sejak"), ordering="started_at")
    def since(self, row: outages_models.Outage) -> str:
        return local_time(row.started_at, row.office)

    @admin.display(description=_("sampai"), ordering="ended_at")
    def until(self, row: outages_models.Outage) -> str:
        return local_time(row.ended_at, row.office) or "–"


@admin.register(officers_models.OfficerEvent)
class OfficerEventAdmin(ReadOnlyAdmin):
    """Invitations, suspensions, resets and roles of officers."""

    reads = Right.READ_AUDIT
    shows_shared = True
    list_display = fields = ("moment", "office", "officer", "kind", "role", "by")
    list_filter = ("kind", "office")
    ordering = ("-at", "-id")
    list_select_related = ("office", "officer", "by")
    readonly_fields = ("moment",)

    @admin.display(description=_("pada"), ordering="at")
    def moment(self, row: officers_models.OfficerEvent) -> str:
        return local_time(row.at, row.office)


@admin.register(directory_models.StageTime)
class StageTimeAdmin(ReadOnlyAdmin):
    """Measured stage times, updated every night."""

    list_display = ("office", "service_type", "stage", "mean", "p50", "p80", "n", "until")
    list_filter = ("office", "stage")
    ordering = ("office", "service_type", "stage")
    list_select_related = ("office", "service_type")
    fields = ("office", "service_type", "stage", "mean", "p50", "p80", "n", "until")
    readonly_fields = ("until",)

    @admin.display(description=_("diukur sampai"))
    def until(self, row: directory_models.StageTime) -> str:
        return local_time(row.measured_until, row.office)


class FindingStepInline(ReadOnlyInline):
    model = inspections_models.FindingStep
    fields = ("kind", "text", "by", "at")


@admin.register(inspections_models.Finding)
class FindingAdmin(ReadOnlyAdmin):
    """Recorded and answered on the screen of inspections."""

    screen = "officers:inspections"
    screen_name = _("Pemeriksaan kantor")
    list_display = ("office", "inspected_on", "due_on", "text", "by")
    list_filter = ("office",)
    list_select_related = ("office", "by")
    inlines = (FindingStepInline,)
