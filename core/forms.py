"""Shared helpers of forms and their pages."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.text import clean_text


def form_page(
    request: HttpRequest, template: str, form: Any, context: dict[str, Any]
) -> HttpResponse:
    status = 400 if form.is_bound and form.errors else 200
    tell_removed(request, form)
    return render(request, template, {**context, "form": form}, status=status)


def submitted(request: HttpRequest) -> QueryDict | None:
    """Return the submitted data, even if it is empty; None when the page was only opened."""
    return request.POST if request.method == "POST" else None


def posted_text(request: HttpRequest, name: str, *, has_lines: bool = False) -> str:
    """Return a submitted text in its stored form, for a view without a form class."""
    return clean_text(request.POST.get(name, ""), has_lines=has_lines)


def tell_removed(request: HttpRequest, form: Any) -> None:
    """Tell the reader which fields lost invisible characters that were copied with their text."""
    if not form.is_bound:
        return
    form.errors  # noqa: B018 - reads the fields, if nothing has read them yet
    labels = [
        str(bound.label or bound.name) for bound in form if getattr(bound.field, "removed", 0)
    ]
    if labels:
        text = _now("Karakter tak terlihat yang ikut tersalin sudah kami hapus dari: %(fields)s.")
        messages.info(request, text % {"fields": ", ".join(labels)})


class ClockField(forms.TimeField):
    """A time of day as people type it: 09.40 or 09:40."""

    def __init__(self, *, label: Any) -> None:
        text = _("Isi jamnya, misalnya 09.40.")
        super().__init__(
            label=label,
            input_formats=["%H.%M", "%H:%M"],
            widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": 5}),
            error_messages={"required": text, "invalid": text},
        )


def add_errors(
    form: forms.Form, error: DomainError, *, aliases: dict[str, str] | None = None
) -> None:
    """Add the messages of a refusal to their fields; others appear above the form."""
    for name, texts in error.fields.items():
        own = (aliases or {}).get(name, name)
        for text in texts:
            form.add_error(own if own in form.fields else None, str(text))
    if not error.fields:
        form.add_error(None, str(error))


def parsed_ids(texts: Iterable[str]) -> list[int]:
    """Parse ids. Anything that is not a number becomes 0, which the service reports as unknown."""
    return [
        int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0 for text in texts
    ]
