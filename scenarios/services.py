"""Loading a scenario: an office with its halls, hours, decrees and staff, from one file."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation

from accounts.models import User
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import DomainError, NotFound
from counters.stations.services import retire_counter, retire_hall
from offices.directory.models import (
    Counter,
    Device,
    Hall,
    Lane,
    Office,
    Region,
    ServiceGroup,
    ServiceType,
    StageStandard,
    StageTime,
)
from offices.hours.models import Holiday
from offices.hours.selectors import working_hours
from offices.hours.services import ensure_holidays
from offices.in_force import end_on, put_in_force
from offices.limits.models import Protocol
from offices.ordered import from_far_to_near
from offices.outages.models import Outage
from offices.permissions import Right, check_right
from offices.rosters.models import RosterShift
from offices.staff.models import Role, StaffRole
from offices.staff.selectors import staff_of
from quotas.plan.decrees import Decree
from quotas.policies.errors import RuleChanged
from quotas.policies.selectors import latest_change
from quotas.rules.services import (
    OVERLAPS,
    check_decree,
    put_decree,
    record_protocol,
    require_confirmed,
    write_decree,
)
from quotas.rules.together import ChangePreview, preview_change
from quotas.windows.services import prepare_windows
from scenarios.checks import check, days_of
from scenarios.dated import columns_of, decree_of, office_decree_of
from scenarios.errors import PresetDoesNotFit, ScenarioMistake, ScenarioRefused
from scenarios.reading import Scenario, preset_names, preset_path, read_scenario
from scenarios.schema import (
    DATED,
    AtCounterRow,
    CounterRow,
    DatedRow,
    DecreeRow,
    OfficeRow,
    OpeningHoursRow,
    OutageRow,
    ProtocolRow,
    Row,
    ServiceTypeRow,
    ShiftRow,
    StaffRow,
)

ONE_DAY = timedelta(days=1)
RETIRED_ON = "retired_on"
# The sections of a preset whose effects the officers' screen shows.
PREVIEWED = ("attendance", "admission", "products", "protocols", "policies", "release_rules")


@dataclass(frozen=True)
class Loaded:
    """The office of a file; None when the file has only rows that all offices share."""

    office: Office | None


def find_mistakes(
    *, path: Path, now: datetime, office: Office | None = None, start: date | None = None
) -> list[ScenarioMistake]:
    """Return the mistakes of a scenario file, in the order of its lines, as loading it would.

    A file without mistakes is loaded in a transaction that is rolled back, because only the
    database knows some conflicts, such as shifts of the same officer at another office.
    """
    try:
        with transaction.atomic():
            load_scenario(path=path, now=now, office=office, start=start)
            transaction.set_rollback(True)
    except ScenarioRefused as refused:
        return refused.mistakes
    return []


@transaction.atomic
def load_scenario(
    *, path: Path, now: datetime, office: Office | None = None, start: date | None = None
) -> Loaded:
    """Load a scenario file, all of it or nothing; loading it again changes nothing.

    Earlier rows of the office that the file does not name end the day before the file's row for the
    same thing begins. A preset is loaded for an office, from a day on. Raises ScenarioRefused with
    the list of mistakes.
    """
    scenario = read_scenario(path, target=office, start=start)
    check(scenario)
    if scenario.mistakes:
        raise ScenarioRefused(mistakes=sorted(set(scenario.mistakes)))
    ensure_holidays(now=now)
    _write_shared(scenario)
    if scenario.office is not None:
        office = _write_office(scenario.office)
    elif office is not None:
        office = Office.objects.select_for_update(no_key=True).get(pk=office.pk)
    if office is not None:
        _write_places(scenario, office, now=now)
    for section in DATED:
        _write_dated(scenario.of(section), office, scenario.region_code)
    for row in scenario.of("staff"):
        _write_staff(row, office)
    if office is not None:
        _write_staffing(scenario, office, now=now)
    return Loaded(office)


# --- Presets from the officers' screen -----------------------------------------------------------


@dataclass(frozen=True)
class PresetOrder:
    """A preset of the project for an office, from a day on, with its legal basis."""

    preset: str
    office_id: int
    first_day: date
    instrument: str


@dataclass(frozen=True)
class PresetPreview:
    """The effects of a preset on an office, and the protocol of the gate before and after.

    `basis` is the last change of the rules concerned when the preview was made.
    """

    change: ChangePreview
    protocol_before: Protocol | None
    protocol_after: ProtocolRow | None
    basis: int


def preview_preset(*, order: PresetOrder, now: datetime) -> PresetPreview:
    """Return what a preset does to an office. Writes nothing.

    Raises NotFound, PresetDoesNotFit, InvalidInput.
    """
    office = Office.objects.select_related("region").get(pk=order.office_id)
    decrees, protocol = _checked_rules(order, office, now=now)
    return PresetPreview(
        change=preview_change(office, decrees=decrees, now=now),
        protocol_before=_protocol_before(office, order.first_day),
        protocol_after=protocol,
        basis=latest_change(office, *map(type, decrees)),
    )


@busy_on_timeout()
def apply_preset(
    *,
    order: PresetOrder,
    by: User,
    now: datetime,
    basis: int | None = None,
    confirmed: Collection[str] = (),
) -> None:
    """Put a preset's rules in force at an office, all or none; the history of its rules records each of them.

    `basis` and `confirmed` are as for `apply_decree`. Windows that are not frozen follow the rules.
    Raises NotFound, NotAllowed, PresetDoesNotFit, InvalidInput, RuleChanged, RuleOverlaps,
    ConfirmationNeeded.
    """
    with constraints_as_errors(OVERLAPS), transaction.atomic():
        office = Office.objects.select_for_update(no_key=True).get(pk=order.office_id)
        check_right(by, Right.LOAD_PRESET, office=office, now=now)
        decrees, protocol = _checked_rules(order, office, now=now)
        if basis is not None and basis != latest_change(office, *map(type, decrees)):
            raise RuleChanged
        change = preview_change(office, decrees=decrees, now=now)
        require_confirmed(change.cautions, confirmed)
        for decree in decrees:
            put_decree(decree, office=office, by=by, now=now)
        if protocol is not None:
            _put_protocol(protocol, office, by=by, now=now)
    prepare_windows(office_id=office.pk, now=now)


def _checked_rules(
    order: PresetOrder, office: Office, *, now: datetime
) -> tuple[list[Decree], ProtocolRow | None]:
    """Return the decrees of a preset and its protocol, with the order's legal basis."""
    if order.preset not in preset_names():
        raise NotFound
    scenario = read_scenario(preset_path(order.preset), target=office, start=order.first_day)
    if scenario.mistakes or any(
        rows and section not in PREVIEWED for section, rows in scenario.rows.items()
    ):
        raise PresetDoesNotFit
    decrees: list[Decree] = []
    protocol = None
    for section in PREVIEWED:
        for row in scenario.of(section):
            row.instrument = order.instrument
            decree = office_decree_of(row, office)
            if decree is None:
                protocol = row
            else:
                check_decree(decree, office=office, now=now)
                decrees.append(decree)
    return decrees, protocol


def _protocol_before(office: Office, day: date) -> Protocol | None:
    rows = from_far_to_near(Protocol, office, day)
    return rows[-1] if rows else None


def _put_protocol(row: ProtocolRow, office: Office, *, by: User, now: datetime) -> None:
    before = _protocol_before(office, row.valid_from)
    _write_dated([row], office, office.region.code)
    record_protocol(
        office=office,
        before=before,
        after=_protocol_before(office, row.valid_from),
        starts_on=row.valid_from,
        instrument=row.instrument,
        by=by,
        now=now,
    )


# --- Rows that all offices share ----------------------------------------------------------------


def _write_shared(scenario: Scenario) -> None:
    for section, model in (("regions", Region), ("groups", ServiceGroup), ("lanes", Lane)):
        for row in scenario.of(section):
            model._default_manager.update_or_create(code=row.code, defaults=row.values("code"))
    for row in scenario.of("service_types"):
        _write_service_type(row)


def _write_service_type(row: ServiceTypeRow) -> None:
    values = row.values("code", "group", "stages")
    values["group"] = ServiceGroup.objects.get(code=row.group)
    values["documents"] = [document.as_stored() for document in row.documents]
    service_type, _is_new = ServiceType.objects.update_or_create(code=row.code, defaults=values)
    for position, stage in enumerate(row.stages, start=1):
        StageStandard.objects.update_or_create(
            service_type=service_type,
            stage=stage.stage,
            defaults={"position": position, "minutes": stage.minutes},
        )


# --- The office ---------------------------------------------------------------------------------


def _write_office(row: OfficeRow) -> Office:
    values = row.values("code", "service_types")
    values["region"] = Region.objects.get(code=row.region)
    values["parent"] = Office.objects.filter(code=row.parent).first()
    Office.objects.update_or_create(code=row.code, defaults=values)
    # Windows are prepared under the same lock, so none is planned from half of a scenario.
    office = Office.objects.select_for_update(no_key=True).get(code=row.code)
    office.service_types.set(ServiceType.objects.filter(code__in=row.service_types))
    return office


def _write_places(scenario: Scenario, office: Office, *, now: datetime) -> None:
    for row in scenario.of("halls"):
        values = row.values("code", "groups", "lanes")
        hall, _is_new = Hall.objects.update_or_create(
            office=office,
            code=row.code,
            defaults={name: value for name, value in values.items() if name != RETIRED_ON},
            create_defaults=values,
        )
        hall.groups.set(ServiceGroup.objects.filter(code__in=row.groups))
        hall.lanes.set(Lane.objects.filter(code__in=row.lanes))
        if hall.retired_on != row.retired_on:
            # First of all it is in use again: its counters may be in use longer than until now.
            retire_hall(hall_id=hall.pk, day=None, by=None, now=now)
    for row in scenario.of("counters"):
        _write_counter(row, office, now=now)
    for row in scenario.of("halls"):
        hall = Hall.objects.get(office=office, code=row.code)
        with _reporting(row, RETIRED_ON):
            retire_hall(hall_id=hall.pk, day=row.retired_on, by=None, now=now)
    for row in scenario.of("devices"):
        values = {**row.values("name", "hall"), "counter": _counter(office, row)}
        Device.objects.update_or_create(office=office, name=row.name, defaults=values)
    for row in scenario.of("holidays"):
        values = {**row.values("day"), "kind": Holiday.Kind.LOCAL}
        Holiday.objects.update_or_create(office=office, day=row.day, defaults=values)


def _write_counter(row: CounterRow, office: Office, *, now: datetime) -> None:
    values = row.values("hall", "number")
    with _refusing(row, RETIRED_ON, "is used longer than its hall"):
        counter, _is_new = Counter.objects.update_or_create(
            hall=Hall.objects.get(office=office, code=row.hall),
            number=row.number,
            defaults={name: value for name, value in values.items() if name != RETIRED_ON},
            create_defaults=values,
        )
    with _reporting(row, RETIRED_ON):
        retire_counter(counter_id=counter.pk, day=row.retired_on, by=None, now=now)


def _counter(office: Office, row: AtCounterRow) -> Counter | None:
    if row.counter is None:
        return None
    return Counter.objects.get(hall__office=office, hall__code=row.hall, number=row.counter)


# --- Dated rows ---------------------------------------------------------------------------------


def _write_dated(rows: Sequence[DatedRow], office: Office | None, region: str) -> None:
    """Write the rows, the earliest first, so that no two overlap at any time."""
    for row in sorted(rows, key=lambda row: row.valid_from):
        if isinstance(row, DecreeRow):
            write_decree(decree_of(row, office, region))
            continue
        for key in row.key_values():
            columns = columns_of(type(row), key, office, region) or {}
            values = row.values("scope", "weekdays", *columns)
            if isinstance(row, OpeningHoursRow):
                values["breaks"] = [
                    [f"{at.first:%H:%M}", f"{at.last:%H:%M}", at.name, at.name_en]
                    for at in row.breaks
                ]
            if isinstance(row, ProtocolRow):
                values["items"] = [item.values() for item in row.items]
            put_in_force(row.table, key=columns, values=values)


# --- Staff --------------------------------------------------------------------------------------


def _write_staff(row: StaffRow, office: Office | None) -> None:
    """Give the role; a new user gets an account that cannot sign in until a password is set."""
    user = User.objects.filter(email=row.email).first()
    if user is None:
        user = User.objects.create_user(
            row.email, None, full_name=row.full_name, language=row.language, is_staff=True
        )
    elif (user.full_name, user.is_staff) != (row.full_name, True):
        user.full_name, user.is_staff = row.full_name, True
        user.save(update_fields=["full_name", "is_staff"])
    scope: dict[str, Any] = {"office": office, "region": None}
    if row.role == Role.REGIONAL:
        scope = {"office": None, "region": office.region if office else None}
    elif row.role.is_national:
        scope = {"office": None, "region": None}
    rows = StaffRole.objects.filter(user=user, role=row.role, **scope).order_by("valid_from")
    same = next((old for old in rows if old.valid_from == row.valid_from), None)
    for old in rows:
        if old is not same and old.valid_from < row.valid_from:
            end_on(old, row.valid_from - ONE_DAY)
    if same is None:
        dates = row.values("full_name", "email", "language")
        StaffRole.objects.create(user=user, **dates, **scope)
    elif same.valid_until != row.valid_until:
        same.valid_until = row.valid_until
        same.save(update_fields=["valid_until"])


# --- Roster, outages, stage times ---------------------------------------------------------------


def _write_staffing(scenario: Scenario, office: Office, *, now: datetime) -> None:
    for row in scenario.of("roster"):
        _write_shifts(row, office)
    for row in scenario.of("outages"):
        _write_outage(row, office, now=now)
    for row in scenario.of("stage_times"):
        values = {name: float(getattr(row, name)) for name in ("mean", "p50", "p80")}
        StageTime.objects.update_or_create(
            office=office,
            service_type=ServiceType.objects.get(code=row.service_type),
            stage=row.stage,
            defaults={**values, "n": row.n, "measured_until": now},
        )


def _write_shifts(row: ShiftRow, office: Office) -> None:
    """Write the shifts; days on which the office does not work are left out."""
    officer = User.objects.get(email=row.officer)
    counter = _counter(office, row)
    for day in days_of(row):
        if working_hours(office, day) is None:
            continue
        starts, ends = office.at(day, row.starts), office.at(day, row.ends)
        mine = RosterShift.objects.filter(officer=officer, office=office, day=day)
        if mine.filter(starts_at=starts, ends_at=ends, counter=counter).exists():
            continue
        mine.filter(starts_at__lt=ends, ends_at__gt=starts).delete()
        text = f"is rostered elsewhere on {day}, or somebody else is at this counter"
        with _refusing(row, "officer", text):
            RosterShift.objects.create(
                officer=officer,
                office=office,
                counter=counter,
                day=day,
                starts_at=starts,
                ends_at=ends,
            )


def _write_outage(row: OutageRow, office: Office, *, now: datetime) -> None:
    device = Device.objects.get(office=office, name=row.device)
    starts = office.at(row.first_day, row.starts)
    ends = None if row.ends is None else office.at(row.first_day, row.ends)
    if Outage.objects.filter(device=device, started_at=starts).exists():
        return
    supervisors = staff_of(office, role=Role.SUPERVISOR, day=row.first_day)
    if not supervisors:
        text = "nobody supervises the office that day; add one to staff"
        raise ScenarioRefused(mistakes=[row.at.mistake_of(("device",), text)])
    with _refusing(row, "from", "overlaps an outage that is noted already"):
        Outage.objects.create(
            office=office,
            device=device,
            started_at=starts,
            ended_at=ends,
            reason=row.reason,
            noted_at=now,
            noted_by=supervisors[0],
            ended_by=supervisors[0] if ends else None,
        )


@contextmanager
def _reporting(row: Row, name: str) -> Iterator[None]:
    """Turn the refusal of a service into a mistake of the row, in English as all of them."""
    with translation.override("en"):
        try:
            yield
        except DomainError as error:
            raise ScenarioRefused(mistakes=[row.at.mistake_of((name,), str(error))]) from error


@contextmanager
def _refusing(row: Row, name: str, message: str) -> Iterator[None]:
    """Turn a constraint of the database into a mistake of the row."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ScenarioRefused(mistakes=[row.at.mistake_of((name,), message)]) from error
