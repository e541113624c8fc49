"""Recording and ending outages."""

import datetime as dt
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import InvalidInput, NotFound
from core.formats import hour_zone, local_time
from offices.directory.models import Counter, Device, Office
from offices.outages.errors import OutageOver, OutageStands
from offices.outages.models import Outage
from offices.outages.selectors import usable_on
from offices.permissions import Right, check_right

BACK: Final = dt.timedelta(days=7)  # an outage can be recorded this long afterwards
REASON_LENGTH: Final = 200


def record_outage(
    *,
    office_id: int,
    reason: str,
    by: User,
    now: dt.datetime,
    device_id: int | None = None,
    counter_id: int | None = None,
    started_at: dt.datetime | None = None,
) -> Outage:
    """Record an outage of a device or a whole counter, from a given time or from now.

    Raises NotFound, NotAllowed, InvalidInput, OutageStands when one is open already, Busy.
    """
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.RECORD_OUTAGE, office=office, now=now)
    start = started_at or now
    _check_start(reason, start, now=now)

    def already_out() -> OutageStands:
        return OutageStands(thing=_("Alat ini"), since=_("tadi"))

    errors = {"outage_once_a_device": already_out, "outage_once_a_counter": already_out}
    with busy_on_timeout(), constraints_as_errors(errors), transaction.atomic():
        thing = _lock_thing(office, device_id, counter_id, day=office.local_day(start))
        values: dict[str, Any] = {"device" if isinstance(thing, Device) else "counter": thing}
        _refuse_overlap(Outage.objects.filter(**values), start, office)
        return Outage.objects.create(
            office=office,
            started_at=start,
            reason=_collapsed(reason),
            noted_at=now,
            noted_by=by,
            **values,
        )


def end_outage(
    *, outage_id: int, by: User, now: dt.datetime, ended_at: dt.datetime | None = None
) -> Outage:
    """End an outage. Raises NotFound, NotAllowed, OutageOver, InvalidInput, Busy."""
    with busy_on_timeout(), transaction.atomic():
        rows = Outage.objects.select_for_update(no_key=True, of=("self",))
        outage = rows.select_related("office", "device", "counter").filter(pk=outage_id).first()
        if outage is None:
            raise NotFound
        check_right(by, Right.RECORD_OUTAGE, office=outage.office, now=now)
        if outage.ended_at is not None:
            raise OutageOver
        end = ended_at or max(now, outage.started_at + dt.timedelta(seconds=1))
        if end <= outage.started_at:
            text = _("Waktu berfungsi lagi harus sesudah mulai rusak, %(since)s.") % {
                "since": local_time(outage.started_at, outage.office)
            }
            raise InvalidInput(text, fields={"ended_at": [text]})
        if ended_at is not None and ended_at > now:
            text = str(_("Waktu itu belum tiba."))
            raise InvalidInput(text, fields={"ended_at": [text]})
        outage.ended_at, outage.ended_by = end, by
        outage.save(update_fields=["ended_at", "ended_by"])
        return outage


def confirm_outage(*, outage_id: int, by: User, now: dt.datetime) -> Outage:
    """Record that an open outage continues today. Raises NotFound, NotAllowed, OutageOver, Busy."""
    with busy_on_timeout(), transaction.atomic():
        rows = Outage.objects.select_for_update(no_key=True, of=("self",))
        outage = rows.select_related("office", "device", "counter").filter(pk=outage_id).first()
        if outage is None:
            raise NotFound
        check_right(by, Right.RECORD_OUTAGE, office=outage.office, now=now)
        if outage.ended_at is not None:
            raise OutageOver
        outage.confirmed_on, outage.confirmed_by = outage.office.local_day(now), by
        outage.save(update_fields=["confirmed_on", "confirmed_by"])
        return outage


def _collapsed(reason: str) -> str:
    return " ".join(reason.split())


def _check_start(reason: str, start: dt.datetime, *, now: dt.datetime) -> None:
    mistakes: dict[str, list[Any]] = {}
    if not _collapsed(reason):
        mistakes["reason"] = [_("Tulis penyebabnya atau apa yang terlihat, misalnya: layar gelap.")]
    elif len(_collapsed(reason)) > REASON_LENGTH:
        mistakes["reason"] = [_("Paling panjang 200 karakter.")]
    if start > now:
        mistakes["started_at"] = [_("Waktu itu belum tiba.")]
    elif start < now - BACK:
        mistakes["started_at"] = [_("Paling jauh tujuh hari yang lalu.")]
    if mistakes:
        raise InvalidInput(fields=mistakes)


def _lock_thing(
    office: Office, device_id: int | None, counter_id: int | None, *, day: dt.date
) -> Device | Counter:
    """Lock the device or counter, so that concurrent reports of it run one after the other.

    A counter that is out of use, and what stands at it, cannot fail.
    """
    thing: Device | Counter | None = None
    if device_id is not None and counter_id is None:
        devices = Device.objects.select_for_update(no_key=True, of=("self",))
        thing = devices.filter(usable_on(day), pk=device_id, office=office).first()
    elif counter_id is not None and device_id is None:
        counters = Counter.objects.select_for_update(no_key=True, of=("self",)).in_use_on(day)
        thing = counters.filter(pk=counter_id, hall__office=office).first()
    if thing is None:
        text = _("Pilih apa yang rusak.")
        raise InvalidInput(text, fields={"thing": [text]})
    return thing


def _refuse_overlap(rows: Any, start: dt.datetime, office: Office) -> None:
    known = rows.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=start)).order_by("started_at")
    outage = known.select_related("device", "counter").first()
    if outage is None:
        return
    if outage.ended_at is None:
        raise OutageStands(thing=str(outage), since=hour_zone(outage.started_at, office))
    text = _("Gangguan sudah tercatat sampai %(until)s. Pilih waktu sesudahnya.") % {
        "until": local_time(outage.ended_at, office)
    }
    raise InvalidInput(fields={"started_at": [text]})
