"""What the page is about to which signing in leads: a sentence for the forms before it.

The app that owns the page registers the function that describes it.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve

from core.web import next_url

Describe = Callable[..., str]
_describers: Final[dict[str, Describe]] = {}


def register_destination(view_name: str, describe: Describe) -> None:
    """Register the function that describes a page; it gets the arguments of the page's address."""
    _describers[view_name] = describe


def destination_text(request: HttpRequest) -> str:
    """Return the sentence about the page in `next`, or "" without one."""
    target = next_url(request, "")
    try:
        match = resolve(urlsplit(target).path) if target else None
    except Resolver404:
        return ""
    describe = _describers.get(match.view_name) if match else None
    return describe(*match.args, **match.kwargs) if describe and match else ""
