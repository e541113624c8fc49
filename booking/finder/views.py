"""The requirements finder: one question a page, then the answer; and the start of the application."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import SignedInRequest
from booking.applications.requirements import years_on
from booking.applications.selectors import answers_in, application_of, draft_of
from booking.applications.services import save_draft
from booking.finder.questions import (
    FOREIGNER,
    QUESTIONS,
    application_answers,
    is_for_age,
    open_question,
    service_code,
    valid_answers,
)
from booking.finder.results import result_of
from booking.people import selectors as people_selectors
from booking.people.models import Applicant
from booking.people.selectors import fits
from core import clock
from core.clock import local_day
from core.errors import NotFound
from core.forms import parsed_ids
from core.public_pages import public_page
from offices.directory.models import Fee, ServiceType

NAMES = tuple(QUESTIONS)


@require_safe
@public_page(*NAMES, seconds=10)
def finder(request: HttpRequest) -> HttpResponse:
    """Ask the next open question, or show what is needed. Every answer is a link."""
    answers = valid_answers(request.GET.dict())
    question = open_question(answers)
    context: dict[str, Any] = {"answers": _given(answers)}
    if question is not None:
        context |= {
            "question": question,
            "choices": [
                {"text": text, "url": _address(answers | {question.name: code})}
                for code, text in question.answers.items()
            ],
            "back_url": _address(dict(list(answers.items())[:-1])) if answers else "",
        }
        return render(request, "booking/finder/question.html", context)
    context |= {"result": result_of(answers, clock.now()), "page_url": _address(answers)}
    return render(request, "booking/finder/result.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def finder_start(request: SignedInRequest) -> HttpResponse:
    """Ask who the application is for, and begin it with the answers of the finder."""
    answers = valid_answers(request.GET.dict())
    if open_question(answers) is not None:
        return HttpResponseRedirect(_address(answers))
    service = ServiceType.objects.select_related("group").filter(code=service_code(answers)).first()
    if service is None:
        raise NotFound
    product = request.GET.get("product", "")
    begun = application_answers(answers, product if product in Fee.Product.values else "")
    if request.method == "POST":
        person = _chosen(request, service)
        save_draft(
            applicant_id=person.pk,
            account_id=request.user.pk,
            service=service,
            answers=(answers_in(draft) if (draft := draft_of(person.pk, service.pk)) else {})
            | begun,
            now=clock.now(),
        )
        return HttpResponseRedirect(_application_url(person, service))
    here, today = request.get_full_path(), local_day(clock.now(), settings.TIME_ZONE)
    query = {"kind": "passport" if answers["who"] == FOREIGNER else "nik", "next": here}
    people = [
        {
            "person": person,
            "is_prepared": application_of(person.pk, service.pk) is not None,
            "is_other_age": not is_for_age(answers, years_on(person.birth_date, today)),
            "url": _application_url(person, service),
        }
        for person in people_selectors.people_of(request.user.pk)
        if fits(person, service)
    ]
    context = {
        "service": service,
        "people": people,
        "answers": _given(answers),
        "is_foreign": answers["who"] == FOREIGNER,
        "add_url": f"{reverse('booking:person_add')}?{urlencode(query)}",
        "finder_url": _address(answers),
    }
    return render(request, "booking/finder/start.html", context)


def _chosen(request: SignedInRequest, service: ServiceType) -> Applicant:
    """Return the person of the form. Raises NotFound, also for somebody whom the service is not for."""
    [applicant_id] = parsed_ids([request.POST.get("person", "")])
    person = people_selectors.person_of(request.user.pk, applicant_id)
    if not fits(person, service):
        raise NotFound
    return person


def _application_url(person: Applicant, service: ServiceType) -> str:
    return reverse("booking:application_for", args=[person.pk, service.code])


def _given(answers: dict[str, str]) -> list[dict[str, Any]]:
    """Return the answers so far; each link asks its question again and keeps those before it."""
    rows = []
    for number, (name, code) in enumerate(answers.items()):
        before = dict(list(answers.items())[:number])
        rows.append(
            {
                "label": QUESTIONS[name].text,
                "value": QUESTIONS[name].answers[code],
                "change_url": _address(before),
            }
        )
    return rows


def _address(answers: dict[str, str]) -> str:
    address = reverse("booking:finder")
    return f"{address}?{urlencode(answers)}" if answers else address
