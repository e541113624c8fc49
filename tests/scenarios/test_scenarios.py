"""Scenario files: loaded completely or not at all; every error has its file, line and field."""

from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils.translation import override

from accounts.models import User
from offices.directory import selectors as directory_selectors
from offices.directory.models import Counter, Device, Fee, Hall, Office, ServiceGroup, ServiceType
from offices.hours import selectors as hours_selectors
from offices.hours.models import AdmissionRule, Attendance, Holiday, OpeningHours
from offices.limits import selectors as limits_selectors
from offices.staff.models import Role, StaffRole
from quotas.calendar.selectors import calendar
from quotas.capacity.selectors import office_days
from quotas.places.models import Place
from quotas.plan.days import plan_day
from quotas.policies.models import QuotaPolicy, ReleaseRule, ReturnRule
from quotas.policies.selectors import return_terms, rules_of
from quotas.windows.services import prepare_windows
from scenarios.errors import ScenarioMistake, ScenarioRefused
from scenarios.services import find_mistakes, load_scenario
from tests.builders import next_opening
from tests.remembered import remembered

pytestmark = pytest.mark.django_db
FOLDER = Path(settings.BASE_DIR) / "scenarios"
OFFICES = {"palembang": "palembang", "balikpapan": "balikpapan", "jakarta-selatan": "jaksel"}
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
COUNTED = (
    AdmissionRule,
    Attendance,
    Counter,
    Device,
    Fee,
    Hall,
    Holiday,
    Office,
    OpeningHours,
    QuotaPolicy,
    ReleaseRule,
    ServiceType,
    StaffRole,
    User,
)


@remembered
def load(name: str, now: datetime = NOW) -> Office:
    office = load_scenario(path=FOLDER / f"{name}.yaml", now=now).office
    assert office is not None
    return office


def everything() -> dict[str, list[object]]:
    return {
        model.__name__: list(model._default_manager.order_by("pk").values()) for model in COUNTED
    }


def places_on(office: Office, day: date, lane: str = "online", group: str = "citizens") -> int:
    rules = rules_of(office, first=day, last=day)
    planned = plan_day(rules, day).lane(lane, ServiceGroup.objects.get(code=group).pk)
    return 0 if planned is None else planned.places


# --- Content of the three files -----------------------------------------------------------------


@pytest.mark.parametrize("name", [*OFFICES, "national"])
def test_the_shipped_scenarios_are_valid(name: str) -> None:
    assert find_mistakes(path=FOLDER / f"{name}.yaml", now=NOW) == []


@pytest.mark.parametrize("name", OFFICES)
def test_loading_twice_changes_nothing(name: str) -> None:
    load(name)
    before = everything()
    load(name)
    assert everything() == before


def test_palembang_opens_half_of_150_every_friday_at_14() -> None:
    office = load("palembang")
    history = {
        date(2020, 3, 2): 150,
        date(2020, 4, 1): 0,
        date(2020, 6, 15): 75,
        date(2022, 6, 1): 75,
        date(2026, 11, 30): 75,
    }
    Holiday.objects.all().delete()
    assert {day: places_on(office, day) for day in history} == history
    june = QuotaPolicy.objects.get(office=office, lane="online", valid_from=date(2022, 6, 1))
    assert (june.base, june.percent, june.valid_until) == (75, 100, date(2025, 12, 31))
    now_row = QuotaPolicy.objects.get(office=office, lane="online", valid_until=None)
    assert (now_row.base, now_row.percent) == (150, 50)
    assert places_on(office, date(2026, 11, 30), "priority") == 20
    prepare_windows(office_id=office.pk, now=NOW)
    window = next_opening(office, now=NOW)
    assert window is not None
    assert window.opens_at == datetime(2026, 11, 27, 7, tzinfo=UTC)
    assert window.places == 375


def test_balikpapan_opens_each_day_at_8_two_weeks_ahead() -> None:
    office = load("balikpapan")
    prepare_windows(office_id=office.pk, now=NOW)
    place = Place.objects.filter(
        slot__office=office, slot__day=date(2026, 12, 9), slot__lane="online"
    )[0]
    assert place.opens_at == datetime(2026, 11, 25, 0, tzinfo=UTC)
    assert place.closes_at == datetime(2026, 12, 8, 8, tzinfo=UTC)
    rule = hours_selectors.admission_on(office, NOW.date())
    assert rule is not None
    assert (rule.admits_walk_ins, rule.admits_companions, rule.has_drive_thru) == (True, True, True)
    assert all(counter.is_one_stop for counter in Counter.objects.filter(hall__office=office))
    group = ServiceGroup.objects.get(code="citizens")
    days = calendar(
        office, first=NOW.date(), last=NOW.date() + timedelta(days=14), group=group, now=NOW
    )
    assert [day.date.day for day in days if day.status == "open"] == [
        24,
        25,
        26,
        27,
        30,
        1,
        2,
        3,
        4,
        7,
    ]


@pytest.mark.parametrize("name", ["balikpapan", "jakarta-selatan"])
def test_the_counters_can_serve_every_day_of_a_week(name: str) -> None:
    """Palembang has one camera for four counters on purpose, as its file explains."""
    monday = date(2026, 11, 30)
    week = office_days(load(name), first=monday, last=monday + timedelta(days=4))
    assert [day.unserved for day in week] == [0] * 5
    assert all(row.needed for day in week for row in day.by_pool)


def test_jakarta_selatan_separates_citizens_and_foreigners() -> None:
    office = load("jakarta-selatan")
    floors = {
        group.code: hall.floor
        for hall in office.halls.filter(lanes="online")
        for group in hall.groups.all()
    }
    assert floors == {"citizens": "2", "foreigners": "3"}
    assert office.halls.filter(lanes="priority").count() == 1
    rule = hours_selectors.admission_on(office, NOW.date())
    assert rule is not None
    assert (rule.admits_walk_ins, rule.admits_companions) == (False, False)
    assert hours_selectors.attendance_on(office, NOW.date()) == 50
    day = date(2026, 11, 25)
    assert places_on(office, day) == 120
    assert places_on(office, day, group="foreigners") == 30


@pytest.mark.parametrize("name", OFFICES)
def test_slots_pause_for_lunch_and_friday_prayer(name: str) -> None:
    office = load(name)
    rules = rules_of(office, first=date(2026, 11, 26), last=date(2026, 11, 27))
    for day, starts in (
        (date(2026, 11, 26), ["08:00", "09:00", "10:00", "11:00", "13:00", "14:00"]),
        (date(2026, 11, 27), ["08:00", "09:00", "10:00", "11:00", "13:00", "14:00"]),
    ):
        lane = plan_day(rules, day).lanes[-1]
        online = next(row for row in plan_day(rules, day).lanes if row.lane == "online")
        assert lane is not None
        assert [f"{slot.starts_at:%H:%M}" for slot in online.slots] == starts
    assert f"{online.slots[3].ends_at:%H:%M}" == "11:30"


@pytest.mark.parametrize("name", OFFICES)
def test_office_staff_cannot_sign_in_without_a_password(
    name: str,
) -> None:
    office = load(name)
    roles = [role.role for role in StaffRole.objects.filter(office=office)]
    assert {Role.GATE, Role.COUNTER, Role.PICKUP, Role.SUPERVISOR} == set(roles)
    assert roles.count(Role.COUNTER) >= 2
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert StaffRole.objects.filter(role=Role.NATIONAL).count() == 1


def test_fees_change_by_regulation() -> None:
    load("palembang")
    fees = {
        ("plain_5", date(2017, 12, 1)): 355_000,
        ("plain_5", date(2020, 1, 1)): 350_000,
        ("electronic_10", date(2024, 12, 16)): 650_000,
        ("electronic_10", date(2024, 12, 17)): 950_000,
        ("plain_10", date(2020, 1, 1)): None,
    }
    assert {key: directory_selectors.fee_on(*key) for key in fees} == fees


def test_a_new_passport_has_stages_documents_and_a_deadline() -> None:
    load("palembang")
    service_type = ServiceType.objects.get(code="new")
    stages = [(row.stage, row.minutes) for row in service_type.stages.all()]
    assert stages == [("documents", 8), ("interview", 10), ("photo", 6)]
    assert service_type.due_working_days == 4
    assert [row["code"] for row in service_type.documents][:2] == ["ktp", "kk"]


def test_some_office_always_has_two_open_days() -> None:
    """Includes holiday weeks such as Lebaran, and the minutes before an opening."""
    offices = [load(name) for name in OFFICES]
    group = ServiceGroup.objects.get(code="citizens").pk
    first = NOW.date()
    everyones = [rules_of(row, first=first, last=first + timedelta(days=800)) for row in offices]
    plans = [
        [plan_day(rules, first + timedelta(days=step)).lane("online", group) for step in range(770)]
        for rules in everyones
    ]
    for step in range(730):
        now = datetime.combine(first + timedelta(days=step), datetime.min.time(), UTC)
        now -= timedelta(minutes=1)  # 07.59 WITA: before the day's own opening
        best = max(
            sum(
                bool(lane and lane.opens_at <= now < lane.closes_at and len(lane.slots) > 1)
                for lane in lanes[step + 3 : step + 40]
            )
            for lanes in plans
        )
        assert best >= 2, now


def test_holidays_are_loaded_and_keep_manual_changes() -> None:
    load("palembang")
    christmas = Holiday.objects.get(day=date(2026, 12, 25))
    eve = Holiday.objects.get(day=date(2026, 12, 24))
    assert (christmas.kind, christmas.name) == ("national", "Hari Raya Natal")
    assert (eve.kind, "Cuti Bersama" in eve.name) == ("cuti_bersama", True)
    assert christmas.name_en
    years = {day.year for day in Holiday.objects.values_list("day", flat=True)}
    assert years == {2025, 2026, 2027, 2028}
    christmas.name = "Natal"
    christmas.save(update_fields=["name"])
    load("palembang")
    assert Holiday.objects.get(day=date(2026, 12, 25)).name == "Natal"


# --- Changed rows -------------------------------------------------------------------------------

SMALL = """\
include: national.yaml
office:
  code: uji
  name: Kantor Uji
  region: dki
  time_zone: Asia/Jakarta
  address: Jalan Uji 1
  service_types: [new]
halls:
  - {code: utama, name: Utama, floor: "1", groups: [citizens], lanes: [online]}
counters:
  - {hall: utama, number: 1, one_stop: yes, stages: [documents, interview, photo]}
devices:
  - {name: Kamera 1, kind: camera, hall: utama, counter: 1}
opening_hours:
  - weekdays: [monday, tuesday, wednesday, thursday, friday]
    opens: "08:00"
    closes: "15:00"
    breaks:
      - {from: "12:00", to: "13:00", name: Istirahat, name_en: Lunch}
    valid_from: 2020-01-01
    instrument: SK 1
attendance:
  - {percent: 50, valid_from: 2020-01-01, instrument: SK 1}
admission:
  - {walk_ins: yes, companions: no, valid_from: 2020-01-01, instrument: SK 1}
policies:
  - {lane: online, group: citizens, base: 75, valid_from: 2020-01-01, instrument: SK 1}
release_rules:
  - {lane: online, kind: weekly, weekday: friday, opens: "14:00", closes_after_days: 2, closes: "16:00", valid_from: 2020-01-01, instrument: SK 1}
staff:
  - {name: Budi, email: budi@imigrasi.example, role: counter, valid_from: 2020-01-01}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "uji.yaml"
    path.write_text(SMALL)
    return path


def change(path: Path, old: str, new: str) -> Path:
    assert old in SMALL
    path.write_text(SMALL.replace(old, new, 1))
    return path


def test_a_later_decree_ends_the_previous_row(file: Path) -> None:
    load_scenario(path=file, now=NOW)
    later = "base: 100, valid_from: 2027-01-01, instrument: SK 2}"
    change(file, "base: 75, valid_from: 2020-01-01, instrument: SK 1}", later)
    load_scenario(path=file, now=NOW)
    rows = QuotaPolicy.objects.filter(office__code="uji").order_by("valid_from")
    assert [(row.base, row.valid_until) for row in rows] == [(75, date(2026, 12, 31)), (100, None)]


def test_a_row_of_the_same_day_is_corrected(file: Path) -> None:
    load_scenario(path=file, now=NOW)
    row = QuotaPolicy.objects.get(office__code="uji")
    load_scenario(path=change(file, "base: 75", "base: 80"), now=NOW)
    assert QuotaPolicy.objects.get(office__code="uji").base == 80
    assert QuotaPolicy.objects.get(office__code="uji").pk == row.pk


# --- Halls and counters that end ------------------------------------------------------------------
MORE = """\
  - {code: utama, name: Utama, floor: "1", groups: [citizens], lanes: [online]HALL}
  - {code: dua, name: Dua, floor: "2", groups: [citizens], lanes: [online]}
counters:
  - {hall: utama, number: 1, one_stop: yes, stages: [documents, interview, photo]COUNTER}
  - {hall: dua, number: 2, one_stop: yes, stages: [documents, interview, photo]}
"""


def with_ends(file: Path, *, hall: str = "", counter: str = "", roster: str = "") -> Path:
    """Give the file a second hall, and the first one and its counter these last days."""
    head, rest = SMALL.split("  - {code: utama")
    places = MORE.replace("HALL", hall and f", retired_on: {hall}")
    places = places.replace("COUNTER", counter and f", retired_on: {counter}")
    file.write_text(head + places + "devices:" + rest.split("devices:", 1)[1] + roster)
    return file


def ends(office: str = "uji") -> list[tuple[date | None, date | None]]:
    rows = Counter.objects.filter(hall__office__code=office).order_by("number")
    return [(row.hall.retired_on, row.retired_on) for row in rows.select_related("hall")]


def test_a_hall_and_its_counter_end_and_are_used_again(file: Path) -> None:
    first, later = date(2027, 1, 4), date(2027, 2, 1)
    for hall, counter in (
        (None, None),
        (first, first),
        (later, first),
        (later, later),
        (None,) * 2,
    ):
        load_scenario(
            path=with_ends(file, hall=str(hall or ""), counter=str(counter or "")), now=NOW
        )
        assert ends() == [(hall, counter), (None, None)]
        before = everything()
        load_scenario(path=file, now=NOW)
        assert everything() == before
    Office.objects.filter(code="uji").update(code="lama")
    load_scenario(path=with_ends(file, hall=str(first), counter=str(first)), now=NOW)
    assert ends() == [(first, first), (None, None)], "also in a new office"


ROSTER = """\
roster:
  - {officer: budi@imigrasi.example, first_day: 2027-01-04, from: "08:00", to: "12:00", hall: utama, counter: 1}
"""


@pytest.mark.parametrize(
    ("hall", "counter", "roster", "text"),
    [
        ("2027-01-04", "", "", "is used longer than its hall, which is out of use from 2027-01-04"),
        ("2027-01-04", "2027-01-05", "", "is used longer than its hall"),
        ("", "2027-01-04", ROSTER, "1 of utama is out of use from 2027-01-04"),
    ],
)
def test_a_counter_used_after_its_end_is_a_mistake(
    file: Path, hall: str, counter: str, roster: str, text: str
) -> None:
    with_ends(file, hall=hall, counter=counter, roster=roster)
    assert [text in str(each) for each in find_mistakes(path=file, now=NOW)] == [True]


def test_a_stored_shift_keeps_the_counter_in_use(file: Path) -> None:
    load_scenario(path=with_ends(file, roster=ROSTER), now=NOW)
    [mistake] = find_mistakes(path=with_ends(file, counter="2027-01-01"), now=NOW)
    assert (mistake.field, mistake.line) == ("counters[1].retired_on", 13)
    assert "Roster: 4 January 2027." in mistake.message.replace("\xa0", " ")
    assert not find_mistakes(path=with_ends(file, counter="2027-01-05"), now=NOW)


def test_the_only_hall_of_a_lane_stays_in_use(file: Path) -> None:
    load_scenario(path=file, now=NOW)
    change(file, "lanes: [online]}", "lanes: [online], retired_on: 2027-01-04}")
    stages = "stages: [documents, interview, photo]}"
    ended = stages.replace("]}", "], retired_on: 2027-01-04}")
    file.write_text(file.read_text().replace(stages, ended))
    [mistake] = find_mistakes(path=file, now=NOW)
    assert mistake.field == "halls[1].retired_on"
    assert "Services that only this hall has: " in mistake.message


def test_a_later_database_row_is_not_overwritten_silently(file: Path) -> None:
    load_scenario(path=file, now=NOW)
    office = Office.objects.get(code="uji")
    first = QuotaPolicy.objects.get(office=office)
    first.valid_until = date(2027, 5, 31)
    first.save(update_fields=["valid_until"])
    QuotaPolicy.objects.create(
        office=office,
        lane_id="online",
        group=first.group,
        base=10,
        valid_from=date(2027, 6, 1),
        instrument="SK 9",
    )
    [mistake] = mistakes_of(file)
    assert (mistake.line, mistake.field) == (28, "policies[1].valid_until")
    assert "2027-06-01" in mistake.message


# --- Errors -------------------------------------------------------------------------------------


def mistakes_of(path: Path) -> list[ScenarioMistake]:
    before = everything()
    with pytest.raises(ScenarioRefused) as refused:
        load_scenario(path=path, now=NOW)
    assert everything() == before
    mistakes: list[ScenarioMistake] = refused.value.mistakes
    assert all(mistake.file == str(path) for mistake in mistakes)
    return mistakes


MISTAKES = [
    ("base: 75", "base: -1", 28, "policies[1].base", "from 0"),
    ("base: 75", "base: many", 28, "policies[1].base", "whole number"),
    ("base: 75", "base: 75, percent: -5", 28, "policies[1].percent", "from 0 to 1000"),
    ("base: 75", "bases: 75", 28, "policies[1].bases", "did you mean base?"),
    ("base: 75, ", "", 28, "policies[1].base", "is missing"),
    ("lane: online, group", "lane: fast, group", 28, "policies[1].lane", "online"),
    ("group: citizens, base", "group: people, base", 28, "policies[1].group", "citizens"),
    (
        "base: 75, valid_from: 2020-01-01",
        "base: 75, valid_from: 2020-02-31",
        28,
        "policies[1].valid_from",
        "calendar",
    ),
    (
        "base: 75",
        "base: 75, valid_until: 2019-12-31",
        28,
        "policies[1].valid_until",
        "before it begins",
    ),
    (", instrument: SK 1}\nrelease", "}\nrelease", 28, "policies[1].instrument", "is missing"),
    ("base: 75", 'base: 75, hours: [["12:00", "08:00"]]', 28, "policies[1].hours", "span"),
    (
        "time_zone: Asia/Jakarta",
        "time_zone: Asia/Singapore",
        6,
        "office.time_zone",
        "Asia/Makassar",
    ),
    ("region: dki", "region: bali", 5, "office.region", "sumsel"),
    ("service_types: [new]", "service_types: [new, visa]", 8, "office.service_types", "visa"),
    ("code: uji", "code: kantor-imigrasi-uji", 3, "office.code", "at most 12"),
    ("hall: utama, number: 1", "hall: samping, number: 1", 12, "counters[1].hall", "utama"),
    ("[documents, interview, photo]", "[documents, dance]", 12, "counters[1].stages", "interview"),
    ("counter: 1}", "counter: 7}", 14, "devices[1].counter", "no counter 7"),
    ("kind: camera", "kind: telephone", 14, "devices[1].kind", "camera"),
    ('closes: "15:00"', 'closes: "07:00"', 18, "opening_hours[1].closes", "not after"),
    ('to: "13:00"', 'to: "11:00"', 19, "opening_hours[1].breaks", "within"),
    ("weekdays: [monday,", "weekdays: [senin,", 16, "opening_hours[1].weekdays", "monday"),
    ("percent: 50", "percent: 150", 24, "attendance[1].percent", "from 0 to 100"),
    ("walk_ins: yes", "walk_ins: maybe", 26, "admission[1].walk_ins", "yes or no"),
    ("weekday: friday", "weekday: freitag", 30, "release_rules[1].weekday", "friday"),
    ("closes_after_days: 2, ", "", 30, "release_rules[1].closes_after_days", "one of"),
    (
        "weekday: friday",
        "weekday: friday, weeks_ahead: 0",
        30,
        "release_rules[1].opens",
        "Release it earlier",
    ),
    (
        "closes_after_days: 2",
        "closes_after_days: 5",
        30,
        "release_rules[1].closes",
        "first service day",
    ),
    ('opens: "14:00"', 'opens: "25:00"', 30, "release_rules[1].opens", "14:00"),
    ("email: budi@imigrasi.example", "email: budi", 32, "staff[1].email", "address"),
    ("role: counter", "role: king", 32, "staff[1].role", "supervisor"),
    ("attendance:", "attendence:", 23, "attendence", "did you mean attendance?"),
]


@pytest.mark.parametrize(("old", "new", "line", "field", "right"), MISTAKES)
def test_an_error_names_line_field_and_valid_values(
    file: Path, old: str, new: str, line: int, field: str, right: str
) -> None:
    mistakes = mistakes_of(change(file, old, new))
    named = {(mistake.line, mistake.field): mistake.message for mistake in mistakes}
    assert (line, field) in named, mistakes
    assert right in named[line, field]


def test_all_errors_of_a_file_are_reported_at_once(file: Path) -> None:
    file.write_text(SMALL.replace("base: 75", "base: x").replace("role: counter", "role: king"))
    assert [mistake.line for mistake in mistakes_of(file)] == [28, 32]


def test_overlapping_rows_are_refused(file: Path) -> None:
    row = "  - {percent: 50, valid_from: 2020-01-01, instrument: SK 1}\n"
    second = "  - {percent: 80, valid_from: 2021-01-01, instrument: SK 2}\n"
    [mistake] = mistakes_of(change(file, row, row + second))
    assert (mistake.line, mistake.field) == (25, "attendance[2].valid_from")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("office: }", 1, "valid YAML"),
        ("office:\n  code: a\n   name: b\n", 3, "valid YAML"),
        ("", 1, "has no"),
        ("- a\n- b\n", 1, "has no"),
        ("office: palembang\n", 1, "not a mapping"),
        ("include: elsewhere.yaml\n", 1, "not there"),
        ("include: uji.yaml\n", 1, "includes itself"),
        ("lanes:\n  - online\n", 2, "not a mapping"),
        ("halls:\n  - {code: utama, name: Utama, floor: 1, groups: [], lanes: []}\n", 2, "office"),
    ],
)
def test_an_invalid_file_names_the_line(file: Path, text: str, line: int, words: str) -> None:
    file.write_text(text)
    mistakes = mistakes_of(file)
    assert mistakes[0].line == line
    assert words in str(mistakes[0])


def test_the_command_prints_each_error_and_fails(file: Path) -> None:
    change(file, "base: 75", "base: -1")
    with pytest.raises(CommandError) as refused:
        call_command("load_scenario", str(file))
    assert f"{file}, line 28, policies[1].base" in str(refused.value)
    assert "Nothing" in str(refused.value)


def test_the_command_reports_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_scenario", str(tmp_path / "missing.yaml"))


def test_the_command_loads_and_prepares(file: Path) -> None:
    output = StringIO()
    call_command("load_scenario", str(file), stdout=output)
    assert "uji: loaded" in output.getvalue()
    assert Place.objects.filter(slot__office__code="uji").exists()


def test_release_windows_prepares_and_opens_at_a_given_time(file: Path) -> None:
    load_scenario(path=file, now=NOW)
    output = StringIO()
    call_command("release_windows", now=NOW, stdout=output)
    assert "uji: 5 windows prepared" in output.getvalue()
    with pytest.raises(CommandError, match="offset"):
        call_command("release_windows", "--now", "2026-11-27")


# --- Rules without a lane, and a service point ----------------------------------------------------
def test_a_service_point_names_its_parent_and_runs_a_lottery() -> None:
    with pytest.raises(ScenarioRefused):  # its parent is not loaded yet
        load("more/balikpapan-baru")
    parent, point = load("balikpapan"), load("more/balikpapan-baru")
    assert point.parent == parent
    prepare_windows(office_id=point.pk, now=NOW)
    days = calendar(
        point,
        first=date(2026, 11, 30),
        last=date(2026, 12, 4),
        now=NOW,
        group=ServiceGroup.objects.get(code="citizens"),
    )
    assert [(day.is_lottery, day.places) for day in days] == [(True, 40)] * 5


def test_offices_say_when_the_fee_is_paid() -> None:
    timings = {
        name: limits_selectors.payment_rule_on(load(name), NOW.date()).timing
        for name in ("palembang", "jakarta-selatan", "more/bogor")
    }
    assert list(timings.values()) == ["none", "after_interview", "prepaid"]


def test_national_limits_and_no_show_rules_apply_everywhere() -> None:
    office = load("palembang")
    day = office.local_day(NOW)
    bounds = {
        (row.subject, row.within_days): row.most for row in limits_selectors.limits_on(office, day)
    }
    assert bounds["account", None] == 20
    rule = limits_selectors.no_show_rule_on(office, day)
    assert rule is not None
    assert (rule.no_shows, rule.restricted_days) == (1, 14)
    assert limits_selectors.products_on(office, day) is None


def test_presets_include_products_and_protocol() -> None:
    office = load("palembang")
    start = date(2027, 1, 4)
    for name, day in (("new-normal-2020", start), ("m-paspor-2025", start + timedelta(days=30))):
        path = FOLDER / "presets" / f"{name}.yaml"
        load_scenario(path=path, now=NOW, office=office, start=day)
    protocol = limits_selectors.protocol_on(office, start)
    assert protocol is not None
    with override("en"):
        assert "Mask worn" in protocol.item_names()
    later = start + timedelta(days=30)
    rule, after = (
        limits_selectors.products_on(office, later),
        limits_selectors.protocol_on(office, later),
    )
    assert rule is not None
    assert rule.products == ["electronic_5", "electronic_10"]
    assert after is not None
    assert after.items == []


def test_return_terms_are_loaded_with_their_history(tmp_path: Path) -> None:
    office = load("palembang")
    day = date(2027, 3, 1)
    assert return_terms(office, lane="online", day=day).answer == timedelta(hours=4)
    path = tmp_path / "kembali.yaml"
    path.write_text(
        f"include: {FOLDER / 'palembang.yaml'}\n"
        "returns:\n"
        "  - {lane: online, answer_hours: 6, valid_from: 2027-01-01, valid_until: 2027-01-31, instrument: SK 1}\n"
        '  - {lane: online, answer_hours: 2, offers_at_most: 5, quiet_from: "21:00", valid_from: 2027-02-01, instrument: SK 2}\n'
    )
    for _again in range(2):
        load_scenario(path=path, now=NOW)
    rows = ReturnRule.objects.filter(office=office)
    assert [row.instrument for row in rows.order_by("valid_from")] == ["SK 1", "SK 2"]
    terms = return_terms(office, lane="online", day=day)
    assert (terms.answer, terms.offers_at_most) == (timedelta(hours=2), 5)
    assert (terms.quiet_from, terms.quiet_until) == (time(21), time(7))


def test_impossible_return_terms_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "kembali.yaml"
    path.write_text(
        "returns:\n"
        "  - {scope: nation, lane: kilat, answer_hours: 90, valid_from: 2027-01-01, instrument: SK}\n"
        "  - {scope: nation, lane: online, rest_from_minutes: 60, rest_until_minutes: 5, valid_from: 2027-01-01, instrument: SK}\n"
        "  - {scope: nation, lane: online, valid_from: 2027-02-01, valid_until: 2027-01-01}\n"
        "  - {lane: online, valid_from: 2028-01-01, instrument: SK}\n"
    )
    reported = {
        (mistake.line, mistake.field.rsplit(".", 1)[-1])
        for mistake in find_mistakes(path=path, now=NOW)
    }
    assert reported >= {
        (2, "lane"),
        (2, "answer_hours"),
        (3, "rest_until_minutes"),
        (4, "instrument"),
        (4, "valid_until"),
        (5, "office"),
    }
    with pytest.raises(ScenarioRefused):
        load_scenario(path=path, now=NOW)
    assert not ReturnRule.objects.exists()


def test_an_impossible_limit_is_reported_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "batas.yaml"
    path.write_text(
        "limits:\n"
        "  - {scope: nation, subject: village, most: 0, valid_from: 2026-01-01, instrument: SK}\n"
        "no_shows:\n"
        "  - {scope: nation, restricted_days: 400, valid_from: 2026-01-01, instrument: SK}\n"
    )
    reported = {
        (mistake.line, mistake.field.rsplit(".", 1)[-1])
        for mistake in find_mistakes(path=path, now=NOW)
    }
    assert reported >= {(2, "subject"), (2, "most"), (4, "restricted_days")}
