"""The rest of an office's day: people inside, people expected, and counter capacity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.bookings.models import Booking
from booking.statuses import Status
from core.formats import duration
from counters.visits.models import IN_SERVICE, UNFINISHED, CounterSession, Visit
from offices.directory.models import Device, Office, Stage
from offices.hours.selectors import FULL_ATTENDANCE
from offices.outages.models import Outage
from quotas.capacity.flow import Flow, flows, hours_to_close, left_over, slot_capacities
from quotas.capacity.office_days import OfficeDay, Pool, PoolSlots
from quotas.capacity.rates import AN_HOUR, Bottleneck, Shift, rates
from quotas.capacity.selectors import spread_over
from quotas.plan.spans import Span

HALF_DONE = 0.5  # share of the work left for a visit at a counter


@dataclass(frozen=True)
class PoolRest(PoolSlots):
    """The rest of the day for one pool. `over`: people inside who cannot be served by closing."""

    inside: int
    coming: int
    capacity: int
    over: int
    close: tuple[time, time] | None
    bottleneck: Bottleneck


@dataclass(frozen=True)
class Rest:
    """The rest of today, over all pools."""

    office_day: OfficeDay
    pools: tuple[PoolRest, ...]
    lost_percent: int  # share of the remaining capacity lost to outages
    counters_open: int = 0  # counters at which an officer sits now; 0 counts the officers on duty
    could_open: int = 0  # officers on duty who could open one more usable counter

    @property
    def people(self) -> int:
        return sum(row.inside + row.coming for row in self.pools)

    @property
    def capacity(self) -> int:
        return sum(row.capacity for row in self.pools)

    @property
    def unserved(self) -> int:
        return sum(row.unserved for row in self.pools)

    @property
    def over(self) -> int:
        return sum(row.over for row in self.pools)


def rest_of_day(planned: OfficeDay, *, now: datetime) -> Rest | None:
    """Return the rest of today, as it is planned, or None if the office is closed today.

    Once counters are open, they count, not the officers who are on duty now: an officer without a
    counter serves nobody.
    """
    if not planned.cuts:
        return None
    minute = planned.minute(now)
    counters = _open_counters(planned.office)
    day = _as_open(planned, counters, minute)
    inside, coming = _inside(day), _coming(day, now=now)
    without = flows(replace(day.resources, outages=()))
    rows, could, can = [], 0.0, 0.0
    for pool in day.pools:
        flow = day.flows[pool.id]
        could += _left(without[pool.id], minute)
        can += _left(flow, minute)
        row = _pool_rest(day, pool, flow, inside[pool.id], coming[pool.id], minute)
        if row is not None:
            rows.append(row)
    lost = round((1 - can / could) * 100) if could > 0 else 0
    could_open = _staffed_at(planned, minute) - _staffed_at(day, minute) if counters else 0
    return Rest(day, tuple(rows), max(0, lost), len(counters), max(0, could_open))


def _open_counters(office: Office) -> list[int]:
    rows = CounterSession.objects.filter(office=office, closed_at__isnull=True)
    return list(rows.order_by("counter").values_list("counter_id", flat=True))


def _as_open(day: OfficeDay, counters: Sequence[int], minute: int) -> OfficeDay:
    """Return the day with the open counters instead of the shifts that run now; later shifts stay."""
    if not counters:
        return day
    shifts = day.resources.shifts
    running = [row for row in shifts if row.span[0] <= minute < row.span[1]]
    later = tuple(row for row in shifts if row.span[0] > minute)
    closing = max(end for _start, end in day.resources.spans)
    ends = sorted((row.span[1] for row in running), reverse=True)
    seated = tuple(
        Shift((minute, ends[n] if n < len(ends) else closing), counter)
        for n, counter in enumerate(counters)
    )
    # The officers at the counters are present; attendance has no share in them.
    resources = replace(day.resources, shifts=seated + later, percent=FULL_ATTENDANCE)
    return replace(day, resources=resources)


def _staffed_at(day: OfficeDay, minute: int) -> int:
    return sum(rate.staffed for rate in rates(day.resources, minute).values())


def _pool_rest(
    day: OfficeDay,
    pool: Pool,
    flow: Flow,
    inside: tuple[int, float],
    coming: list[int],
    minute: int,
) -> PoolRest | None:
    people, load = inside
    has_counters = any(counter.pool == pool.id for counter in day.resources.counters)
    if not has_counters and not people and not sum(coming):
        return None
    rows = slot_capacities(flow, day.cuts, coming, inside=load, now=minute)
    close = hours_to_close(flow, day.cuts, coming, inside=load, now=minute)
    ahead = [row for row in rows if row.span[1] > minute] or rows
    worst = max(ahead, key=lambda row: (row.unserved, -row.capacity))
    return PoolRest(
        pool=pool,
        inside=people,
        coming=sum(coming),
        capacity=int(_left(flow, minute) + 1e-6),
        over=left_over(flow, inside=load, now=minute),
        slots=tuple(rows),
        close=None if close is None else clock_span(close),
        bottleneck=worst.bottleneck,
    )


def _left(flow: Flow, minute: int) -> float:
    return flow.completes(minute, 24 * AN_HOUR)


def clock_span(span: Span) -> tuple[time, time]:
    """Return a span of minutes as times of the day."""
    start, end = (min(moment, 24 * AN_HOUR - 1) for moment in span)
    return time(start // AN_HOUR, start % AN_HOUR), time(end // AN_HOUR, end % AN_HOUR)


def _inside(day: OfficeDay) -> dict[int, tuple[int, float]]:
    """Return for each pool the people inside and their remaining work, in visits."""
    rows = Visit.objects.filter(office=day.office, day=day.day, status__in=UNFINISHED)
    inside: dict[int, tuple[int, float]] = {pool.id: (0, 0.0) for pool in day.pools}
    for lane, group, status, n in rows.values_list("lane", "group", "status").annotate(
        n=Count("pk")
    ):
        pool = day.pool_of((lane, group))
        if pool is not None:
            people, load = inside[pool.id]
            share = HALF_DONE if status in IN_SERVICE else 1.0
            inside[pool.id] = (people + n, load + n * share)
    return inside


def _coming(day: OfficeDay, *, now: datetime) -> dict[int, list[int]]:
    """Return for each pool the bookings not yet checked in, per hour of the day."""
    rows = Booking.objects.filter(
        office=day.office, slot__day=day.day, slot__ends_at__gt=now, status=Status.BOOKED
    ).values_list("slot__lane", "slot__group", "slot__starts_at", "slot__ends_at")
    coming = {pool.id: [0] * len(day.cuts) for pool in day.pools}
    for lane, group, starts_at, ends_at, n in rows.annotate(n=Count("pk")):
        pool = day.pool_of((lane, group))
        if pool is not None:
            span = (max(day.minute(starts_at), 0), day.minute(ends_at))
            for position, count in spread_over(span, n, day.cuts).items():
                coming[pool.id][position] += count
    return coming


def outages_of_day(office: Office, day: OfficeDay) -> list[Outage]:
    """Return the outages of a day, by start time."""
    begins = office.at(day.day, time())
    rows = Outage.objects.filter(office=office, started_at__lt=office.at(day.day, time.max))
    rows = rows.filter(ended_at__isnull=True) | rows.filter(ended_at__gt=begins)
    return list(
        rows.select_related("device__counter", "counter__hall", "noted_by").order_by("started_at")
    )


# --- Text ---------------------------------------------------------------------------------------


def bottleneck_text(bottleneck: Bottleneck | None) -> str:
    """Describe a bottleneck, for example "satu kamera untuk empat loket"."""
    if bottleneck is None:
        return ""
    if bottleneck.code == "device":
        return _device_text(bottleneck)
    if bottleneck.code == "nobody":
        if not bottleneck.of:
            return _("tidak ada loket")
        return _("tidak ada petugas untuk %(counters)s") % {"counters": _counters(bottleneck.of)}
    if bottleneck.code == "officers":
        values = {"officers": _officers(bottleneck.count), "counters": _counters(bottleneck.of)}
        return _("%(officers)s untuk %(counters)s") % values
    if bottleneck.code == "stage":
        values = {
            "counters": _counters(bottleneck.count),
            "stage": str(Stage(bottleneck.what).label),
        }
        return _("%(counters)s untuk tahap %(stage)s") % values
    if bottleneck.code == "slow":
        return _("satu kunjungan %(time)s, melebihi janji dua jam") % {
            "time": duration(bottleneck.count)
        }
    return _("%(counters)s, semuanya terisi") % {"counters": _counters(bottleneck.count)}


def _device_text(bottleneck: Bottleneck) -> str:
    counters = _counters(bottleneck.of)
    if not bottleneck.count:
        label = str(Device.Kind(bottleneck.what).label)
        return _("tidak ada %(device)s yang berfungsi untuk %(counters)s") % {
            "device": label,
            "counters": counters,
        }
    return _("%(devices)s untuk %(counters)s") % {
        "devices": _devices(bottleneck.what, bottleneck.count),
        "counters": counters,
    }


def _devices(kind: str, n: int) -> str:
    texts: Mapping[str, str] = {
        Device.Kind.CAMERA: ngettext("%(n)s kamera", "%(n)s kamera", n),
        Device.Kind.FINGERPRINT: ngettext(
            "%(n)s pemindai sidik jari", "%(n)s pemindai sidik jari", n
        ),
        Device.Kind.SCANNER: ngettext("%(n)s pemindai berkas", "%(n)s pemindai berkas", n),
    }
    return texts[kind] % {"n": _spelled(n)}


def _counters(n: int) -> str:
    return ngettext("%(n)s loket", "%(n)s loket", n) % {"n": _spelled(n)}


def _officers(n: int) -> str:
    return ngettext("%(n)s petugas", "%(n)s petugas", n) % {"n": _spelled(n)}


def _spelled(n: int) -> str:
    numbers = (
        _("satu"),
        _("dua"),
        _("tiga"),
        _("empat"),
        _("lima"),
        _("enam"),
        _("tujuh"),
        _("delapan"),
        _("sembilan"),
        _("sepuluh"),
    )
    return numbers[n - 1] if 1 <= n <= len(numbers) else str(n)
