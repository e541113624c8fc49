"""Loading a scenario: an office with its halls, hours, decrees and staff, from one file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.models import User
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
)
from offices.hours.models import Holiday, OpeningHours
from offices.hours.services import ensure_holidays
from offices.in_force import end_on, put_in_force
from offices.staff.models import Role, StaffRole
from quotas.rules.services import write_decree
from scenarios.checks import check
from scenarios.dated import DATED, Dated, columns_of, decree_from
from scenarios.errors import ScenarioRefused
from scenarios.mistakes import ScenarioMistake
from scenarios.reading import Row, Scenario, read_scenario
from scenarios.staffing import write_staffing

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Loaded:
    """The office of a file; None when the file has only rows that all offices share."""

    office: Office | None


def find_mistakes(
    *, path: Path, office: Office | None = None, start: date | None = None
) -> list[ScenarioMistake]:
    """Return every mistake of a scenario file, in the order of its lines."""
    return _checked(path, office, start).mistakes


def _checked(path: Path, office: Office | None, start: date | None) -> Scenario:
    scenario = read_scenario(path, target=office, start=start)
    check(scenario)
    scenario.mistakes[:] = sorted(set(scenario.mistakes))
    return scenario


@transaction.atomic
def load_scenario(
    *, path: Path, now: datetime, office: Office | None = None, start: date | None = None
) -> Loaded:
    """Load a scenario file, all of it or nothing; loading it again changes nothing.

    Earlier rows of the office that the file does not name end the day before the file's row for the
    same thing begins. A preset is loaded for an office, from a day on. Raises ScenarioRefused with
    the list of mistakes.
    """
    scenario = _checked(path, office, start)
    if scenario.mistakes:
        raise ScenarioRefused(mistakes=scenario.mistakes)
    ensure_holidays(now=now)
    _write_shared(scenario)
    if scenario.office is not None:
        office = _write_office(scenario.office)
    elif office is not None:
        office = Office.objects.select_for_update(no_key=True).get(pk=office.pk)
    if office is not None:
        _write_places(scenario, office)
    for section, dated in DATED.items():
        _write_dated(dated, scenario.of(section), office, scenario.region_code)
    for row in scenario.of("staff"):
        _write_staff(row, office)
    if office is not None:
        write_staffing(scenario=scenario, office=office, now=now)
    return Loaded(office)


# --- Rows that all offices share ----------------------------------------------------------------


def _write_shared(scenario: Scenario) -> None:
    for section, model in (("regions", Region), ("groups", ServiceGroup), ("lanes", Lane)):
        for row in scenario.of(section):
            values = dict(row.values)
            model._default_manager.update_or_create(code=values.pop("code"), defaults=values)
    for row in scenario.of("service_types"):
        _write_service_type(row)


def _write_service_type(row: Row) -> None:
    values = dict(row.values)
    code, stages = values.pop("code"), values.pop("stages")
    values["group"] = ServiceGroup.objects.get(code=values["group"])
    service_type, _is_new = ServiceType.objects.update_or_create(code=code, defaults=values)
    for position, stage in enumerate(stages, start=1):
        StageStandard.objects.update_or_create(
            service_type=service_type,
            stage=stage["stage"],
            defaults={"position": position, "minutes": stage["minutes"]},
        )


# --- The office ---------------------------------------------------------------------------------


def _write_office(row: Row) -> Office:
    values = dict(row.values)
    code, types = values.pop("code"), values.pop("service_types")
    values["region"] = Region.objects.get(code=values["region"])
    values["parent"] = Office.objects.filter(code=values["parent"]).first()
    Office.objects.update_or_create(code=code, defaults=values)
    # Windows are prepared under the same lock, so none is planned from half of a scenario.
    office = Office.objects.select_for_update(no_key=True).get(code=code)
    office.service_types.set(ServiceType.objects.filter(code__in=types))
    return office


def _write_places(scenario: Scenario, office: Office) -> None:
    for row in scenario.of("halls"):
        values = {name: row[name] for name in ("name", "name_en", "floor")}
        hall, _is_new = Hall.objects.update_or_create(
            office=office, code=row["code"], defaults=values
        )
        hall.groups.set(ServiceGroup.objects.filter(code__in=row["groups"]))
        hall.lanes.set(Lane.objects.filter(code__in=row["lanes"]))
    for row in scenario.of("counters"):
        Counter.objects.update_or_create(
            hall=Hall.objects.get(office=office, code=row["hall"]),
            number=row["number"],
            defaults={"is_one_stop": row["is_one_stop"], "stages": row["stages"]},
        )
    for row in scenario.of("devices"):
        Device.objects.update_or_create(
            office=office,
            name=row["name"],
            defaults={
                "kind": row["kind"],
                "counter": _counter(office, row),
                "minutes_a_visit": row["minutes_a_visit"],
            },
        )
    for row in scenario.of("holidays"):
        values = {
            "name": row["name"],
            "name_en": row["name_en"],
            "kind": Holiday.Kind.LOCAL,
        }
        Holiday.objects.update_or_create(office=office, day=row["day"], defaults=values)


def _counter(office: Office, row: Row) -> Counter | None:
    if not row["hall"]:
        return None
    return Counter.objects.get(hall__office=office, hall__code=row["hall"], number=row["counter"])


# --- Dated rows ---------------------------------------------------------------------------------


def _write_dated(dated: Dated, rows: Sequence[Row], office: Office | None, region: str) -> None:
    """Write the rows, the earliest first, so that no two overlap at any time."""
    for row in sorted(rows, key=lambda row: row["valid_from"]):
        if dated.decree is not None:
            owner = Region.objects.filter(code=region).first()
            write_decree(decree_from(row, dated.decree, office=office, region=owner))
            continue
        for key in dated.keys(row):
            columns = columns_of(dated, key, office, region) or {}
            values = _model_values(dated, row)
            put_in_force(
                dated.model,
                key=columns,
                values={name: value for name, value in values.items() if name not in columns},
            )


def _model_values(dated: Dated, row: Row) -> dict[str, Any]:
    """Return the row's values for the model, without its owner."""
    values = {
        name: value for name, value in row.values.items() if name not in ("scope", "weekdays")
    }
    if dated.model is OpeningHours:
        values["breaks"] = [
            [f"{at['first']:%H:%M}", f"{at['last']:%H:%M}", at["name"], at["name_en"]]
            for at in values["breaks"]
        ]
    return values


# --- Staff --------------------------------------------------------------------------------------


def _write_staff(row: Row, office: Office | None) -> None:
    """Give the roles; a new user gets an account that cannot sign in until a password is set."""
    user = User.objects.filter(email=row["email"]).first()
    if user is None:
        user = User.objects.create_user(
            row["email"], None, full_name=row["full_name"], language=row["language"], is_staff=True
        )
    elif (user.full_name, user.is_staff) != (row["full_name"], True):
        user.full_name, user.is_staff = row["full_name"], True
        user.save(update_fields=["full_name", "is_staff"])
    scope: dict[str, Any] = {"office": office, "region": None}
    if row["role"] == Role.REGIONAL:
        scope = {"office": None, "region": office.region if office else None}
    elif Role(row["role"]).is_national:
        scope = {"office": None, "region": None}
    _write_role(user, row, scope)


def _write_role(user: User, row: Row, scope: dict[str, Any]) -> None:
    rows = StaffRole.objects.filter(user=user, role=row["role"], **scope).order_by("valid_from")
    same = next((old for old in rows if old.valid_from == row["valid_from"]), None)
    for old in rows:
        if old is not same and old.valid_from < row["valid_from"]:
            end_on(old, row["valid_from"] - ONE_DAY)
    if same is None:
        StaffRole.objects.create(
            user=user,
            role=row["role"],
            valid_from=row["valid_from"],
            valid_until=row["valid_until"],
            **scope,
        )
    elif same.valid_until != row["valid_until"]:
        same.valid_until = row["valid_until"]
        same.save(update_fields=["valid_until"])
