"""The officers' screens: requests with their deadlines, the desk, and the answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.people.labels import masked
from booking.people.models import Applicant
from booking.people.services import ApplicantData
from core.errors import DomainError
from core.forms import add_errors
from offices.officer import OfficerContext, back, officer_view, owned_by, show, show_refusal
from offices.permissions import Right
from privacy.holdings.rendering import as_pdf
from privacy.holdings.selectors import held
from privacy.reads.selectors import days_to_review, reads_of, screen_label
from privacy.requests import selectors, services
from privacy.requests.forms import AnswerForm, DeskRequestForm, PersonForm
from privacy.requests.models import DataRequest, RequestStatus

HERE = "protection:requests"
SHOWN = 50


@officer_view(reads=Right.READ_DATA_REQUESTS)
def requests(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List the requests of every office that the officer may read: open ones by deadline, then answered ones."""
    rows = selectors.requests_at([officer.office, *officer.others])
    waiting = rows.filter(status=RequestStatus.OPEN).order_by("due_at", "pk")
    context = {
        "title": _("Permintaan data pribadi"),
        "open": [_line(row, officer.now) for row in waiting],
        "answered": [
            _line(row, officer.now) for row in rows.exclude(status=RequestStatus.OPEN)[:SHOWN]
        ],
        "unusual": days_to_review().count() if officer.has_right(Right.READ_AUDIT) else 0,
        "may_record": officer.has_right(Right.RECORD_DATA_REQUEST),
    }
    return show(request, officer, "privacy/requests/requests.html", context)


def _line(row: DataRequest, now: datetime) -> dict[str, Any]:
    left = selectors.hours_left(row, now=now)
    if row.status != RequestStatus.OPEN:
        state = "done" if row.status == RequestStatus.DONE else "past", row.get_status_display()
    elif left < 0:
        state = "late", _("Terlambat")
    else:
        state = "risk" if left < 24 else "waiting", _("%(n)d jam lagi") % {"n": left}
    return {"row": row, "state": state}


@officer_view(writes=Right.RECORD_DATA_REQUEST)
def at_desk(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Record the request of a person who has shown their document."""
    form = DeskRequestForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        identity = services.DeskIdentity(
            kind=values["identity_kind"],
            number=values["identity_number"],
            nationality=values["nationality"],
            evidence=values["evidence"],
        )
        try:
            services.record_at_desk(
                office_id=officer.office.pk,
                kind=values["kind"],
                identity=identity,
                text=values["text"],
                by=officer.user,
                now=officer.now,
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Permintaan tercatat. Jawab dalam 3 × 24 jam."))
            return back(officer, "protection:at_desk")
    context = {"title": _("Permintaan data pribadi di loket"), "form": form}
    status = 400 if form.errors else 200
    return show(request, officer, "privacy/requests/at_desk.html", context, status=status)


@officer_view(
    reads=Right.READ_DATA_REQUESTS,
    writes=Right.ANSWER_DATA_REQUEST,
    owner=owned_by(DataRequest, "request_id"),
)
def request_page(request: HttpRequest, officer: OfficerContext, request_id: int) -> HttpResponse:
    """Show a request; carry it out or refuse it."""
    row = get_object_or_404(selectors.requests_at([officer.office]), pk=request_id)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.answer_request(
                request_id=row.pk,
                is_granted="grant" in request.POST,
                answer=form.cleaned_data["answer"],
                by=officer.user,
                now=officer.now,
            )
        except DomainError as error:
            show_refusal(form, error, aliases={"text": "answer"})
        else:
            messages.success(request, _("Permintaan sudah dijawab."))
            return back(officer, HERE)
    subject = selectors.subject_of(row)
    is_open = row.status == RequestStatus.OPEN
    people = selectors.people_in(subject)
    context = {
        "title": str(row),
        "line": _line(row, officer.now),
        "row": row,
        "form": form,
        "people": [{"row": person, "identity": masked(person)} for person in people],
        "counts": [(table.title, len(table.values)) for table in held(subject, now=officer.now)],
        "history": row.history.select_related("by"),
        "reads": _reads(subject.people) if officer.has_right(Right.READ_AUDIT) else None,
        "may_act": is_open and officer.has_right(Right.ANSWER_DATA_REQUEST),
        "may_correct": is_open and row.kind == DataRequest.Kind.CORRECT,
    }
    status = 400 if form.errors else 200
    return show(request, officer, "privacy/requests/request.html", context, status=status)


def _reads(applicant_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return who opened these people's records, for the data protection officer."""
    rows = reads_of(applicant_ids).select_related("by", "office")[:SHOWN]
    return [{"row": row, "screen": screen_label(row.screen)} for row in rows]


@require_POST
@officer_view(writes=Right.ANSWER_DATA_REQUEST, owner=owned_by(DataRequest, "request_id"))
def request_file(request: HttpRequest, officer: OfficerContext, request_id: int) -> HttpResponse:
    """Return the data of an open request for a copy as PDF, to hand over at the desk."""
    row = get_object_or_404(
        selectors.requests_at([officer.office]),
        pk=request_id,
        kind=DataRequest.Kind.EXPORT,
        status=RequestStatus.OPEN,
    )
    content = as_pdf(held(selectors.subject_of(row), now=officer.now), now=officer.now)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="permintaan-{row.pk}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


@officer_view(writes=Right.ANSWER_DATA_REQUEST, owner=owned_by(DataRequest, "request_id"))
def correct_person(
    request: HttpRequest, officer: OfficerContext, request_id: int, applicant_id: int
) -> HttpResponse:
    """Correct a person of a request."""
    row = get_object_or_404(selectors.requests_at([officer.office]), pk=request_id)
    people = selectors.people_in(selectors.subject_of(row))
    person = get_object_or_404(people, pk=applicant_id)
    form = PersonForm(
        request.POST if request.method == "POST" else None, initial=_details_of(person)
    )
    if form.is_bound and form.is_valid():
        data = ApplicantData(identity_number=person.identity_number, **form.cleaned_data)
        try:
            services.correct_person(
                request_id=row.pk,
                applicant_id=person.pk,
                data=data,
                by=officer.user,
                now=officer.now,
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Perbaikan tercatat. Jawab permintaannya."))
            return back(officer, "protection:request", request_id=row.pk)
    context = {"title": _("Perbaiki data"), "row": row, "person": person, "form": form}
    status = 400 if form.errors else 200
    return show(request, officer, "privacy/requests/correct_person.html", context, status=status)


def _details_of(person: Applicant) -> dict[str, Any]:
    return {name: getattr(person, name) for name in ("full_name", "birth_date", "sex", "phone")}
