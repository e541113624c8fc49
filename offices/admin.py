"""Admin lists of offices. Roles decide the access, not Django's permissions."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from core.formats import hours, local_time
from offices.directory import models as directory_models
from offices.directory.models import Office
from offices.hours import models as hours_models
from offices.limits import models as limits_models
from offices.officers import models as officers_models
from offices.outages import models as outages_models
from offices.permissions import Right, has_right, offices_with
from offices.rosters import models as rosters_models
from offices.staff import models as staff_models


def offices_read(request: HttpRequest, right: Right) -> QuerySet[Office]:
    """Return the offices where the officer has a right; computed once for each request."""
    cache: dict[Right, QuerySet[Office]] = request.__dict__.setdefault("offices_by_right", {})
    if right not in cache:
        user = request.user
        rows = offices_with(user, right, now=clock.now()) if isinstance(user, User) else None
        cache[right] = Office.objects.none() if rows is None else rows.all()
        len(cache[right])
    return cache[right]


class RoleAdmin(admin.ModelAdmin):
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
        return self.has_change_permission(request, obj)

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
        mine = Q(**{f"{self.office_path}__in": offices_read(request, self.reads)})
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
    """Rows that only services write: read-only here."""

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


class DatedAdmin(OfficeScopedAdmin):
    """Rows with a validity period and a legal instrument."""

    writes = Right.CHANGE_LISTS
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
        "attendance_today",
        "booking_stopped_reason",
    )
    list_filter = ("region", "time_zone")
    search_fields = ("code", "name")
    filter_horizontal = ("service_types",)
    # Changed only by the supervisor's switch, which records the history.
    readonly_fields = ("booking_stopped_reason",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[directory_models.Office]:
        return super().get_queryset(request).select_related("region").prefetch_related("attendance")

    @admin.display(description=_("petugas hadir hari ini"))
    def attendance_today(self, row: directory_models.Office) -> str:
        today = row.local_day(clock.now())
        attendance = next((item for item in row.attendance.all() if item.is_in_force(today)), None)
        return f"{attendance.percent if attendance else 100:.0f} %"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(directory_models.Hall)
class HallAdmin(OfficeScopedAdmin):
    writes = Right.CHANGE_LISTS
    list_display = ("name", "office", "floor", "for_groups", "for_lanes")
    list_filter = ("office",)
    filter_horizontal = ("groups", "lanes")

    def get_queryset(self, request: HttpRequest) -> QuerySet[directory_models.Hall]:
        rows = super().get_queryset(request).select_related("office")
        return rows.prefetch_related("groups", "lanes")

    @admin.display(description=_("kelompok"))
    def for_groups(self, row: directory_models.Hall) -> str:
        return ", ".join(str(group) for group in row.groups.all())

    @admin.display(description=_("jalur"))
    def for_lanes(self, row: directory_models.Hall) -> str:
        return ", ".join(str(lane) for lane in row.lanes.all())


@admin.register(directory_models.Counter)
class CounterAdmin(OfficeScopedAdmin):
    office_path = "hall__office"
    writes = Right.CHANGE_LISTS
    list_display = ("number", "hall", "is_one_stop", "stage_names")
    list_filter = ("hall__office", "is_one_stop")
    list_select_related = ("hall__office",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show stages as codes in the form and as names when read-only."""
        stages = "stages" if self.has_change_permission(request, obj) else "stage_names"
        return ["hall", "number", "is_one_stop", stages]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "stage_names"]

    @admin.display(description=_("tahap"))
    def stage_names(self, row: directory_models.Counter) -> str:
        return ", ".join(str(directory_models.Stage(stage).label) for stage in row.stages)


@admin.register(directory_models.Device)
class DeviceAdmin(OfficeScopedAdmin):
    writes = Right.CHANGE_LISTS
    list_display = ("name", "kind", "office", "counter", "minutes_a_visit")
    list_filter = ("kind", "office")
    list_select_related = ("office", "counter__hall")


@admin.register(hours_models.OpeningHours)
class OpeningHoursAdmin(DatedAdmin):
    list_display = ("office", "weekday", "opens", "closes", *DATED)
    list_filter = ("office", "weekday")
    list_select_related = ("office",)


@admin.register(hours_models.Holiday)
class HolidayAdmin(OfficeScopedAdmin):
    shows_shared = True
    writes = Right.CHANGE_LISTS
    list_display = ("day", "name", "name_en", "kind", "office")
    list_filter = ("kind", "office")
    search_fields = ("name", "name_en")
    date_hierarchy = "day"
    ordering = ("-day",)


@admin.register(hours_models.Attendance)
class AttendanceAdmin(DatedAdmin):
    list_display = ("office", "percent", "valid_from", "valid_until", "instrument")
    list_filter = ("office",)
    list_select_related = ("office",)


@admin.register(hours_models.AdmissionRule)
class AdmissionRuleAdmin(DatedAdmin):
    list_display = (
        "office",
        "admits_walk_ins",
        "admits_companions",
        "has_drive_thru",
        "valid_from",
        "valid_until",
        "instrument",
    )
    list_filter = ("office",)
    list_select_related = ("office",)


ORDERED = ("office", "region", *DATED)


class OrderedAdmin(DatedAdmin):
    """Rules of an office, a region or the whole country."""

    shows_shared = True
    list_display: tuple[str, ...] = ("__str__", *ORDERED)
    list_filter = ("office", "region")
    list_select_related = ("office", "region")


admin.site.register([limits_models.ProductRule, limits_models.Protocol], OrderedAdmin)


@admin.register(limits_models.BookingLimit)
class BookingLimitAdmin(OrderedAdmin):
    list_display = ("subject", "most", "within_days", *ORDERED)


@admin.register(limits_models.NoShowRule)
class NoShowRuleAdmin(OrderedAdmin):
    list_display = ("no_shows", "within_days", "restricted_days", *ORDERED)


@admin.register(staff_models.StaffRole)
class StaffRoleAdmin(OfficeScopedAdmin):
    writes = Right.CHANGE_LISTS
    list_display = ("user", "role", "office", "region", "valid_from", "valid_until")
    list_filter = ("role", "office")
    search_fields = ("user__email",)  # not by name: search terms appear in the URL
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


@admin.register(rosters_models.RosterShift)
class RosterShiftAdmin(ReadOnlyAdmin):
    """Roster shifts; edited on the supervisor's roster screen."""

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
    """Invitations, suspensions and resets of officers."""

    reads = Right.READ_AUDIT
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
