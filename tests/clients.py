"""The test client shows a refused form as a browser does: it follows the redirect to the kept page."""

from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from core.drafts import PARAMETER

post_once = Client.post


def post_as_browser(self: Client, path: str, *args: Any, **kwargs: Any) -> Any:
    """POST; if the form was refused, return the page that shows it, with the context of its rendering."""
    answer: Any = post_once(self, path, *args, **kwargs)
    if answer.status_code != HTTPStatus.SEE_OTHER or kwargs.get("follow"):
        return answer
    if PARAMETER not in parse_qs(urlsplit(answer["Location"]).query):
        return answer
    page = self.get(answer["Location"], headers=kwargs.get("headers"))
    page.context, page.templates = answer.context, answer.templates
    return page


def page_text(answer: Any) -> str:
    """Return a page with ordinary single spaces, however its template is broken into lines."""
    return " ".join(str(answer.content.decode()).split())
