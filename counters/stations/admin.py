"""Admin lists of halls, counters and counter sessions."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import DomainError
from core.formats import moment
from counters.stations import services
from counters.visits.models import CounterSession
from offices.admin import OfficeScopedAdmin, ReadOnlyAdmin
from offices.directory.models import ZONE_NAMES, Counter, Hall, Stage, in_use_on
from offices.permissions import Right


class RetirementForm(forms.ModelForm):
    """The day from which on a hall or a counter is not used."""

    def clean_retired_on(self) -> date | None:
        """Check the day under the lock that the service holds as well: the form is saved in one transaction."""
        day: date | None = self.cleaned_data["retired_on"]
        try:
            self.check_day(day)
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error
        return day

    def check_day(self, day: date | None) -> None:
        raise NotImplementedError


class HallForm(RetirementForm):
    def check_day(self, day: date | None) -> None:
        services.check_hall_retirement(hall_id=self.instance.pk, day=day)


class CounterForm(RetirementForm):
    def check_day(self, day: date | None) -> None:
        services.check_counter_retirement(counter_id=self.instance.pk, day=day, now=clock.now())


class UseFilter(admin.SimpleListFilter):
    """In use today by the office's calendar, or not."""

    title = _("dipakai")
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("dipakai hari ini")), ("no", _("tidak dipakai lagi"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("yes", "no"):
            return queryset
        office, now = "office" if queryset.model is Hall else "hall__office", clock.now()
        in_use = Q(pk__in=[])
        for zone in ZONE_NAMES:
            day = clock.local_day(now, zone)
            in_use |= Q(**{f"{office}__time_zone": zone}) & in_use_on(day)
        return queryset.filter(in_use) if self.value() == "yes" else queryset.exclude(in_use)


class RetirableAdmin(OfficeScopedAdmin):
    """Halls and counters come from the office's scenario file; here they end on a day, by the service."""

    writes = Right.CHANGE_LISTS

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing else of the row changes here."""


@admin.register(Hall)
class HallAdmin(RetirableAdmin):
    form = HallForm
    list_display = ("name", "office", "floor", "for_groups", "for_lanes", "retired_on")
    list_filter = ("office", UseFilter)
    fields = (
        *("office", "code", "name", "name_en", "floor"),
        *("for_groups", "for_lanes", "retired_on"),
    )
    readonly_fields = fields[:-1]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Hall]:
        rows = super().get_queryset(request).select_related("office")
        return rows.prefetch_related("groups", "lanes")

    @admin.display(description=_("kelompok"))
    def for_groups(self, row: Hall) -> str:
        return ", ".join(str(group) for group in row.groups.all())

    @admin.display(description=_("jalur"))
    def for_lanes(self, row: Hall) -> str:
        return ", ".join(str(lane) for lane in row.lanes.all())

    def save_model(self, request: HttpRequest, obj: Hall, form: Any, change: bool) -> None:
        actor: Any = {"by": request.user, "now": clock.now()}
        services.retire_hall(hall_id=obj.pk, day=obj.retired_on, **actor)


@admin.register(Counter)
class CounterAdmin(RetirableAdmin):
    office_path = "hall__office"
    form = CounterForm
    list_display = ("number", "hall", "is_one_stop", "stage_names", "retired_on")
    list_filter = ("hall__office", "is_one_stop", UseFilter)
    list_select_related = ("hall__office",)
    fields = ("hall", "number", "is_one_stop", "stage_names", "retired_on")
    readonly_fields = fields[:-1]

    @admin.display(description=_("tahap"))
    def stage_names(self, row: Counter) -> str:
        return ", ".join(str(Stage(stage).label) for stage in row.stages)

    def save_model(self, request: HttpRequest, obj: Counter, form: Any, change: bool) -> None:
        actor: Any = {"by": request.user, "now": clock.now()}
        services.retire_counter(counter_id=obj.pk, day=obj.retired_on, **actor)


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
