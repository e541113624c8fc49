"""Pages for preparing an application: one question a page, then a page to check and save."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import SignedInRequest, account_of
from booking.applications import questions, selectors, services
from booking.applications.documents import document_text
from booking.applications.forms import ApplicationForm, DeclarationForm
from booking.applications.models import PassportApplication
from booking.applications.products import price_on, price_text
from booking.applications.requirements import documents_for
from booking.people import selectors as people_selectors
from booking.people.models import Applicant
from booking.people.selectors import fits
from core import clock
from core.dates import today
from core.errors import DomainError, NotFound
from core.forms import add_errors, tell_removed
from core.forms import submitted as _typed
from core.web import next_url
from offices.directory.models import Fee, ServiceType

CHECK = "check"


def services_for(person: Applicant) -> list[ServiceType]:
    """Return the services that fit a person's kind of identity."""
    rows = ServiceType.objects.select_related("group").order_by("id")
    return [row for row in rows if fits(person, row)]


@login_required
@require_safe
def application(request: SignedInRequest, applicant_id: int) -> HttpResponse:
    """Ask for the service; redirect at once if there is only one."""
    person = people_selectors.person_of(request.user.pk, applicant_id)
    rows = services_for(person)
    onward = next_url(request, "")
    query = f"?{urlencode({'next': onward})}" if onward else ""
    links = [
        {
            "service": row,
            "url": reverse("booking:application_for", args=[person.pk, row.code]) + query,
            "is_prepared": selectors.application_of(person.pk, row.pk) is not None,
        }
        for row in rows
    ]
    if len(links) == 1:
        return HttpResponseRedirect(str(links[0]["url"]))
    return render(
        request,
        "booking/applications/application_choose.html",
        {"person": person, "services": links},
    )


@dataclass(frozen=True)
class _Steps:
    """One person's application: its answers so far, and the questions that they lead to."""

    person: Applicant
    service: ServiceType
    day: dt.date
    answers: dict[str, Any]
    names: list[str]
    saved_at: dt.datetime | None
    has_draft: bool
    is_saved: bool

    @property
    def first_open(self) -> str:
        return questions.first_open(self.names, self.answers) or CHECK

    def chosen(self, name: str) -> str:
        """Return the requested step if it can be shown, else the first open one."""
        is_known = name in self.names or (name == CHECK and self.first_open == CHECK)
        return name if is_known else self.first_open

    def number(self, name: str) -> int:
        return len(self.names) + 1 if name == CHECK else self.names.index(name) + 1


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_for(request: SignedInRequest, applicant_id: int, code: str) -> HttpResponse:
    """Ask one question of a person's application, keep the answer, and go on with the next one."""
    person = people_selectors.person_of(request.user.pk, applicant_id)
    service = next((row for row in services_for(person) if row.code == code), None)
    if service is None:
        raise NotFound
    steps = _steps(person, service)
    name = steps.chosen(request.GET.get("step", ""))
    onward = next_url(request, "")
    return (_check if name == CHECK else _question)(request, steps, name, onward)


def _steps(person: Applicant, service: ServiceType) -> _Steps:
    day = services.day_of_visit(person, service, today=today())
    saved = selectors.application_of(person.pk, service.pk)
    draft = selectors.draft_of(person.pk, service.pk)
    answers = selectors.answers_in(draft) if draft else questions.answers_of(saved)
    answers = questions.still_allowed(person, service, day, answers)
    kept = draft or saved
    return _Steps(
        person=person,
        service=service,
        day=day,
        answers=answers,
        names=questions.questions_for(person, service, day, answers),
        saved_at=kept.changed_at if kept else None,
        has_draft=draft is not None,
        is_saved=saved is not None,
    )


def _question(request: SignedInRequest, steps: _Steps, name: str, onward: str) -> HttpResponse:
    form = ApplicationForm(
        _typed(request),
        service=steps.service,
        person=steps.person,
        day=steps.day,
        questions=[name],
        answers=steps.answers,
    )
    if request.method == "POST" and form.is_valid():
        services.save_draft(
            applicant_id=steps.person.pk,
            account_id=request.user.pk,
            service=steps.service,
            answers=steps.answers | form.answers(),
            now=clock.now(),
        )
        tell_removed(request, form)
        return HttpResponseRedirect(_address(steps, onward))
    return _page(request, steps, name, onward, {"form": form})


def _check(request: SignedInRequest, steps: _Steps, name: str, onward: str) -> HttpResponse:
    form = DeclarationForm(_typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, steps)
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(
                request, _("Permohonan %(name)s tersimpan.") % {"name": steps.person.short_name}
            )
            return HttpResponseRedirect(onward or reverse("booking:people"))
    return _page(request, steps, name, onward, {"form": form, **_summary(steps, onward)})


def _page(
    request: HttpRequest, steps: _Steps, name: str, onward: str, context: dict[str, Any]
) -> HttpResponse:
    form = context["form"]
    number = steps.number(name)
    before = steps.names[number - 2] if number > 1 else ""
    context |= {
        "person": steps.person,
        "service": steps.service,
        "is_check": name == CHECK,
        "number": number,
        "count": len(steps.names) + 1,
        "saved_at": steps.saved_at,
        "has_draft": steps.has_draft,
        "is_saved": steps.is_saved,
        "next": onward,
        "action": _address(steps, onward, name),
        "back_url": _address(steps, onward, before) if before else "",
    }
    status = 400 if form.is_bound and form.errors else 200
    return render(request, "booking/applications/application.html", context, status=status)


def _address(steps: _Steps, onward: str, step: str = "") -> str:
    address = reverse("booking:application_for", args=[steps.person.pk, steps.service.code])
    query = ({"step": step} if step else {}) | ({"next": onward} if onward else {})
    return f"{address}?{urlencode(query)}" if query else address


def _summary(steps: _Steps, onward: str) -> dict[str, Any]:
    """Return all answers with links to change them, the fee and the documents."""
    form = ApplicationForm(
        service=steps.service,
        person=steps.person,
        day=steps.day,
        questions=steps.names,
        answers=steps.answers,
    )
    rows = [
        {
            "label": str(form.fields[name].label),
            "value": _answer_text(form, name, steps.answers.get(name)),
            "change_url": _address(steps, onward, question),
            "what": str(form.fields[name].label),
        }
        for question in steps.names
        for name in questions.fields_of(question, steps.answers)
        if question != "documents" and name in form.fields
    ]
    data = questions.data_from(
        steps.answers,
        service=steps.service,
        day=steps.day,
        person=steps.person,
        is_declared=True,
    )
    if "product" not in steps.names and data.product:
        # The only product at this age: shown, but there is nothing to choose.
        name = str(capfirst(Fee.Product(data.product).label))
        rows.append({"label": _("Jenis"), "value": name})
    price = price_on(data.product, data.reason, steps.day)
    return {
        "rows": rows,
        "fee": price_text(price) if price else "",
        "documents": [
            {"name": document_text(row), "is_ready": data.documents.get(row.code, False)}
            for row in documents_for(steps.service.documents, form.facts)
        ],
        "documents_url": _address(steps, onward, "documents"),
    }


def _answer_text(form: ApplicationForm, name: str, value: Any) -> str:
    choices = dict(getattr(form.fields[name], "choices", ()))
    return str(choices.get(value, value or ""))


def _save(request: SignedInRequest, steps: _Steps) -> None:
    services.save_application(
        applicant_id=steps.person.pk,
        by=request.user,
        data=questions.data_from(
            steps.answers,
            service=steps.service,
            day=steps.day,
            person=steps.person,
            is_declared=True,
        ),
        now=clock.now(),
    )


def preferred_code(request: HttpRequest) -> str:
    """Return the code of the service that the signed-in person prepared last, as the default choice."""
    account = account_of(request)
    if account is None:
        return ""
    rows = PassportApplication.objects.filter(
        applicant__account=account, applicant__removed_at__isnull=True
    )
    codes = rows.order_by("-changed_at").values_list("service_type__code", flat=True)
    return codes.first() or ""
