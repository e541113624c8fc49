"""Builders: a small office and its data, created through services where one exists."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User
from booking.applications.models import PassportApplication
from booking.applications.services import reasons_of
from booking.bookings.models import Booking, Party
from booking.bookings.requests import BookingRequest, OpenWindow
from booking.bookings.services import create_bookings
from booking.people.models import Applicant
from booking.people.services import ApplicantData, add_applicant
from counters.production import services as production_services
from counters.production.models import PassportBook
from offices.directory.models import (
    Counter,
    Hall,
    Lane,
    Office,
    Region,
    ServiceGroup,
    ServiceType,
    Stage,
    StageStandard,
)
from offices.hours.models import AdmissionRule, OpeningHours
from offices.limits.models import RebookingRule
from offices.reasons.models import Reason
from offices.staff.models import Role, StaffRole
from quotas.places.models import Place, Slot
from quotas.places.services import take_places
from quotas.policies.models import QuotaPolicy, ReleaseRule, ReturnRule
from quotas.windows.selectors import WindowView, windows
from quotas.windows.services import prepare_windows
from tests.remembered import remembered

# A Monday, 10.00 WIB, in a week without holidays.
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SINCE = date(2020, 1, 1)
INSTRUMENT = "SK uji"
LANES = (
    ("online", "online", "A"),
    ("walk_in", "desk", "W"),
    ("priority", "desk", "P"),
    ("accelerated", "both", "C"),
)
STANDARDS = ((Stage.DOCUMENTS, 8), (Stage.INTERVIEW, 10), (Stage.PHOTO, 6))
LUNCH = ["12:00", "13:00", "Istirahat", "Lunch break"]
_numbers = count(1)


@contextmanager
def numbers_from(first: int) -> Iterator[None]:
    """Number what is created inside from `first`, for rows that other processes will share."""
    global _numbers
    before, _numbers = _numbers, count(first)
    try:
        yield
    finally:
        _numbers = before


# --- Offices ------------------------------------------------------------------------------------
def make_lane(code: str = "online") -> Lane:
    booked_at, series = next((row[1], row[2]) for row in LANES if row[0] == code)
    defaults = {"name": code, "name_en": code, "booked_at": booked_at, "series": series}
    return Lane.objects.get_or_create(code=code, defaults=defaults)[0]


def make_reason(code: str = "sick", use: str = Reason.Use.OUT_OF_ORDER, **fields: Any) -> Reason:
    """A reason of a list; without `use` one for calling out of order."""
    defaults = {
        "use": use,
        "name": code,
        "name_en": code,
        "valid_from": SINCE,
        "instrument": INSTRUMENT,
    }
    return Reason.objects.create(code=code, **{**defaults, **fields})


def make_group(code: str = "citizens") -> ServiceGroup:
    defaults = {"name": code, "name_en": code}
    return ServiceGroup.objects.get_or_create(code=code, defaults=defaults)[0]


def make_service_type(code: str = "new", *, group: str = "citizens") -> ServiceType:
    """A service with its stage standards; `new` and `replacement` make a passport in four days."""
    defaults = {
        "name": "Paspor baru" if code == "new" else code,
        "name_en": "New passport" if code == "new" else code,
        "group": make_group(group),
        "due_working_days": 4 if group == "citizens" else None,
        "makes_passport": group == "citizens",
        "documents": [{"code": "ktp", "name": "KTP", "name_en": "ID card", "is_required": True}],
    }
    service_type, is_new = ServiceType.objects.get_or_create(code=code, defaults=defaults)
    if is_new:
        for position, (stage, minutes) in enumerate(STANDARDS, start=1):
            StageStandard.objects.create(
                service_type=service_type, stage=stage, position=position, minutes=minutes
            )
    return service_type


@remembered
def make_office(
    code: str = "",
    *,
    time_zone: str = "Asia/Jakarta",
    region: str = "uji",
    opens: time = time(8),
    closes: time = time(15),
    breaks: Sequence[Sequence[str]] = (LUNCH,),
    counters: int = 2,
    admits_walk_ins: bool = True,
    service_types: Sequence[str] = ("new", "replacement"),
) -> Office:
    """An office that works Monday to Friday, 08-15 with a lunch break, with one hall."""
    code = code or f"kanim{next(_numbers)}"
    office = Office.objects.create(
        code=code,
        name=f"Kantor Imigrasi {code.title()}",
        region=Region.objects.get_or_create(code=region, defaults={"name": region.title()})[0],
        time_zone=time_zone,
        address="Jalan Merdeka 1",
    )
    office.service_types.set([make_service_type(name) for name in service_types])
    for weekday in range(1, 6):
        OpeningHours.objects.create(
            office=office,
            weekday=weekday,
            opens=opens,
            closes=closes,
            breaks=[list(row) for row in breaks],
            valid_from=SINCE,
            instrument=INSTRUMENT,
        )
    AdmissionRule.objects.create(
        office=office,
        admits_walk_ins=admits_walk_ins,
        admits_companions=True,
        valid_from=SINCE,
        instrument=INSTRUMENT,
    )
    _make_hall(office, counters)
    return office


def _make_hall(office: Office, counters: int) -> Hall:
    hall = Hall.objects.create(office=office, code="utama", name="Ruang utama", floor="1")
    hall.groups.set([make_group("citizens")])
    hall.lanes.set([make_lane(code) for code, _booked_at, _series in LANES])
    for number in range(1, counters + 1):
        stages = [stage for stage, _minutes in STANDARDS]
        Counter.objects.create(hall=hall, number=number, is_one_stop=True, stages=stages)
    return hall


def make_user(email: str = "", **fields: Any) -> User:
    email = email or f"orang{next(_numbers)}@contoh.id"
    fields.setdefault("full_name", "Siti Rahmawati")
    return User.objects.create_user(email=email, password="kata-sandi-uji-1", **fields)


def confirm_address(account: User | None) -> None:
    """Confirm the account's address, as its link does."""
    assert account is not None
    EmailAddress.objects.update_or_create(
        user=account, email=account.email, defaults={"verified": True, "primary": True}
    )


def make_officer(
    office: Office | None,
    role: Role = Role.COUNTER,
    *,
    email: str = "",
    region: Region | None = None,
) -> User:
    """An officer with a role at an office; regional staff have a region, national staff neither."""
    user = make_user(email or f"{role}{next(_numbers)}@imigrasi.example", is_staff=True)
    StaffRole.objects.create(user=user, role=role, office=office, region=region, valid_from=SINCE)
    return user


# --- Quotas -------------------------------------------------------------------------------------
def make_policy(
    office: Office | None,
    *,
    places: int = 75,
    lane: str = "online",
    group: str = "citizens",
    **fields: Any,
) -> QuotaPolicy:
    """`places` a day for a lane; hours=[["08:00", "09:00"]] makes one slot a day."""
    fields.setdefault("valid_from", SINCE)
    fields.setdefault("instrument", INSTRUMENT)
    fields.setdefault("percent", Decimal(100))
    return QuotaPolicy.objects.create(
        office=office, lane=make_lane(lane), group=make_group(group), base=places, **fields
    )


def make_daily_release(
    office: Office | None, *, days_ahead: int = 14, lane: str = "online", **fields: Any
) -> ReleaseRule:
    """Each day opens `days_ahead` days before at 08.00 and closes the day before at 16.00."""
    fields.setdefault("valid_from", SINCE)
    fields.setdefault("instrument", INSTRUMENT)
    fields.setdefault("opens_time", time(8) if days_ahead else time(0))
    fields.setdefault("closes_before_days", 1 if days_ahead else 0)
    fields.setdefault("closes_time", time(16) if days_ahead else time(23, 59))
    return ReleaseRule.objects.create(
        office=office,
        lane=make_lane(lane),
        kind=ReleaseRule.Kind.DAILY,
        days_ahead=days_ahead,
        **fields,
    )


def make_weekly_release(
    office: Office | None, *, lane: str = "online", **fields: Any
) -> ReleaseRule:
    """Monday to Friday open the Friday before at 14.00 and close on Sunday at 16.00."""
    fields.setdefault("valid_from", SINCE)
    fields.setdefault("instrument", INSTRUMENT)
    fields.setdefault("weekday", 5)
    fields.setdefault("opens_time", time(14))
    return ReleaseRule.objects.create(
        office=office,
        lane=make_lane(lane),
        kind=ReleaseRule.Kind.WEEKLY,
        closes_after_days=2,
        closes_time=time(16),
        **fields,
    )


def make_return_rule(office: Office | None, *, lane: str = "online", **fields: Any) -> ReturnRule:
    """The terms for returned places; rest_from_minutes=0, rest_until_minutes=0: no cooldown."""
    fields.setdefault("valid_from", SINCE)
    fields.setdefault("instrument", INSTRUMENT)
    return ReturnRule.objects.create(office=office, lane=make_lane(lane), **fields)


def make_rebooking_rule(office: Office | None, **fields: Any) -> RebookingRule:
    """A rule about booking again after an own cancellation; unlimited=True allows any number."""
    if fields.pop("unlimited", False):
        fields |= {"per_person": None, "per_account": None, "confirmation": "never"}
    fields.setdefault("valid_from", SINCE)
    return RebookingRule.objects.create(office=office, instrument=INSTRUMENT, **fields)


@remembered
def make_open_office(
    code: str = "", *, places: int = 75, now: datetime = NOW, **fields: Any
) -> Office:
    """An office with a daily release: the days from tomorrow on are open for two weeks, a third week opens later.

    The desk has `places` walk-in places a day for a week.
    """
    office = make_office(code, **fields)
    today = office.local_day(now)
    make_policy(office, places=places, valid_until=today + timedelta(days=21))
    make_daily_release(office)
    make_policy(office, places=places, lane="walk_in", valid_until=today + timedelta(days=7))
    make_daily_release(office, days_ahead=0, lane="walk_in")
    prepare_windows(office_id=office.pk, now=now)
    return office


@remembered
def make_open_slot(
    *,
    places: int = 10,
    office: Office | None = None,
    now: datetime = NOW,
    days_from_now: int = 3,
    time_zone: str = "Asia/Jakarta",
) -> Slot:
    """An open online slot with so many places, alone in its day.

    An office created for it has places for about a week only, which is fast to prepare.
    """
    if office is None:
        office = make_office(time_zone=time_zone)
        first = office.local_day(now) + timedelta(days=days_from_now)
        make_policy(
            office,
            places=places,
            hours=[["08:00", "09:00"]],
            valid_from=first,
            valid_until=first + timedelta(days=4),
        )
        make_daily_release(office)
        prepare_windows(office_id=office.pk, now=now)
    day = office.local_day(now) + timedelta(days=days_from_now)
    slots = Slot.objects.filter(
        office=office, lane="online", day__gte=day, places__opens_at__lte=now
    )
    return slots.order_by("starts_at").distinct()[0]


def next_opening(office: Office, *, now: datetime) -> WindowView | None:
    """The online window that opens next, or None when none is prepared."""
    return next((row for row in windows(office, now=now) if row.opens_at > now), None)


def fill_slot(slot: Slot, *, now: datetime = NOW) -> None:
    """Let new people take every free place of a slot."""
    left = Place.objects.free().filter(slot=slot).count()
    with transaction.atomic():
        take_places(slot_id=slot.pk, holders=[uuid4() for _ in range(left)], now=now)


# --- Booking ------------------------------------------------------------------------------------
def make_nik(*, born: date = date(1990, 2, 6), is_woman: bool = True) -> str:
    """A NIK of Palembang that is unique in this run."""
    number = next(_numbers)
    day = born.day + 40 * is_woman
    return f"1671{number // 9999 % 99 + 1:02d}{day:02d}{born:%m%y}{number % 9999 + 1:04d}"


def person_data(**changes: Any) -> ApplicantData:
    """The input for a citizen, with a matching NIK."""
    typed: dict[str, Any] = {
        "full_name": "Siti Rahmawati",
        "birth_date": date(1990, 2, 6),
        "sex": "female",
        "phone": "0812 3456 7890",
    }
    typed |= changes
    if "identity_number" not in typed:
        typed["identity_number"] = make_nik()
    return ApplicantData(**typed)


def make_person(account: User | None = None, *, now: datetime = NOW, **changes: Any) -> Applicant:
    """A person in an account's list; in a new account by default."""
    account = account or make_user()
    return add_applicant(account_id=account.pk, data=person_data(**changes), now=now)


def book_online(
    *, account_id: int | None, now: datetime, room_tickets: Sequence[str] = (), **request: Any
) -> Party:
    """Book first come, first served, as page and API do, for the account's own people."""
    [party] = create_bookings(
        requests=[BookingRequest(account_id=account_id, **request)],
        right=OpenWindow(room_tickets=room_tickets),
        by=User(pk=account_id),
        now=now,
    )
    return party


def make_booking(
    slot: Slot | None = None,
    *,
    person: Applicant | None = None,
    now: datetime = NOW,
    service: str = "new",
) -> Booking:
    """A first-come booking in its own account."""
    person = person or make_person(now=now)
    party = book_online(
        account_id=person.account_id,
        slot_id=(slot or make_open_slot(now=now)).pk,
        applicant_ids=[person.pk],
        service_type=service,
        key=uuid4().hex,
        now=now,
    )
    return party.bookings.get()


def make_application(booking: Booking, **fields: Any) -> PassportApplication:
    """The complete application of a booking's person for its service; an existing one is returned."""
    makes_passport = booking.service_type.makes_passport
    defaults: dict[str, Any] = {
        "reason": reasons_of(booking.service_type)[0],
        "purpose": "holiday",
        "product": "electronic_10" if makes_passport else "stay_permit",
        "documents": {},
        "created_at": booking.placed_at,
        "changed_at": booking.placed_at,
    }
    return PassportApplication.objects.get_or_create(
        applicant=booking.applicant,
        service_type=booking.service_type,
        defaults={**defaults, **fields},
    )[0]


# --- Passports ------------------------------------------------------------------------------------
def make_book_number() -> str:
    """The number of a booklet that no other test uses."""
    return f"X{next(_numbers):07d}"


def produce(
    book: PassportBook,
    *,
    by: User,
    now: datetime,
    steps: int = 3,
    checker: User | None = None,
    shelf: str = "A1",
) -> PassportBook:
    """Print a passport, have somebody else check it, and make it ready; or only the first steps."""
    if steps:
        number = make_book_number()
        book = production_services.mark_printed(book_id=book.pk, book_number=number, by=by, now=now)
    if steps > 1:
        other = checker or make_officer(book.office, Role.PICKUP)
        book = production_services.mark_checked(book_id=book.pk, by=other, now=now)
    if steps > 2:
        book = production_services.mark_ready(book_id=book.pk, shelf=shelf, by=by, now=now)
    return book
