"""Every kind of decree: applied, refused, recorded, and the same from a screen and from a file."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import time, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.validators import MaxValueValidator, MinValueValidator
from django.test import Client
from django.utils import translation

from core.errors import InvalidInput, NotFound
from offices.directory.models import Office
from offices.hours.models import AdmissionRule
from offices.staff.models import Role
from quotas.plan.decrees import (
    KINDS,
    AdmissionDecree,
    AttendanceDecree,
    DayDecree,
    Decree,
    LimitDecree,
    NoShowDecree,
    NoticeDecree,
    ProductDecree,
    QuotaDecree,
    RebookingDecree,
    ReleaseDecree,
    ReturnDecree,
    RollOverDecree,
    ranges,
    to_json,
)
from quotas.plan.faults import faults_of
from quotas.policies.errors import RuleChanged
from quotas.policies.models import RuleChange
from quotas.policies.selectors import MODELS, column, decree_of, field_label, latest_change
from quotas.rules.forms import (
    AdmissionForm,
    AttendanceForm,
    DayForm,
    DecreeForm,
    LimitForm,
    NoShowForm,
    NoticeForm,
    ProductForm,
    QuotaForm,
    RebookingForm,
    ReleaseForm,
    ReturnForm,
    RollOverForm,
)
from quotas.rules.services import apply_decree
from scenarios.schema import SECTIONS
from scenarios.services import load_scenario
from tests.builders import NOW, make_group, make_lane, make_office, make_officer

pytestmark = pytest.mark.django_db
START = NOW.date() + timedelta(days=14)
RELEASE_FORM = {
    "kind": "weekly",
    "weekday": "4",
    "month_days": "",
    "ahead": "2",
    "tranches": "40:2, 60:1",
    "opens_time": "09:00",
    "closes_time": "15:00",
    "closes_after_days": "",
    "closes_before_days": "1",
    "mode": "first_come",
    "lottery_source": "jisdor",
    "has_waiting_room": "on",
}
RETURNS = {
    "rest_from_minutes": 10,
    "rest_until_minutes": 30,
    "answer_hours": 6,
    "offers_at_most": 2,
}


@dataclass(frozen=True)
class Case:
    """One kind: valid terms; the same in its form and in its section of a file; impossible terms."""

    kind: type[Decree]
    form: type[DecreeForm]
    terms: dict[str, Any]
    address: str
    typed: dict[str, Any]
    refused: tuple[tuple[dict[str, Any], str], ...]
    section: str = ""
    row: dict[str, Any] | None = None
    # Terms that the form lacks: they stay as they are in force.
    kept: tuple[str, ...] = ()


CASES = (
    Case(
        QuotaDecree,
        QuotaForm,
        {"base": 80, "percent": Decimal("62.5"), "cap": 40},
        "quota/online/citizens/",
        {"base": "80", "percent": "62.5", "cap": "40"},
        (
            ({"base": -1}, "base"),
            ({"base": 100_001}, "base"),
            ({"percent": Decimal(1001)}, "percent"),
            ({"cap": -1}, "cap"),
            ({"slot_minutes": 4}, "slot_minutes"),
            ({"hours": ((time(12), time(8)),)}, "hours"),
        ),
        "policies",
        {"group": "citizens", "base": 80, "percent": 62.5, "cap": 40},
        kept=("slot_minutes", "hours"),
    ),
    Case(
        ReleaseDecree,
        ReleaseForm,
        {
            "kind": "weekly",
            "weekday": 4,
            "weeks_ahead": 2,
            "tranches": ((Decimal(40), 2), (Decimal(60), 1)),
            "opens_time": time(9),
            "closes_time": time(15),
            "closes_before_days": 1,
            "has_waiting_room": True,
        },
        "opening/online/citizens/",
        RELEASE_FORM,
        (
            ({"weekday": None}, "weekday"),
            ({"weekday": 8}, "weekday"),
            ({"kind": "monthly"}, "month_days"),
            ({"kind": "monthly", "month_days": (31,)}, "month_days"),
            ({"kind": "daily"}, "days_ahead"),
            ({"weeks_ahead": 27}, "weeks_ahead"),
            ({"tranches": ((Decimal(40), 2),)}, "tranches"),
            ({"tranches": ((Decimal(100), 27),)}, "tranches"),
            ({"closes_after_days": 2}, "closes_after_days"),
            ({"closes_before_days": None}, "closes_after_days"),
            ({"closes_before_days": 61}, "closes_before_days"),
            ({"mode": "draw"}, "has_waiting_room"),
            ({"tranches": (), "weeks_ahead": 0}, "opens_time"),
        ),
        "release_rules",
        {
            "kind": "weekly",
            "weekday": "thursday",
            "weeks_ahead": 2,
            "opens": "09:00",
            "closes": "15:00",
            "closes_before_days": 1,
            "waiting_room": True,
            "tranches": [{"percent": 40, "ahead": 2}, {"percent": 60, "ahead": 1}],
        },
        kept=("covers_days",),
    ),
    Case(
        ReturnDecree,
        ReturnForm,
        {**RETURNS, "quiet_from": time(21), "quiet_until": time(6)},
        "returns/",
        {**RETURNS, "quiet_from": "21:00", "quiet_until": "06:00"},
        (
            ({"rest_from_minutes": -1}, "rest_from_minutes"),
            ({"rest_until_minutes": 5}, "rest_until_minutes"),
            ({"rest_until_minutes": 1441}, "rest_until_minutes"),
            ({"answer_hours": 0}, "answer_hours"),
            ({"offers_at_most": 11}, "offers_at_most"),
        ),
        "returns",
        {**RETURNS, "quiet_from": "21:00", "quiet_until": "06:00"},
    ),
    Case(
        RollOverDecree,
        RollOverForm,
        {"to_lane": "walk_in", "at_time": time(13), "percent": Decimal(50)},
        "roll-over/",
        {"from_lane": "online", "to_lane": "walk_in", "at_time": "13:00", "percent": "50"},
        (
            ({"to_lane": "online"}, "to_lane"),
            ({"percent": Decimal(0)}, "percent"),
            ({"percent": Decimal(101)}, "percent"),
        ),
    ),
    Case(
        RebookingDecree,
        RebookingForm,
        {"within_hours": 48, "per_person": 2, "per_account": None, "confirmation": "before_first"},
        "rebooking/",
        {
            "within_hours": "48",
            "per_person": "2",
            "per_account": "",
            "confirmation": "before_first",
        },
        (
            ({"within_hours": 0}, "within_hours"),
            ({"within_hours": 169}, "within_hours"),
            ({"per_person": 0}, "per_person"),
            ({"per_account": 10_001}, "per_account"),
        ),
        "rebooking",
        {"within_hours": 48, "per_person": 2, "per_account": 0, "confirmation": "before_first"},
    ),
    Case(
        DayDecree,
        DayForm,
        {
            "early_minutes": 45,
            "late_minutes": 15,
            "after_grace": "rebook",
            "priority_after": 3,
            "calls_before_again": 2,
            "most_calls": 4,
            "kiosk_completes": True,
            "accelerated_until": time(9, 30),
            "accelerated_ready_from": time(15),
        },
        "day/",
        {
            "early_minutes": "45",
            "late_minutes": "15",
            "after_grace": "rebook",
            "priority_after": "3",
            "calls_before_again": "2",
            "most_calls": "4",
            "kiosk_completes": "on",
            "accelerated_until": "09:30",
            "accelerated_ready_from": "15:00",
        },
        (
            ({"early_minutes": 481}, "early_minutes"),
            ({"late_minutes": 481}, "late_minutes"),
            ({"priority_after": 21}, "priority_after"),
            ({"calls_before_again": 0}, "calls_before_again"),
            ({"most_calls": 11}, "most_calls"),
        ),
        "day_rules",
        {
            "early_minutes": 45,
            "late_minutes": 15,
            "after_grace": "rebook",
            "priority_after": 3,
            "calls_before_again": 2,
            "most_calls": 4,
            "kiosk_completes": True,
            "accelerated_until": "9:30",
            "accelerated_ready_from": "15:00",
        },
    ),
    Case(
        NoticeDecree,
        NoticeForm,
        {"opening_hours": 48},
        "notice/",
        {"opening_hours": "48"},
        (({"opening_hours": 721}, "opening_hours"),),
        "notice",
        {"opening_hours": 48},
    ),
    Case(
        AttendanceDecree,
        AttendanceForm,
        {"percent": Decimal(50)},
        "attendance/",
        {"percent": "50"},
        (({"percent": Decimal(101)}, "percent"), ({"percent": Decimal(-1)}, "percent")),
        "attendance",
        {"percent": 50},
    ),
    Case(
        AdmissionDecree,
        AdmissionForm,
        {"admits_walk_ins": False, "admits_companions": True, "has_drive_thru": True},
        "admission/",
        {"admits_companions": "on", "has_drive_thru": "on"},
        (),
        "admission",
        {"walk_ins": False, "companions": True, "drive_thru": True},
    ),
    Case(
        NoShowDecree,
        NoShowForm,
        {"no_shows": 2, "within_days": 60, "restricted_days": 14},
        "no-show/",
        {"no_shows": "2", "within_days": "60", "restricted_days": "14"},
        (
            ({"no_shows": 0}, "no_shows"),
            ({"within_days": 367}, "within_days"),
            ({"restricted_days": 0}, "restricted_days"),
        ),
        "no_shows",
        {"no_shows": 2, "within_days": 60, "restricted_days": 14},
    ),
    Case(
        LimitDecree,
        LimitForm,
        {"most": 3},
        "limit/",
        {"subject": "account", "within_days": "30", "most": "3"},
        (({"most": 0}, "most"),),
        "limits",
        {"subject": "account", "within_days": 30, "most": 3},
    ),
    Case(
        ProductDecree,
        ProductForm,
        {"products": ("electronic_5", "electronic_10")},
        "products/",
        {"products": ["electronic_5", "electronic_10"]},
        (({"products": ()}, "products"),),
        "products",
        {"products": ["electronic_5", "electronic_10"]},
    ),
)
IN_FILES = [case for case in CASES if case.section]
every_kind = pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind.rule)
IMPOSSIBLE = [
    pytest.param(case, changes, field, id=f"{case.kind.rule}-{field}-{number}")
    for case in CASES
    for number, (changes, field) in enumerate(
        (
            *case.refused,
            ({"instrument": "  "}, "instrument"),
            ({"valid_from": NOW.date()}, "valid_from"),
            ({"valid_until": START - timedelta(days=1)}, "valid_until"),
        )
    )
]


@pytest.fixture
def office() -> Office:
    return make_place()


def make_place() -> Office:
    """An office without rules, with the lanes and the group that the decrees name."""
    office = make_office()
    AdmissionRule.objects.filter(office=office).delete()
    for lane in ("online", "walk_in"):
        make_lane(lane)
    make_group()
    return office


def decree_for(case: Case, office: Office, **changes: Any) -> Decree:
    keys = {"lane": "online", "from_lane": "online", "group": make_group().pk}
    keys |= {"subject": "account", "within_days": 30}
    names = [name for name in case.kind.key if name in keys]
    if case.kind is ReleaseDecree:
        names.remove("group")
    values = {name: keys[name] for name in names}
    values |= {"valid_from": START, "instrument": "SK 12/2026", **case.terms, **changes}
    return case.kind(office=office.pk, **values)


def stored(case: Case, office: Office) -> list[Decree]:
    rows = MODELS[case.kind]._default_manager.filter(office=office).order_by("valid_from")
    return [decree_of(row, case.kind) for row in rows]


# --- Applied and refused --------------------------------------------------------------------------


@every_kind
def test_an_applied_decree_is_stored_unchanged(case: Case, office: Office) -> None:
    decree = decree_for(case, office)
    apply_decree(decree, by=make_officer(office, Role.SUPERVISOR), now=NOW)
    [row] = stored(case, office)
    assert replace(row, id=0) == decree


@every_kind
def test_the_history_contains_every_term_before_and_after(case: Case, office: Office) -> None:
    user, first = make_officer(office, Role.SUPERVISOR), decree_for(case, office)
    apply_decree(first, by=user, now=NOW)
    later = replace(first, valid_from=START + timedelta(days=7), instrument="SK 13/2026")
    change = apply_decree(later, by=user, now=NOW)
    terms = {name: to_json(getattr(first, name)) for name in case.kind.terms()}
    change.refresh_from_db()
    assert (change.before, change.after) == (terms, terms)
    assert (change.kind, change.lane_id, change.by, change.at) == (
        case.kind.rule,
        "online",
        user,
        NOW,
    )
    assert (change.starts_on, change.instrument) == (later.valid_from, "SK 13/2026")
    assert RuleChange.objects.earliest("pk").before == {}


@every_kind
def test_the_previous_rule_ends_and_later_ones_stay(case: Case, office: Office) -> None:
    week = timedelta(days=7)
    for first in (START, START + 2 * week, START + week):
        decree = decree_for(case, office, valid_from=first)
        apply_decree(decree, by=make_officer(office, Role.SUPERVISOR), now=NOW)
    day = timedelta(days=1)
    assert [row.valid_until for row in stored(case, office)] == [
        START + week - day,
        START + 2 * week - day,
        None,
    ]


@every_kind
def test_a_decree_for_the_same_day_replaces_the_rule(case: Case, office: Office) -> None:
    for instrument in ("SK 12/2026", "SK 13/2026"):
        apply_decree(
            decree_for(case, office, instrument=instrument),
            by=make_officer(office, Role.SUPERVISOR),
            now=NOW,
        )
    assert [row.instrument for row in stored(case, office)] == ["SK 13/2026"]
    assert RuleChange.objects.filter(office=office).count() == 2


@pytest.mark.parametrize(("case", "changes", "field"), IMPOSSIBLE)
def test_an_impossible_decree_names_its_field(
    case: Case, changes: dict[str, Any], field: str, office: Office
) -> None:
    with pytest.raises(InvalidInput) as refused:
        apply_decree(
            decree_for(case, office, **changes), by=make_officer(office, Role.SUPERVISOR), now=NOW
        )
    assert list(refused.value.fields) == [field]
    assert all(str(sentence) for sentence in refused.value.fields[field])
    assert (stored(case, office), RuleChange.objects.count()) == ([], 0)


@every_kind
def test_officers_decide_for_an_office_only(case: Case, office: Office) -> None:
    with pytest.raises(NotFound):
        apply_decree(
            replace(decree_for(case, office), office=None),
            by=make_officer(office, Role.SUPERVISOR),
            now=NOW,
        )


@every_kind
def test_of_two_concurrent_decrees_one_is_refused(
    case: Case, run_together: Callable[[Any], list[Any]]
) -> None:
    office = make_place()
    user = make_officer(office, Role.SUPERVISOR)
    basis = latest_change(office, case.kind)
    calls = [
        partial(
            apply_decree,
            decree_for(case, office, instrument=instrument),
            by=user,
            now=NOW,
            basis=basis,
        )
        for instrument in ("SK 12/2026", "SK 13/2026")
    ]
    outcomes = run_together(calls)
    [change] = [one for one in outcomes if isinstance(one, RuleChange)]
    [refused] = [one for one in outcomes if isinstance(one, RuleChanged)]
    with translation.override("id"):
        assert "baru saja diubah" in str(refused)
    assert [row.instrument for row in stored(case, office)] == [change.instrument]


@every_kind
def test_without_a_legal_basis_the_last_decree_applies(
    case: Case, run_together: Callable[[Any], list[Any]]
) -> None:
    """The control of the test above: what refuses the second decree is its basis."""
    office = make_place()
    user = make_officer(office, Role.SUPERVISOR)
    calls = [
        partial(apply_decree, decree_for(case, office, instrument=instrument), by=user, now=NOW)
        for instrument in ("SK 12/2026", "SK 13/2026")
    ]
    outcomes = run_together(calls)
    assert [type(one) for one in outcomes] == [RuleChange, RuleChange]
    last = max(outcomes, key=lambda change: change.pk)
    assert [row.instrument for row in stored(case, office)] == [last.instrument]


# --- The same from a screen and from a file -------------------------------------------------------


def decide_on_screen(case: Case, office: Office, client: Client) -> None:
    client.force_login(make_officer(office, Role.SUPERVISOR))
    dated = {"valid_from": START.isoformat(), "instrument": "SK 12/2026", "save": "1"}
    group = {"group": make_group().pk} if case.kind is RollOverDecree else {}
    answer = client.post(f"/admin/rules/{case.address}", {**case.typed, **group, **dated})
    assert answer.status_code == 302


@every_kind
def test_the_screen_stores_the_decree(
    case: Case, office: Office, client: Client, set_clock: Any
) -> None:
    set_clock(NOW)
    decide_on_screen(case, office, client)
    [row] = stored(case, office)
    assert replace(row, id=0) == decree_for(case, office)


@pytest.mark.parametrize("case", IN_FILES, ids=lambda case: case.kind.rule)
def test_a_scenario_file_stores_the_decree(case: Case, office: Office, tmp_path: Path) -> None:
    lane = {"lane": "online"} if "lane" in case.kind.key else {}
    row = {**lane, "instrument": "SK 12/2026", **(case.row or {})}
    preset = {"name": "Uji", "since": START.isoformat()}
    path = tmp_path / "uji.yaml"
    path.write_text(yaml.safe_dump({"preset": preset, case.section: [row]}), encoding="utf-8")
    for _time in range(2):
        load_scenario(path=path, now=NOW, office=office)
    [decree] = stored(case, office)
    assert replace(decree, id=0) == decree_for(case, office)


# --- Completeness of fields -----------------------------------------------------------------------


@every_kind
def test_a_decree_has_every_column_of_its_table(case: Case) -> None:
    columns = {field.attname for field in MODELS[case.kind]._meta.concrete_fields}
    assert columns == {column(case.kind, field.name) for field in fields(case.kind)}


@every_kind
def test_a_form_contains_or_preserves_every_term(case: Case) -> None:
    rhythms = {"weeks_ahead", "days_ahead", "months_ahead"}  # one field for all: `ahead`
    assert case.kind.terms() == tuple(
        name for name in case.kind.terms() if name in {*case.form.base_fields, *case.kept, *rhythms}
    )


@pytest.mark.parametrize("case", IN_FILES, ids=lambda case: case.kind.rule)
def test_a_file_can_contain_every_term(case: Case) -> None:
    assert set(case.kind.terms()) <= SECTIONS[case.section].model_fields.keys()


@every_kind
def test_decree_limits_match_the_columns(case: Case) -> None:
    for name, bounds in ranges(case.kind).items():
        for validator in MODELS[case.kind]._meta.get_field(name).validators:
            if isinstance(validator, MaxValueValidator):
                assert bounds.most <= validator.limit_value
            if isinstance(validator, MinValueValidator):
                assert bounds.least >= validator.limit_value


@every_kind
def test_decree_defaults_match_the_columns(case: Case) -> None:
    row = MODELS[case.kind]()
    for name in case.kind.terms():
        field: Any = MODELS[case.kind]._meta.get_field(name)
        if field.has_default():
            default = getattr(case.kind, name)
            assert getattr(row, name) == (list(default) if default == () else default)


@every_kind
def test_every_term_has_a_label(case: Case) -> None:
    assert all(field_label(case.kind, name) for name in case.kind.terms())


def test_every_kind_is_tested_and_labelled() -> None:
    assert tuple(case.kind for case in CASES) == KINDS
    assert {kind.rule for kind in KINDS} <= set(RuleChange.Kind.values)


@every_kind
def test_a_valid_decree_has_no_faults(case: Case, office: Office) -> None:
    assert faults_of(decree_for(case, office), today=NOW.date()) == []
