"""Open outages of an office or counter, and the counters that cannot take photos."""

from datetime import date, datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q

from core.formats import hour_zone, local_time
from offices.directory.models import Counter, Device, Office, in_use_on
from offices.outages.models import Outage

# What the stage of photo and biometrics needs.
PHOTO_DEVICES: Final = (Device.Kind.CAMERA, Device.Kind.FINGERPRINT)


def open_outages(office: Office) -> list[Outage]:
    """Return open outages, longest first."""
    rows = Outage.objects.open().filter(office=office)
    return list(
        rows.select_related("office", "device__counter", "counter__hall", "noted_by").order_by(
            "started_at"
        )
    )


def usable_on(day: date) -> Q:
    """Return the condition that a device is shared, or stands at a counter in use on a day."""
    return Q(counter__isnull=True) | in_use_on(day, "counter")


def since_text(outage: Outage, office: Office, *, now: datetime) -> str:
    """Return the start of an outage as text: the time, with the day if it is not today."""
    started_at = outage.started_at
    if office.local_day(started_at) == office.local_day(now):
        return hour_zone(started_at, office)
    return local_time(started_at, office)


def concerning(counter: Counter, outages: list[Any]) -> list[Any]:
    """Return the outages that affect a counter: its own and those of shared devices."""
    return [
        row
        for row in outages
        if row.counter_id == counter.pk
        or (row.device is not None and row.device.counter_id in (None, counter.pk))
    ]


def is_without_photo(counter: Any, office: Any) -> Q:
    """Return the condition that a counter of an office takes no photos; both are ids or OuterRefs.

    A counter uses its own devices and the shared ones. It lacks the photo while every camera, or
    every fingerprint reader, that it can use is broken; one that never had any needs none.
    """
    usable = Device.objects.filter(
        Q(counter=counter) | Q(counter__isnull=True, office=office),
    )
    out = Outage.objects.open().filter(device=OuterRef("pk"))
    condition = Q()
    for kind in PHOTO_DEVICES:
        devices = usable.filter(kind=kind)
        condition |= Q(Exists(devices)) & ~Q(Exists(devices.filter(~Exists(out))))
    return condition


def lacks_photo(counter: Counter) -> bool:
    """True if every camera, or every fingerprint reader, that the counter can use is broken."""
    condition = is_without_photo(counter.pk, counter.hall.office_id)
    return Counter.objects.filter(condition, pk=counter.pk).exists()


def counters_lacking_photo(office: Office) -> frozenset[int]:
    """Return the counters of an office that cannot take photos."""
    condition = is_without_photo(OuterRef("pk"), OuterRef("hall__office"))
    rows = Counter.objects.filter(condition, hall__office=office)
    return frozenset(rows.values_list("pk", flat=True))
