"""The first address of a link in a message: keeps the link in the session and leaves the address without it."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from core import clock, signatures
from core.errors import DomainError
from core.web import count_refusal, error_json, error_page
from notices import gateway, links, services
from notices.errors import LinkNotValid

ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")


class OneClick(Protocol):
    """The service that stops what a link stops."""

    def __call__(self, *, use: links.LinkUse, now: datetime) -> None: ...


class SeeOther(HttpResponseRedirect):
    """303: fetch the other address with GET."""

    status_code = 303


def entrance(
    purpose: links.Purpose, *, one_click: OneClick | None = None
) -> Callable[..., HttpResponse]:
    """Return the view of a purpose's first address. GET only keeps the link and redirects.

    With `one_click`, the POST of RFC 8058 that mail programs send for "unsubscribe" acts at once.
    """

    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"] if one_click else ["GET", "HEAD"])
    def enter(request: HttpRequest, token: str) -> HttpResponse:
        now = clock.now()
        try:
            link = links.read(token, purpose, now=now)
            if request.method == "POST":
                return _stopped_at_once(request, link, one_click, now)
        except DomainError as error:
            return without_referrer(error_page(request, error))
        if request.method == "GET":
            links.hold(request, link, now=now)
        query = request.META.get("QUERY_STRING", "")
        return see_other(reverse(purpose.page, args=[link.subject]), query=query)

    view: Callable[..., HttpResponse] = csrf_exempt(enter) if one_click else enter
    return view


def _stopped_at_once(
    request: HttpRequest,
    link: links.Link,
    one_click: OneClick | None,
    now: datetime,
) -> HttpResponse:
    name, value = ONE_CLICK
    if one_click is None or request.POST.get(name) != value:
        raise LinkNotValid
    one_click(use=links.LinkUse(link), now=now)
    return without_referrer(HttpResponse(_("Pesan dihentikan."), content_type="text/plain"))


def see_other(address: str, *, query: str = "") -> HttpResponse:
    """Redirect a link to an address without its token, which no other site learns."""
    return without_referrer(SeeOther(f"{address}?{query}" if query else address))


def without_referrer(answer: HttpResponse) -> HttpResponse:
    """Return the answer of an address with a token: the browser names it to nobody."""
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@csrf_exempt
@never_cache
@require_POST
def gateway_report(request: HttpRequest) -> HttpResponse:
    """Record a signed report of the gateway: a message was delivered, or was not."""
    now = clock.now()
    try:
        gateway.check_signature(
            request.body,
            timestamp=request.headers.get(signatures.TIMESTAMP, ""),
            signature=request.headers.get(signatures.SIGNATURE, ""),
            now=now,
        )
        key, status = gateway.read_report(request.body)
        services.record_report(key=key, status=status, now=now)
    except DomainError as error:
        count_refusal(error)
        return error_json(error)
    return HttpResponse(status=204)
