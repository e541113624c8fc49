"""Converting a visit to another service: new passport instead of replacement, or the reverse."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from booking.applications.choices import answer_choices
from booking.applications.documents import circumstances_of, document_text
from booking.applications.models import PassportApplication
from booking.applications.products import FINES
from booking.applications.requirements import Circumstances, documents_for
from booking.applications.selectors import application_of
from booking.applications.services import ApplicationData, data_of, reasons_of
from booking.bookings.changes import change_service
from core.db import busy_on_timeout
from core.formats import rupiah
from counters.service.selectors import APPLICATION_FIELDS
from counters.service.services import (
    Work,
    lock_applicant,
    serving,
    start,
    unseen_documents,
)
from counters.visits.models import CounterSession, StageRun, Visit
from counters.visits.selectors import can_do, done_stages
from counters.visits.services import add_visit_event, end_open_run, next_version
from offices.directory.models import ServiceType, Stage
from offices.directory.selectors import fees_on


@dataclass(frozen=True)
class Conversion:
    """What a conversion would change: documents by name, and the answers of the new application."""

    service: ServiceType
    added: list[str]
    dropped: list[str]
    kept: list[str]
    choices: dict[str, list[tuple[str, str]]]
    answers: dict[str, str]
    fee: str

    @property
    def is_complete(self) -> bool:
        """True when the application of the new service has all its answers."""
        return all(self.answers.values())


def convertible_to(visit: Visit) -> list[ServiceType]:
    """Return the office's other services of the same group and kind."""
    service = visit.booking.service_type
    rows = visit.office.service_types.filter(
        group_id=service.group_id, makes_passport=service.makes_passport
    )
    return list(rows.exclude(pk=service.pk).select_related("group").order_by("pk"))


def conversion_of(
    visit: Visit, service: ServiceType, *, answers: Mapping[str, str], now: datetime
) -> Conversion:
    """Return the effect of converting a visit to a service. `answers` are those of its application."""
    day, person = visit.office.local_day(now), visit.booking.applicant
    known = application_of(person.pk, visit.booking.service_type_id)
    before = circumstances_of(person, visit.booking.service_type, known, day)
    choices = answer_choices(service, visit.office, day, age=before.age)
    answers = dict(answers)
    for name, rows in choices.items():
        codes = [code for code, _label in rows]
        if answers[name] not in codes:
            answers[name] = codes[0] if len(codes) == 1 else ""
    after = replace(before, reason=answers["reason"], purpose=answers["purpose"], issued="")
    old = _names(visit.booking.service_type, before)
    new = _names(service, after)
    return Conversion(
        service=service,
        added=[name for code, name in new.items() if code not in old],
        dropped=[name for code, name in old.items() if code not in new],
        kept=[name for code, name in new.items() if code in visit.documents_checked],
        choices=choices,
        answers=answers,
        fee=_fee_text(service, answers["product"], day),
    )


def _names(service: ServiceType, circumstances: Circumstances) -> dict[str, str]:
    rows = documents_for(service.documents, circumstances)
    return {row.code: document_text(row) for row in rows}


def convert_visit(
    *,
    visit_id: int,
    session_id: int | None,
    service: ServiceType,
    answers: Mapping[str, str],
    by: User,
    now: datetime,
    version: int | None = None,
) -> Visit:
    """Give a visit another service and record the application for it.

    Ticks of documents that both services need stay. If the new one needs another document, the
    document stage is done again. Raises InvalidInput for the answers, and what `change_service`
    and `serving` raise.
    """
    with busy_on_timeout(), transaction.atomic():
        lock_applicant(visit_id, Work(application=answers))
        visit, session = serving(
            visit_id=visit_id,
            session_id=session_id,
            by=by,
            now=now,
            version=version,
            with_booking=True,
        )
        known = application_of(visit.booking.applicant_id, visit.booking.service_type_id)
        ready = known.documents if known else {}
        data = replace(
            data_of(known) if known else ApplicationData(service.code, "", "", ""),
            service_type=service.code,
            issued="",
            documents={
                row["code"]: ready[row["code"]] for row in service.documents if row["code"] in ready
            },
            reason=answers.get("reason", ""),
            purpose=answers.get("purpose", ""),
            product=answers.get("product", ""),
        )
        visit.booking = change_service(booking_id=visit.booking_id, data=data, by=by, now=now)
        _fit(visit)
        add_visit_event(visit, kind="converted", by=by, now=now, session=session)
        _begin_again(visit, session=session, now=now)
        next_version(visit)
        return visit


def _fee_text(service: ServiceType, product: str, day: date) -> str:
    """Return what the schedule of fees says: the product decides, a lost or damaged passport adds."""
    fees = fees_on(day)
    text = _("tetap, mengikuti jenis paspor")
    if product in fees:
        text = _("tetap %(fee)s, mengikuti jenis paspor") % {"fee": rupiah(fees[product])}
    extra = [
        _("denda bila %(reason)s %(fine)s")
        % {"reason": PassportApplication.Reason(reason).label, "fine": rupiah(fees[fine])}
        for reason, fine in FINES.items()
        if reason in reasons_of(service) and fine in fees
    ]
    return "; ".join([text, *extra])


def _fit(visit: Visit) -> None:
    """Keep the ticks of the new service's documents, and no answer of the old application."""
    codes = {row["code"] for row in visit.booking.service_type.documents}
    visit.documents_checked = sorted(codes & set(visit.documents_checked))
    visit.draft = {
        name: text for name, text in visit.draft.items() if name not in APPLICATION_FIELDS
    }
    visit.save(update_fields=["documents_checked", "draft"])


def _begin_again(visit: Visit, *, session: CounterSession, now: datetime) -> None:
    """Go back to the documents if they were finished and the new service needs another one."""
    is_checked = Stage.DOCUMENTS in done_stages(visit)
    if is_checked and unseen_documents(visit) and can_do(session.counter, Stage.DOCUMENTS):
        end_open_run(visit, result=StageRun.Result.ABANDONED, now=now)
        start(visit, session=session, stage=Stage.DOCUMENTS, now=now, is_rework=True)
