"""Data for the counter's screen: the counter, its visit and the queue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.models import User
from booking.applications.documents import document_text, documents_of
from booking.applications.models import PassportApplication
from booking.applications.products import price_on, price_text
from booking.applications.requirements import Age, age_on
from booking.applications.selectors import application_of
from booking.people.labels import masked_number
from booking.photos.selectors import application_with_photos
from booking.settlement.selectors import PaymentView, payment_of
from counters.production.models import PassportBook
from counters.queue.selectors import clock_of, promise_state, slot_text
from counters.visits.models import AT_A_COUNTER, IN_SERVICE, CounterSession, Visit, VisitStatus
from counters.visits.selectors import StageView, can_do, previous_visit, stages_of
from offices.directory.models import ACCELERATED, Counter, Lane, Office, Stage
from offices.directory.selectors import lanes_by_code
from offices.limits.models import PaymentRule
from offices.limits.selectors import payment_rule_on
from offices.outages.selectors import counters_lacking_photo
from offices.promises import VISIT_TIME

MINUTE = timedelta(minutes=1)
APPLICATION_FIELDS: Final = ("reason", "product", "purpose")
LANE_MARKS = {"priority": "lane--p", "walk_in": "lane--l"}


@dataclass(frozen=True)
class DocumentRow:
    """A document that the service requires or accepts."""

    code: str
    name: str
    is_required: bool
    is_checked: bool


@dataclass(frozen=True)
class LaneCount:
    """The number of waiting visits in a lane."""

    lane: Lane
    count: int
    css: str

    @property
    def rest(self) -> int:
        return max(15 - self.count, 0)


@dataclass(frozen=True)
class Parked:
    """A parked visit, with the minutes since it was parked and its clock's state."""

    visit: Visit
    parked: int
    left: int
    state: str


@dataclass(frozen=True)
class Console:
    """Data for the screen of one visit at the counter. `main` is what the main button does."""

    visit: Visit
    application: PassportApplication | None
    answers: dict[str, str]
    slot: str
    clock: dict[str, Any]
    stages: list[StageView]
    documents: list[DocumentRow]
    photos: list[DocumentRow]
    done_stages: list[StageView]
    now_stage: StageView | None
    next_stage: StageView | None
    is_last: bool
    goes_on_here: bool
    main: str
    before: Visit | None
    payment: PaymentView | None
    adults: list[tuple[str, str]]

    @property
    def has_unseen(self) -> bool:
        """True while a required document is not ticked."""
        return any(row.is_required and not row.is_checked for row in self.documents)

    @property
    def unseen_text(self) -> str:
        """The names of required documents that are not ticked, for the message about them."""
        return ", ".join(
            row.name for row in self.documents if row.is_required and not row.is_checked
        )

    @property
    def is_complete(self) -> bool:
        """True when the application has all its answers."""
        return all(self.answers.values())

    @property
    def transfer_stage(self) -> StageView | None:
        """The stage that another counter would begin with."""
        return self.now_stage or self.next_stage


@dataclass(frozen=True)
class Receipt:
    """Data for the receipt of a finished visit; `book` is None when no passport is made.

    `fee` is empty where it is paid in this system: `payment` says so then.
    """

    visit: Visit
    application: PassportApplication | None
    book: PassportBook | None
    payment: PaymentView | None
    fee: str
    is_child: bool


def open_session(user: User, office: Office) -> CounterSession | None:
    """Return the officer's open session at an office, or None."""
    return (
        CounterSession.objects.select_related("counter__hall", "office")
        .filter(officer=user, office=office, closed_at__isnull=True)
        .first()
    )


def visits_at(session: CounterSession, *, now: datetime) -> tuple[Visit | None, list[Parked]]:
    """Return the visit called to or served in a session, and those parked, longest first.

    With the related rows that the screen shows. The clocks of parked visits go on.
    """
    rows = session.visits.filter(status__in=IN_SERVICE).select_related(
        "ticket",
        "lane",
        "office",
        "session__counter",
        "booking__applicant",
        "booking__slot",
        "booking__service_type__group",
    )
    visits = list(rows.order_by("parked_at", "pk"))
    parked = [visit for visit in visits if visit.status == VisitStatus.PARKED]
    return (
        next((visit for visit in visits if visit.status in AT_A_COUNTER), None),
        [_parked(visit, now=now) for visit in parked],
    )


def console_of(visit: Visit, *, counter: Counter, now: datetime) -> Console:
    """Return the data that the officer's screen shows for a visit."""
    stages = stages_of(visit, now=now)
    running = next((stage for stage in stages if stage.is_now), None)
    following = next((stage for stage in stages if not stage.is_done and not stage.is_now), None)
    application, photographed = application_with_photos(
        visit.booking.applicant_id, visit.booking.service_type_id
    )
    documents = document_rows(visit, application)
    is_return = visit.kind == Visit.Kind.RETURN
    return Console(
        visit=visit,
        application=application,
        answers=answers_of(visit, application),
        slot=slot_text(visit),
        clock=clock_of(visit, now=now, stages=stages),
        stages=stages,
        documents=documents,
        photos=[row for row in documents if row.code in photographed],
        done_stages=[stage for stage in stages if stage.is_done and not stage.is_now],
        now_stage=running,
        next_stage=following,
        is_last=following is None,
        goes_on_here=following is not None and can_do(counter, following.stage),
        main="end" if following is None else "finish" if running else "transfer",
        before=previous_visit(visit) if is_return else None,
        payment=_payment(visit, now=now),
        adults=_adults(application),
    )


def _adults(application: PassportApplication | None) -> list[tuple[str, str]]:
    """Return name and masked number of the adults that a child's application names."""
    if application is None or not application.parents:
        return []
    return [
        (adult.full_name, masked_number(adult.identity_kind, adult.identity_number))
        for adult in application.responsible_adults.all()
    ]


def _payment(visit: Visit, *, now: datetime) -> PaymentView | None:
    """Return the payment of a visit where the fee is paid in this system."""
    if payment_rule_on(visit.office, visit.day).timing == PaymentRule.Timing.NONE:
        return None
    return payment_of(visit.booking, now=now)


def application_answers(visit: Visit) -> dict[str, str]:
    """Return the answers of the application: what was typed, else what is recorded, else empty."""
    booking = visit.booking
    return answers_of(visit, application_of(booking.applicant_id, booking.service_type_id))


def answers_of(visit: Visit, application: PassportApplication | None) -> dict[str, str]:
    """Return the answers of a visit's application, which may not have been recorded yet."""
    return {
        name: visit.draft.get(name, getattr(application, name) if application else "")
        for name in APPLICATION_FIELDS
    }


def missing_answers(answers: Mapping[str, str]) -> str:
    """Return the names of the answers that an application lacks."""
    names = _answer_names()
    return ", ".join(names[name].lower() for name in APPLICATION_FIELDS if not answers[name])


def answer_rows(
    choices: Mapping[str, list[tuple[str, str]]], answers: Mapping[str, str], *, is_due: bool
) -> list[dict[str, Any]]:
    """Return the application's questions for the screen; if `is_due`, the first open one is marked."""
    names = _answer_names()
    rows: list[dict[str, Any]] = [
        {"name": name, "label": names[name], "choices": choices[name], "value": answers[name]}
        for name in APPLICATION_FIELDS
    ]
    missing = next((row for row in rows if not row["value"]), None)
    if is_due and missing is not None:
        missing["is_due"] = True
    return rows


def _answer_names() -> dict[str, str]:
    return {
        "reason": _("Alasan"),
        "product": _("Jenis paspor"),
        "purpose": _("Tujuan perjalanan"),
    }


def document_rows(visit: Visit, application: PassportApplication | None) -> list[DocumentRow]:
    """Return the documents of a visit's application and whether the officer has checked each one."""
    booking = visit.booking
    return [
        DocumentRow(
            code=document.code,
            name=document_text(document),
            is_required=document.is_required,
            is_checked=document.code in visit.documents_checked,
        )
        for document in documents_of(
            booking.applicant, booking.service_type, application, visit.day
        )
    ]


def documents_of_visit(visit: Visit) -> list[DocumentRow]:
    """Return the documents of a visit, by the application as it is recorded now."""
    booking = visit.booking
    return document_rows(visit, application_of(booking.applicant_id, booking.service_type_id))


def _parked(visit: Visit, *, now: datetime) -> Parked:
    running = now - visit.clock_from
    return Parked(
        visit=visit,
        parked=(now - (visit.parked_at or now)) // MINUTE,
        left=(VISIT_TIME - running) // MINUTE,
        state=promise_state(running),
    )


def last_finished(session: CounterSession, *, now: datetime) -> Visit | None:
    """Return the visit finished last in a session today, for its receipt."""
    day = session.office.local_day(now)
    rows = session.visits.filter(day=day, status=VisitStatus.FINISHED)
    return rows.select_related("ticket", "book").order_by("-ended_at", "-pk").first()


def receipt_of(visit_id: int, *, now: datetime) -> Receipt | None:
    """Return the receipt of a visit, or None unless it is finished."""
    visit = (
        Visit.objects.filter(pk=visit_id, status=VisitStatus.FINISHED)
        .select_related(
            "ticket",
            "office",
            "book",
            "session__counter",
            "booking__applicant",
            "booking__service_type",
        )
        .first()
    )
    if visit is None:
        return None
    booking = visit.booking
    application = application_of(booking.applicant_id, booking.service_type_id)
    is_married = application is not None and application.is_married
    return Receipt(
        visit=visit,
        application=application,
        book=getattr(visit, "book", None),
        payment=_payment(visit, now=now),
        fee=_fee_outside(visit, application),
        is_child=age_on(booking.applicant.birth_date, visit.day, is_married=is_married)
        == Age.CHILD,
    )


def _fee_outside(visit: Visit, application: PassportApplication | None) -> str:
    """Return the fee where it is paid outside this system; otherwise, or if it is not known, nothing."""
    rule = payment_rule_on(visit.office, visit.day)
    if application is None or rule.timing != PaymentRule.Timing.NONE:
        return ""
    is_accelerated = visit.lane_id == ACCELERATED
    price = price_on(application.product, application.reason, visit.day, accelerated=is_accelerated)
    return price_text(price) if price else ""


def finished_today(session: CounterSession, *, now: datetime) -> int:
    """Return the number of visits finished today in a session."""
    day = session.office.local_day(now)
    return session.visits.filter(day=day, status=VisitStatus.FINISHED).count()


def lane_counts(counts: Mapping[str, int]) -> list[LaneCount]:
    """Return the number of waiting visits in each lane, by series. `counts` are by the lane's code."""
    lanes = sorted(map(lanes_by_code().__getitem__, counts), key=lambda lane: lane.series)
    return [LaneCount(lane, counts[lane.code], LANE_MARKS.get(lane.code, "")) for lane in lanes]


def free_counters(office: Office, *, day: date) -> list[dict[str, Any]]:
    """Return the office's counters that are in use on a day, with their open sessions."""
    counters = Counter.objects.in_use_on(day).filter(hall__office=office).select_related("hall")
    sessions = CounterSession.objects.filter(office=office, closed_at__isnull=True)
    taken = {session.counter_id: session for session in sessions.select_related("officer")}
    lacking = counters_lacking_photo(office)
    return [
        {
            "counter": counter,
            "session": taken.get(counter.pk),
            "stages": [str(Stage(stage).label) for stage in counter.stages],
            "lacks_photo": counter.pk in lacking
            and (counter.is_one_stop or Stage.PHOTO in counter.stages),
        }
        for counter in counters.order_by("hall__floor", "hall__name", "number")
    ]
