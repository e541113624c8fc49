"""Writes a scenario's roster, outages and stage times."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from offices.directory.models import Counter, Device, Office, ServiceType, StageTime
from offices.hours.selectors import working_hours
from offices.outages.models import Outage
from offices.rosters.models import RosterShift
from offices.staff.models import Role
from offices.staff.selectors import staff_of
from scenarios.errors import ScenarioRefused
from scenarios.mistakes import ScenarioMistake
from scenarios.reading import Row, Scenario
from scenarios.staff_checks import days_of


def write_staffing(*, scenario: Scenario, office: Office, now: datetime) -> None:
    """Write shifts, outages and stage durations. A second run changes nothing.

    Days on which the office does not work are left out. Raises ScenarioRefused.
    """
    for row in scenario.of("roster"):
        _write_shifts(row, office)
    for row in scenario.of("outages"):
        _write_outage(row, office, now=now)
    for row in scenario.of("stage_times"):
        values = {name: float(row[name]) for name in ("mean", "p50", "p80")}
        StageTime.objects.update_or_create(
            office=office,
            service_type=ServiceType.objects.get(code=row["service_type"]),
            stage=row["stage"],
            defaults={**values, "n": row["n"], "measured_until": now},
        )


def _write_shifts(row: Row, office: Office) -> None:
    officer = User.objects.get(email=row["officer"])
    counter = None
    if row["hall"]:
        counter = Counter.objects.get(
            hall__office=office, hall__code=row["hall"], number=row["counter"]
        )
    for day in days_of(row):
        if working_hours(office, day) is None:
            continue
        starts, ends = office.at(day, row["starts"]), office.at(day, row["ends"])
        mine = RosterShift.objects.filter(officer=officer, office=office, day=day)
        same = mine.filter(starts_at=starts, ends_at=ends, counter=counter)
        if same.exists():
            continue
        mine.filter(starts_at__lt=ends, ends_at__gt=starts).delete()
        try:
            with transaction.atomic():
                RosterShift.objects.create(
                    officer=officer,
                    office=office,
                    counter=counter,
                    day=day,
                    starts_at=starts,
                    ends_at=ends,
                )
        except IntegrityError as error:
            text = f"on {day} somebody else is rostered at this counter, or they stand elsewhere"
            raise _refused(row, "officer", text) from error


def _write_outage(row: Row, office: Office, *, now: datetime) -> None:
    device = Device.objects.get(office=office, name=row["device"])
    starts = office.at(row["first_day"], row["starts"])
    ends = None if row["ends"] is None else office.at(row["first_day"], row["ends"])
    if Outage.objects.filter(device=device, started_at=starts).exists():
        return
    by = _on_duty(office, row)
    try:
        with transaction.atomic():
            Outage.objects.create(
                office=office,
                device=device,
                started_at=starts,
                ended_at=ends,
                reason=row["reason"],
                noted_at=now,
                noted_by=by,
                ended_by=by if ends else None,
            )
    except IntegrityError as error:
        raise _refused(row, "from", "overlaps an outage that is noted already") from error


def _on_duty(office: Office, row: Row) -> User:
    supervisors = staff_of(office, role=Role.SUPERVISOR, day=row["first_day"])
    if not supervisors:
        raise _refused(row, "device", "nobody supervises the office that day; add one to staff")
    return supervisors[0]


def _refused(row: Row, name: str, text: str) -> ScenarioRefused:
    line = row.at.keys.get(name, row.at.node).start_mark.line + 1
    return ScenarioRefused(
        mistakes=[ScenarioMistake(row.at.file, line, f"{row.at.path}.{name}", text)]
    )
