"""A site with the faults that the fuzz test must find: one in an address, a parameter, a form and a body."""

import datetime as dt
import json

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path

ONE_DAY = dt.timedelta(days=1)
PAGE = '<form method="post"><input name="first_day"><textarea name="reason">x</textarea></form>'


class DayForm(forms.Form):
    first_day = forms.DateField(required=False)


def address(request: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(dt.date(2026, 1, 1) + dt.timedelta(days=number))


def parameter(request: HttpRequest) -> HttpResponse:
    """Any parameter: which ones a run sends depends on the names of the whole project."""
    days = [dt.date.fromisoformat(text) for text in request.GET.values()]
    return HttpResponse(str(days))


def form(request: HttpRequest) -> HttpResponse:
    sent = DayForm(request.POST or None)
    if sent.is_valid() and sent.cleaned_data["first_day"]:
        return HttpResponse(sent.cleaned_data["first_day"] + ONE_DAY)
    return HttpResponse(PAGE)


def body(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(type(json.loads(request.body or b"{}"))))


def failed(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=500)


handler500 = failed
urlpatterns = [
    path("address/<int:number>/", address),
    path("parameter/", parameter),
    path("form/", form),
    path("body/", body),
]
