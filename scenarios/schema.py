"""The fields of each section of a scenario file.

A row is read with the names of the file (`alias`) and has the names of the models' columns. The
bounds and choices stand only here and in `field_types`: messages and docs/scenarios.md are made from the JSON schema.
"""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Literal, get_type_hints

from django.conf import settings
from django.utils import translation
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)

from booking.applications.models import PassportApplication
from booking.applications.requirements import Age, Issued, Parents, Permit
from booking.reminders.models import ReminderWording
from core.retention import DATA_KINDS
from counters.drive_thru.models import DriveThruRule
from counters.production.models import CollectionRule
from offices.dated import Dated
from offices.day_rules.models import DayRule, HallLimit
from offices.directory.models import ZONE_NAMES, Device, Fee, Lane, Stage
from offices.hours.models import AdmissionRule, Attendance, OpeningHours
from offices.limits.models import (
    HIGHEST_TEMPERATURE,
    LONGEST_PAYMENT_HOURS,
    LOWEST_TEMPERATURE,
    BookingLimit,
    NoShowRule,
    PaymentRule,
    ProductRule,
    Protocol,
    RebookingRule,
)
from offices.reasons.models import Reason
from offices.staff.models import Role
from privacy.retention.models import RetentionRule
from quotas import labels
from quotas.plan.decrees import (
    DayDecree,
    Decree,
    NoticeDecree,
    QuotaDecree,
    RebookingDecree,
    ReleaseDecree,
    ReturnDecree,
    ranges,
)
from quotas.plan.faults import faults_of
from quotas.policies.models import ReleaseRule
from quotas.policies.selectors import MODELS
from scenarios.field_types import (
    Clock,
    Day,
    Email,
    Name,
    Spans,
    Stages,
    Weekday,
    decimal,
    known,
    once,
    one_of,
    slug,
    text,
    whole,
)
from scenarios.positions import Position

CAPITAL: Final = "^[A-Z]$"
# Names in the file that differ from the column's.
ALIASES = {"opens_time": "opens", "closes_time": "closes", "has_waiting_room": "waiting_room"}
ALIASES["counts_working_days"] = "working_days"
Problem = tuple[str, str]
Key = tuple[Any, ...]


# --- Rows ---------------------------------------------------------------------------------------


class Row(BaseModel):
    """The values of one mapping; `at` is its position in the file."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    _at: Position = PrivateAttr()

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, data: Any) -> Any:
        """A known field without a value counts as absent."""
        if not isinstance(data, dict):
            return data
        names = {field.alias or name for name, field in cls.model_fields.items()}
        return {key: value for key, value in data.items() if value is not None or key not in names}

    @property
    def at(self) -> Position:
        return self._at

    def values(self, *without: str) -> dict[str, Any]:
        """Return the values by column, except these."""
        return {name: value for name, value in self if name not in without}

    def problems(self) -> Iterator[Problem]:
        """Yield (field of the file, message) for fields that do not fit together."""
        yield from ()


class DatedRow(Row):
    """A row that is in force for a period. Rows with equal keys must not overlap."""

    table: ClassVar[type[Dated]]
    key: ClassVar[tuple[str, ...]] = ()
    # "": shared by all offices; "office"; "scope": the field says it.
    owner: ClassVar[str] = "office"

    valid_from: Day = Field(description="First day. Not in a preset.")
    valid_until: Day | None = Field(None, description="Last day; empty until further notice.")
    instrument: Annotated[str, text(200, description="The decree or other legal basis.")]

    @field_validator("valid_until")
    @classmethod
    def _not_before(cls, last: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("valid_from")
        if first and last and last < first:
            raise ValueError(f"ends before it begins ({first}); write a day from then on")
        return last

    def key_values(self) -> Iterable[Key]:
        """Return the keys of the row, each beginning with its owner."""
        owner = getattr(self, "scope", self.owner)
        return [(owner, *(getattr(self, name) for name in self.key))]


class ScopedRow(DatedRow):
    owner: ClassVar[str] = "scope"

    scope: Literal["office", "region", "nation"] = Field(
        "office", description="Whose rule it is; the smaller owner has precedence."
    )


class RegionRow(Row):
    """A regional office."""

    code: Annotated[str, slug(20)]
    name: Name


class NamedRow(Row):
    """A group of applicants."""

    code: Annotated[str, slug(20)]
    name: Name
    name_en: Name


class LaneRow(NamedRow):
    """A lane and the series of its queue numbers."""

    booked_at: Lane.BookedAt = Field(description="Who may give a place: anyone, or an officer.")
    series: str = Field(pattern=CAPITAL)


class ConditionRow(Row):
    """Answers that all have to fit; an empty field fits every answer."""

    ages: list[Age] = Field([], description="A child is under 17 and not married.")
    reasons: list[PassportApplication.Reason] = Field([], description="Why the passport is needed.")
    issued: list[Issued] = Field([], description="When the last passport was issued.")
    parents: list[Parents] = Field([], description="Who is responsible for a child.")
    purposes: list[PassportApplication.Purpose] = Field(
        [], description="Purpose of the travel or stay."
    )
    permits: list[Permit] = Field([], description="The stay permit that the foreigner has.")


class DocumentRow(Row):
    code: Annotated[str, slug(40)]
    name: Annotated[str, text(120)]
    name_en: Annotated[str, text(120)]
    is_required: bool = Field(True, alias="required")
    when: list[ConditionRow] = Field([], description="Needed if one of these fits; empty: always.")
    valid_from: Day | None = Field(None, description="First day on which it is needed.")
    valid_until: Day | None = Field(None, description="Last day on which it is needed.")

    def as_stored(self) -> dict[str, Any]:
        """Return the row as the service stores it, without the empty fields."""
        stored = self.model_dump(mode="json", by_alias=False, exclude_defaults=True)
        return stored | {"is_required": self.is_required}


class StageRow(Row):
    stage: Stage
    minutes: Annotated[int, whole(1, 480, description="The standard of this stage.")]


class ServiceTypeRow(NamedRow):
    """A service with its documents and its stages in order."""

    group: Annotated[str, slug(20), *known("groups")]
    due_working_days: Annotated[int, whole(1, 365)] | None = None
    makes_passport: bool = True
    documents: list[DocumentRow] = []
    stages: list[StageRow] = []

    def problems(self) -> Iterator[Problem]:
        if len(self.stages) != len({row.stage for row in self.stages}):
            yield "stages", "names a stage twice"


class FeeRow(DatedRow):
    """The price of a product in rupiah."""

    table, key, owner = Fee, ("product",), ""

    product: Fee.Product
    amount: Annotated[int, whole(0, 100_000_000)]


class ReasonRow(DatedRow):
    """A reason that officers choose from a list."""

    table, key, owner = Reason, ("use", "code"), ""

    use: Reason.Use
    code: Annotated[str, slug(20)]
    name: Name
    name_en: Name
    needs_note: bool = Field(False, description="The officer must add a note.")


Sentence = Annotated[str, text(300)]


class ReminderWordingRow(DatedRow):
    """A wording of the reminder; each booking gets one of those in force."""

    table, key, owner = ReminderWording, ("code",), ""

    code: Annotated[str, slug(10)]
    text: Sentence
    text_en: Sentence


class OfficeRow(Row):
    """The office of the file."""

    code: Annotated[str, slug(12)]
    name: Name
    region: Annotated[str, slug(20), *known("regions")]
    time_zone: Annotated[str, *one_of(ZONE_NAMES)]
    address: Annotated[str, text(200)]
    phone: Annotated[str, text(30)] = ""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = Field(
        None, description="Degrees, south is negative; with `longitude`."
    )
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    service_types: list[Annotated[str, slug(20), *known("service_types")]]
    parent: Annotated[str, slug(12), *known("offices")] = Field(
        "", description="The office of a service point; it is loaded before."
    )

    def problems(self) -> Iterator[Problem]:
        if self.parent == self.code:
            yield "parent", "is the office itself; name the one it belongs to"
        if (self.latitude is None) != (self.longitude is None):
            yield "latitude", "and longitude belong together; give both or neither"


RETIRED_ON: Final = "First day on which it is not used any more; empty: in use."


class HallRow(Row):
    """A hall and who is served in it."""

    code: Annotated[str, slug(20)]
    name: Name
    name_en: Annotated[str, text(80)] = ""
    floor: Annotated[str, text(10)]
    groups: list[Annotated[str, slug(20), *known("groups")]]
    lanes: list[Annotated[str, slug(20), *known("lanes")]]
    retired_on: Day | None = Field(None, description=RETIRED_ON)


class CounterRow(Row):
    """A counter of a hall."""

    hall: Annotated[str, slug(20), *known("halls")]
    number: Annotated[int, whole(1, 999)]
    is_one_stop: bool = Field(True, alias="one_stop", description="It does every stage of a visit.")
    stages: Stages
    retired_on: Day | None = Field(None, description=RETIRED_ON)


class AtCounterRow(Row):
    hall: Annotated[str, slug(20)] = ""
    counter: Annotated[int, whole(1, 999)] | None = None

    def problems(self) -> Iterator[Problem]:
        if bool(self.hall) != bool(self.counter):
            yield (
                "counter",
                "a counter is named by its hall and its number; write both or neither",
            )


class DeviceRow(AtCounterRow):
    """A device of the office or of one counter."""

    name: Annotated[str, text(60)]
    kind: Device.Kind
    minutes_a_visit: Annotated[int, whole(1, 480)] | None = Field(
        None, alias="minutes", description="How long a visit uses it; empty: the whole stage."
    )


class BreakRow(Row):
    first: Clock = Field(alias="from")
    last: Clock = Field(alias="to")
    name: Annotated[str, text(60)]
    name_en: Annotated[str, text(60)]


class OpeningHoursRow(DatedRow):
    """Opening hours and breaks of some weekdays."""

    table, key = OpeningHours, ("weekday",)

    weekdays: Annotated[list[Weekday], Field(min_length=1), AfterValidator(once)]
    opens: Clock
    closes: Clock
    breaks: list[BreakRow] = []

    def key_values(self) -> Iterable[Key]:
        return [(self.owner, weekday) for weekday in self.weekdays]

    def problems(self) -> Iterator[Problem]:
        if self.opens >= self.closes:
            yield "closes", f"{self.closes:%H:%M} is not after {self.opens:%H:%M}"
        elif not all(self.opens <= row.first < row.last <= self.closes for row in self.breaks):
            yield "breaks", "a break ends after it begins and lies within the opening hours"


class HolidayRow(Row):
    """A holiday of this office alone. National holidays are loaded by the program."""

    day: Day
    name: Annotated[str, text(160)]
    name_en: Annotated[str, text(160)]


class AttendanceRow(ScopedRow):
    """The percent of the officers who may be at the office."""

    table = Attendance

    percent: Annotated[Decimal, decimal(0, 100)] = Decimal(100)


class AdmissionRow(ScopedRow):
    """Who may come in without a booking of their own."""

    table = AdmissionRule

    admits_walk_ins: bool = Field(alias="walk_ins")
    admits_companions: bool = Field(alias="companions")
    has_drive_thru: bool = Field(False, alias="drive_thru")


class HallLimitRow(DatedRow):
    """The greatest number of people in a hall."""

    table, key, owner = HallLimit, ("hall",), ""

    hall: Annotated[str, slug(20), *known("halls")]
    most_people: Annotated[int, whole(1, 10_000)]


class DriveThruRow(DatedRow):
    """The bookable hours of the office's drive-thru lane and pickup desk."""

    table = DriveThruRule

    opens: Clock
    closes: Clock
    minutes: Annotated[int, whole(5, 240)] = Field(60, description="The length of one hour.")
    places: Annotated[int, whole(1, 200)] = Field(description="Vehicles in each.")
    desk_places: Annotated[int, whole(0, 200)] = Field(
        0, description="People in each at the pickup desk; 0: no hour is booked there."
    )
    days_ahead: Annotated[int, whole(1, 60)] = Field(
        14, description="It can be booked for so many days, today included."
    )

    def problems(self) -> Iterator[Problem]:
        if self.closes <= self.opens:
            yield "closes", "is not after opens; write a later time"


class CollectionRow(ScopedRow):
    """When owners are reminded of a ready passport, and when it is cancelled."""

    table = CollectionRule

    reminder_days: list[Annotated[int, whole(1, 366)]] = Field(
        description="Days after the passport was ready."
    )
    cancelled_after_months: Annotated[int, whole(1, 12)] = 1


class LimitRow(ScopedRow):
    """The number of online bookings of one account, telephone or device."""

    table, key = BookingLimit, ("subject", "within_days")

    subject: BookingLimit.Subject
    within_days: Annotated[int, whole(1, 366)] | None = Field(
        None, description="New bookings within this many days; empty: bookings at the same time."
    )
    most: Annotated[int, whole(1, 10_000)]


class NoShowRow(ScopedRow):
    """How long somebody who missed appointments cannot book online."""

    table = NoShowRule

    no_shows: Annotated[int, whole(1, 100)] = 1
    within_days: Annotated[int, whole(1, 366)] = 90
    restricted_days: Annotated[int, whole(1, 366)]


class ProductsRow(ScopedRow):
    """The products that an office makes; without a row, all."""

    table = ProductRule

    products: Annotated[list[Fee.Product], Field(min_length=1), AfterValidator(once)]


class PaymentRow(ScopedRow):
    """When the fee is paid; without a row, not through this system."""

    table = PaymentRule

    timing: PaymentRule.Timing
    hours: Annotated[int, whole(1, LONGEST_PAYMENT_HOURS)] = Field(
        2, description="How long a billing code is valid; an unpaid prepaid booking then lapses."
    )


class ProtocolItemRow(Row):
    code: Annotated[str, slug(20)]
    name: Annotated[str, text(120)]
    name_en: Annotated[str, text(120)]


class ProtocolRow(ScopedRow):
    """What is checked at the gate."""

    table = Protocol

    name: Annotated[str, text(120)]
    name_en: Annotated[str, text(120)]
    items: list[ProtocolItemRow] = []
    temperature_limit: Annotated[int, whole(LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE)] | None = (
        Field(
            None,
            description="The highest that passes, in tenths of a degree: 370; empty: not measured.",
        )
    )
    task_force_email: Email | Literal[""] = Field(
        "", description="Who is informed about a person over the limit."
    )

    def problems(self) -> Iterator[Problem]:
        yield from super().problems()
        if len(self.items) != len({row.code for row in self.items}):
            yield "items", "names a code twice"


class RetentionRow(DatedRow):
    """How many days a kind of personal data is kept."""

    table, key, owner = RetentionRule, ("kind",), ""

    kind: Annotated[str, *one_of(sorted(DATA_KINDS))]
    days: Annotated[int, whole(0, 36_500)]

    def problems(self) -> Iterator[Problem]:
        yield from super().problems()
        if self.days < DATA_KINDS[self.kind].least_days:
            yield "days", f"must be at least {DATA_KINDS[self.kind].least_days}"


class StaffRow(Row):
    """A role of an officer; a new officer cannot sign in until a password is set."""

    full_name: Annotated[str, text(120, alias="name")]
    email: Email
    role: Role
    language: Annotated[str, *one_of(dict(settings.LANGUAGES))] = settings.LANGUAGE_CODE
    valid_from: Day
    valid_until: Day | None = None

    def problems(self) -> Iterator[Problem]:
        if self.valid_until and self.valid_until < self.valid_from:
            yield "valid_until", f"ends before it begins ({self.valid_from})"


class ShiftRow(AtCounterRow):
    """The same shift of an officer on consecutive days; days without work are left out."""

    officer: Email
    first_day: Day = Field(description="In a preset: its first day unless written.")
    days: Annotated[int, whole(1, 92)] = 1
    starts: Clock = Field(alias="from")
    ends: Clock = Field(alias="to")

    def problems(self) -> Iterator[Problem]:
        yield from super().problems()
        if self.starts >= self.ends:
            yield "to", f"{self.ends:%H:%M} is not after {self.starts:%H:%M}"


class OutageRow(Row):
    """A device that is out of order on a day."""

    device: Annotated[str, text(60)]
    first_day: Day = Field(description="In a preset: its first day unless written.")
    starts: Clock = Field(alias="from")
    ends: Clock | None = Field(None, alias="until", description="Empty: until further notice.")
    reason: Annotated[str, text(200)]

    def problems(self) -> Iterator[Problem]:
        if self.ends is not None and self.ends <= self.starts:
            yield "until", f"ends before it starts ({self.starts:%H:%M})"


class StageTimeRow(Row):
    """Measured minutes of a stage, from `n` visits."""

    service_type: Annotated[str, slug(20), *known("service_types")]
    stage: Stage
    mean: Annotated[Decimal, decimal(0, 480)] = Decimal(0)
    p50: Annotated[Decimal, decimal(0, 480)] = Decimal(0)
    p80: Annotated[Decimal, decimal(0, 480)] = Decimal(0)
    n: Annotated[int, whole(1, 1_000_000)]

    def problems(self) -> Iterator[Problem]:
        if not self.mean or self.p80 < self.p50:
            yield "mean", "write mean, p50 and p80 in minutes, p80 no less than p50"


# --- Decrees: the fields of the planner's classes -------------------------------------------------


class TrancheRow(Row):
    percent: Annotated[Decimal, decimal(0, 1000)] = Decimal(0)
    ahead: Annotated[int, whole(0, 180)]


# Fields of a release rule that belong to one kind.
RHYTHMS = {
    ReleaseRule.Kind.WEEKLY: {"weekday", "weeks_ahead", "covers_days"},
    ReleaseRule.Kind.DAILY: {"days_ahead"},
    ReleaseRule.Kind.MONTHLY: {"month_days", "months_ahead", "counts_working_days"},
}


class DecreeRow(ScopedRow):
    decree: ClassVar[type[Decree]]

    def as_decree(self, *, office: int | None, region: int | None, group: int | None) -> Decree:
        values = self.values("scope")
        if "group" in values:
            values["group"] = group
        owners: dict[str, dict[str, Any]] = {
            "office": {"office": office},
            "region": {"region": region},
            "nation": {},
        }
        return self.decree(**values, **owners[self.scope])

    def problems(self) -> Iterator[Problem]:
        for fault in faults_of(self.as_decree(office=None, region=None, group=None)):
            with translation.override("en"):
                yield ALIASES.get(fault.field, fault.field), labels.fault(fault)
        kind = getattr(self, "kind", None)
        for other, names in RHYTHMS.items() if kind else ():
            for name in names & self.model_fields_set if other != kind else ():
                yield ALIASES.get(name, name), f"is not a field of a {kind} rule; leave it out"


def _tranche_pairs(rows: Iterable[TrancheRow]) -> tuple[tuple[Decimal, int], ...]:
    return tuple((row.percent, row.ahead) for row in rows)


def _none_if_zero(value: int | None) -> int | None:
    return value or None


# How fields of a decree stand in a file where it is not their own type.
WRITTEN: dict[str, Any] = {
    "lane": Annotated[str, slug(20), *known("lanes")],
    "group": Annotated[str, slug(20), *known("groups")],
    "kind": ReleaseRule.Kind,
    "mode": ReleaseRule.Mode,
    "lottery_source": ReleaseRule.LotterySource,
    "weekday": Weekday | None,
    "month_days": tuple[Annotated[int, whole(-31, 31)], ...],
    "tranches": Annotated[tuple[TrancheRow, ...], AfterValidator(_tranche_pairs)],
    "hours": Spans,
    "per_person": Annotated[int | None, whole(0, 1_000), AfterValidator(_none_if_zero)],
    "per_account": Annotated[int | None, whole(0, 10_000), AfterValidator(_none_if_zero)],
    "confirmation": RebookingRule.Confirmation,
    "after_grace": DayRule.AfterGrace,
}
DESCRIPTIONS = {
    "base": "Places a day under normal conditions.",
    "percent": "The percent of the base that is given.",
    "cap": "At most so many places a day.",
    "hours": "Only these hours; without them the opening hours.",
    "within_hours": "The hours after a cancellation in which the next bookings are limited.",
    "per_person": "Bookings of a person in this time; 0 means no limit.",
    "per_account": "Bookings of an account in this time; 0 means no limit.",
    "confirmation": "When an account must confirm its address before it books.",
    "early_minutes": "A check-in counts so many minutes before the booked hour.",
    "late_minutes": "So many minutes after the booked hour a person still is on time.",
    "after_grace": "What happens after that.",
    "priority_after": "One priority visit after so many others; 0: always first.",
    "calls_before_again": "A skipped person is called again after so many other calls,",
    "most_calls": "and at most so many times.",
    "kiosk_completes": "A check-in at the kiosk needs no visit to the gate.",
    "accelerated_until": "Accelerated service is accepted until this time.",
    "accelerated_ready_from": "and the passport is ready from this time.",
    "mode": "First come, first served, or a draw of lots.",
    "lottery_source": "Where the public value of a draw comes from.",
    "weekday": "Weekly: the day of the opening.",
    "weeks_ahead": "Weekly: how many weeks before the service days.",
    "covers_days": "Weekly: how many days open at once, from Monday.",
    "days_ahead": "Daily: how many days before the service day.",
    "month_days": "Monthly: days of the opening, negative from the end of the month.",
    "months_ahead": "Monthly: how many months before.",
    "counts_working_days": "Monthly: month_days counts working days.",
    "tranches": "Parts of a day that open at different times.",
    "closes_after_days": "Closes so many days after the opening, or",
    "closes_before_days": "so many days before the service day.",
    "rest_from_minutes": "A cancelled place is offered again at the earliest after so long,",
    "rest_until_minutes": "and at the latest after so long.",
    "opening_hours": "Hours; a sooner opening needs a second confirmation.",
    "answer_hours": "Time for an answer to an offer from the waiting list.",
    "quiet_from": "No offers from this time",
    "quiet_until": "until this time.",
}


def _decree_row(kind: type[Decree], doc: str) -> type[DecreeRow]:
    """Return the row of a kind of decree, with every field of its class."""
    hints = get_type_hints(kind)
    columns: dict[str, Any] = {}
    for field in fields(kind):
        if field.name in {"id", "office", "region", *DatedRow.model_fields}:
            continue
        hint = WRITTEN.get(field.name, hints[field.name])
        about: dict[str, Any] = {"alias": ALIASES.get(field.name)}
        about["description"] = DESCRIPTIONS.get(field.name)
        if bounds := ranges(kind).get(field.name) if field.name not in WRITTEN else None:
            about |= {"ge": bounds.least, "le": bounds.most}
            about |= {"decimal_places": 2} if hint is Decimal else {}
        hint = Clock if hint is time else hint
        # A dataclass marks a required field with a MISSING default.
        is_required = type(field.default).__name__ == "_MISSING_TYPE"
        default = "" if field.name == "group" else field.default
        columns[field.name] = (hint, Field(... if is_required else default, **about))
    row = create_model(kind.__name__, __base__=DecreeRow, __doc__=doc, **columns)
    row.table, row.decree = MODELS[kind], kind
    row.key = tuple(name for name in kind.key if name not in ("office", "region"))
    return row


SECTIONS: dict[str, type[Row]] = {
    "regions": RegionRow,
    "groups": NamedRow,
    "lanes": LaneRow,
    "service_types": ServiceTypeRow,
    "fees": FeeRow,
    "reasons": ReasonRow,
    "reminder_wordings": ReminderWordingRow,
    "halls": HallRow,
    "counters": CounterRow,
    "devices": DeviceRow,
    "opening_hours": OpeningHoursRow,
    "holidays": HolidayRow,
    "attendance": AttendanceRow,
    "admission": AdmissionRow,
    "drive_thru": DriveThruRow,
    "collection": CollectionRow,
    "limits": LimitRow,
    "day_rules": _decree_row(DayDecree, "How an office runs its day."),
    "hall_limits": HallLimitRow,
    "rebooking": _decree_row(RebookingDecree, "How often one may book again after cancelling."),
    "no_shows": NoShowRow,
    "products": ProductsRow,
    "payments": PaymentRow,
    "protocols": ProtocolRow,
    "policies": _decree_row(QuotaDecree, "How many places a day a lane has for a group."),
    "release_rules": _decree_row(ReleaseDecree, "When the places of a lane open and close."),
    "returns": _decree_row(ReturnDecree, "How a cancelled place is offered again."),
    "notice": _decree_row(NoticeDecree, "The least time from a decision to an opening."),
    "retention": RetentionRow,
    "staff": StaffRow,
    "roster": ShiftRow,
    "outages": OutageRow,
    "stage_times": StageTimeRow,
}
DATED = {name: row for name, row in SECTIONS.items() if issubclass(row, DatedRow)}


class PresetRow(Row):
    """Makes the file a preset: rules without an office, loaded for one with --office."""

    name: Name
    since: Day = Field(description="The day of the decree; --from chooses another first day.")
    demand_from: Annotated[int, whole(0, 100_000)] | None = Field(
        None, description="Daily demand, for the capacity tables."
    )
    demand_to: Annotated[int, whole(0, 100_000)] | None = None
