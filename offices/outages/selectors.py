"""Open outages of an office or counter, and the counters that cannot take photos."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q

from core.formats import hour_zone, local_time
from offices.directory.models import Counter, Device, Office
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


def lacks_photo(counter: Counter) -> bool:
    """True if every camera, or every fingerprint reader, that the counter can use is broken."""
    mine = Q(counter=counter) | Q(counter__isnull=True, office=counter.hall.office_id)
    return counter.pk in _lacking([counter.pk], Device.objects.filter(mine))


def counters_lacking_photo(office: Office) -> frozenset[int]:
    """Return the counters of an office that cannot take photos, in two queries."""
    counters = Counter.objects.filter(hall__office=office).values_list("pk", flat=True)
    return _lacking(list(counters), Device.objects.filter(office=office))


def _lacking(counters: Iterable[int], devices: Any) -> frozenset[int]:
    """A counter uses its own devices and the shared ones. One that never had any needs none."""
    out = Outage.objects.open().filter(device=OuterRef("pk"))
    rows = devices.filter(kind__in=PHOTO_DEVICES).annotate(is_out=Exists(out))
    works: dict[tuple[int | None, str], list[bool]] = defaultdict(list)
    for counter, kind, is_out in rows.values_list("counter", "kind", "is_out"):
        works[counter, kind].append(not is_out)
    lacking = set()
    for counter in counters:
        for kind in PHOTO_DEVICES:
            usable = works.get((counter, kind), []) + works.get((None, kind), [])
            if usable and not any(usable):
                lacking.add(counter)
    return frozenset(lacking)
