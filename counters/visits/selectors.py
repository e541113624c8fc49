"""The stages of a visit: finished, running and remaining, with their standard minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from booking.applications.models import PassportApplication
from core.formats import duration
from counters.visits.models import StageRun, Visit
from offices.directory.models import Counter, Stage, StageStandard
from offices.limits.models import PaymentRule
from offices.outages.selectors import lacks_photo

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class StageView:
    """One stage on the officer's screen. `running` is the minutes since it began, 0 if it has not."""

    stage: str
    number: int
    name: str
    minutes: int
    state: str
    text: str
    is_now: bool
    running: int = 0

    @property
    def short(self) -> str:
        """The first word of the stage's name, for a button."""
        return self.name.split(maxsplit=1)[0].lower()

    @property
    def is_done(self) -> bool:
        return self.state == "done"


@dataclass
class Progress:
    """The stages of a locked visit: the running one, those done in any visit of the booking, all in order."""

    running: StageRun | None
    done: set[str]
    order: list[str]
    interviewed_at: datetime | None

    @property
    def remaining(self) -> list[str]:
        """The stages that are not done, in order."""
        return [stage for stage in self.order if stage not in self.done]

    def finish_running(self, *, now: datetime) -> None:
        """Count the running stage, which the caller ends, as done."""
        if self.running is not None:
            self.done.add(self.running.stage)
            if self.running.stage == Stage.INTERVIEW:
                self.interviewed_at = now


def progress_of(visit: Visit) -> Progress:
    """Return the progress of a visit that `lock_visit` returned, in one query."""
    runs = list(StageRun.objects.filter(visit__booking_id=visit.booking_id))
    done = [run for run in runs if run.result == StageRun.Result.DONE]
    interviews = [run.ended_at for run in done if run.stage == Stage.INTERVIEW and run.ended_at]
    return Progress(
        running=next((run for run in runs if run.visit_id == visit.pk and not run.ended_at), None),
        done={run.stage for run in done},
        order=list(visit.stage_order),  # type: ignore[attr-defined]
        interviewed_at=max(interviews, default=None),
    )


def stage_order() -> ArraySubquery:
    """Return a query expression on visits: the stages of the service, in order."""
    rows = StageStandard.objects.filter(service_type_id=OuterRef("booking__service_type_id"))
    return ArraySubquery(rows.order_by("position").values("stage"))


def has_application() -> Exists:
    """Return a query expression on visits: the person's application for the service is recorded."""
    return Exists(
        PassportApplication.objects.filter(
            applicant_id=OuterRef("booking__applicant_id"),
            service_type_id=OuterRef("booking__service_type_id"),
        )
    )


def has_payment_rule() -> Exists:
    """Return a query expression on visits: a rule about payment applies on the day of the visit."""
    scope = Q(office=OuterRef("office")) | Q(region=OuterRef("office__region"))
    rows = PaymentRule.objects.filter(scope | Q(office=None, region=None))
    return Exists(
        rows.filter(
            Q(valid_until=None) | Q(valid_until__gte=OuterRef("day")),
            valid_from__lte=OuterRef("day"),
        )
    )


def standards_of(visit: Visit) -> list[StageStandard]:
    """Return the standards of the service's stages, in order."""
    return list(visit.booking.service_type.stages.order_by("position"))


def done_stages(visit: Visit) -> set[str]:
    """Return the stages finished in any visit of the booking, so that a return does not repeat them."""
    runs = StageRun.objects.filter(visit__booking_id=visit.booking_id, result=StageRun.Result.DONE)
    return set(runs.values_list("stage", flat=True))


def remaining_stages(visit: Visit) -> list[str]:
    """Return the remaining stages, in order."""
    done = StageRun.objects.filter(
        visit__booking_id=visit.booking_id, stage=OuterRef("stage"), result=StageRun.Result.DONE
    )
    rows = StageStandard.objects.filter(
        ~Exists(done), service_type_id=visit.booking.service_type_id
    )
    return list(rows.order_by("position").values_list("stage", flat=True))


def previous_visit(visit: Visit) -> Visit | None:
    """Return the booking's visit before this one, or None."""
    earlier = Visit.objects.filter(booking_id=visit.booking_id).exclude(pk=visit.pk)
    return earlier.filter(arrived_at__lte=visit.arrived_at).order_by("-arrived_at", "-pk").first()


def open_run(visit: Visit) -> StageRun | None:
    """Return the running stage, or None."""
    return visit.stage_runs.filter(ended_at__isnull=True).first()


def can_do(counter: Counter, stage: str) -> bool:
    """True if the counter does this stage; a one-stop counter does all stages.

    No counter takes photos while every camera that it can use is broken.
    """
    if not counter.is_one_stop and stage not in counter.stages:
        return False
    return stage != Stage.PHOTO or not lacks_photo(counter)


def next_stage_expression() -> Subquery:
    """Return a query expression: the first stage that no visit of the booking has finished."""
    done = StageRun.objects.filter(
        visit__booking_id=OuterRef(OuterRef("booking_id")),
        stage=OuterRef("stage"),
        result=StageRun.Result.DONE,
    )
    standards = StageStandard.objects.filter(service_type_id=OuterRef("booking__service_type_id"))
    return Subquery(standards.filter(~Exists(done)).order_by("position").values("stage")[:1])


def stages_of(visit: Visit, *, now: datetime) -> list[StageView]:
    """Return each stage with its state, minutes and standard."""
    runs = list(StageRun.objects.filter(visit__booking_id=visit.booking_id))
    return [
        _view(number, standard, [run for run in runs if run.stage == standard.stage], now)
        for number, standard in enumerate(standards_of(visit), start=1)
    ]


def _view(number: int, standard: StageStandard, runs: list[StageRun], now: datetime) -> StageView:
    running = next((run for run in runs if run.ended_at is None), None)
    done = [run for run in runs if run.result == StageRun.Result.DONE]
    state = "serving" if running else "done" if done else "waiting"
    spent = sum(((run.ended_at or now) - run.started_at for run in runs), timedelta()) // MINUTE
    if state == "serving" and spent > standard.minutes:
        state = "risk"
    text = _("standar %(standard)s") if not runs else _("%(spent)s, standar %(standard)s")
    return StageView(
        stage=standard.stage,
        number=number,
        name=str(standard.get_stage_display()),
        minutes=standard.minutes,
        state=state,
        text=text % {"spent": duration(spent), "standard": duration(standard.minutes)},
        is_now=running is not None,
        running=(now - running.started_at) // MINUTE if running else 0,
    )
