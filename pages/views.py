"""Pages that belong to no feature: the reader's settings, and information about the service."""

from datetime import date
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from accounts.services import choose_language
from booking.applications.documents import cases_of, document_text
from booking.bookings.selectors import is_unreached
from core import clock
from core.public_pages import public_page
from offices.directory.models import Fee, ServiceType
from privacy.retention.selectors import periods

THEMES = ("light", "dark", "auto")
FEE_ORDER = list(Fee.Product.values)
# Personal pages, behind a sign-in or the link of a message; and endless series of pages.
NOT_FOR_SEARCH = (
    "/admin/",
    "/akun/",
    "/api/",
    "/book/",
    "/bookings/",
    "/contests/",
    "/demo/",
    "/kiosk/",
    "/moves/",
    "/offers/",
    "/people/",
    "/pilihan/",
    "/restrictions/",
    "/rooms/",
    "/waiting/",
    "/watch/",
)
HOME_SCREEN_ICONS = (
    ("icon-192.png", 192, "any"),
    ("icon-512.png", 512, "any"),
    ("icon-maskable-512.png", 512, "maskable"),
)
A_DAY = 60 * 60 * 24
A_MONTH = 30 * A_DAY
A_YEAR = 60 * 60 * 24 * 365


# Both switches are exempt from CSRF on purpose: they only set a harmless cookie, and a page
# without a token is the same for everyone and can be cached.
@csrf_exempt
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Store the language in a cookie, and for the account's messages; redirect back."""
    answer = _back(request)
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES) and check_for_language(chosen):
        _remember(answer, settings.LANGUAGE_COOKIE_NAME, chosen)
        if request.user.is_authenticated:
            choose_language(user_id=request.user.pk, language=chosen)
    return answer


@csrf_exempt
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Store light or dark in a cookie; `auto` removes it."""
    answer = _back(request)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        _remember(answer, "theme", chosen)
    return answer


def _back(request: HttpRequest) -> HttpResponseRedirect:
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(target if is_ours else "/")


def _remember(answer: HttpResponse, name: str, value: str) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=A_YEAR,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )


@login_required
@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    """Show the settings of an account."""
    context = {"is_unreached": is_unreached(request.user.pk, now=clock.now())}
    return render(request, "account/overview.html", context)


@require_safe
@public_page(seconds=10)
def requirements(request: HttpRequest) -> HttpResponse:
    """Show the documents and fees, by the rows in force today."""
    today = clock.local_day(clock.now(), settings.TIME_ZONE)
    fees = sorted(Fee.objects.in_force(today), key=lambda fee: FEE_ORDER.index(fee.product))
    services = ServiceType.objects.select_related("group").order_by("id")
    return render(
        request,
        "pages/requirements.html",
        {
            "services": [(service, _cases(service, today)) for service in services],
            "fees": fees,
            "instruments": sorted({(fee.instrument, fee.valid_from) for fee in fees}),
        },
    )


def _cases(service: ServiceType, day: date) -> list[tuple[str, list[str]]]:
    return [(label, [document_text(row) for row in rows]) for label, rows in cases_of(service, day)]


@require_safe
@public_page(seconds=10)
def help_page(request: HttpRequest) -> HttpResponse:
    """Show frequent questions with answers."""
    return render(request, "pages/help.html")


@require_safe
@public_page(seconds=10)
def complaints(request: HttpRequest) -> HttpResponse:
    """Show where to complain and what happens next."""
    return render(request, "pages/complaints.html")


@require_safe
@public_page(seconds=10)
def privacy(request: HttpRequest) -> HttpResponse:
    """Show which data are stored, why and for how long, and the rights of people."""
    rows = [(row.kind.label, row.kind.since, row.days) for row in periods(now=clock.now())]
    return render(request, "pages/privacy.html", {"periods": rows})


@require_safe
@public_page(seconds=10)
def accessibility(request: HttpRequest) -> HttpResponse:
    """Show how the service can be used, and its known limits."""
    return render(request, "pages/accessibility.html")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Show the page for browsers without a network."""
    return render(request, "errors/offline.html")


@require_safe
def service_worker(_request: HttpRequest) -> HttpResponse:
    """Serve the service worker for offline tickets, from the root so that its scope is every page."""
    answer = HttpResponse(_static("js", "sw.js"), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "max-age=0"
    return answer


@require_safe
@cache_control(public=True, max_age=A_DAY)
def robots(_request: HttpRequest) -> HttpResponse:
    """Allow search engines the public pages: offices and calendars, not personal pages or the API."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_SEARCH)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=A_MONTH)
def favicon(_request: HttpRequest) -> HttpResponse:
    """Serve the icon under its default name, which browsers request where a page names none, as for JSON."""
    return HttpResponse(_static("icons", "mark.svg"), content_type="image/svg+xml")


@require_safe
@cache_control(public=True, max_age=A_DAY)
def manifest(_request: HttpRequest) -> HttpResponse:
    """Serve the web manifest: the name and icons of the site on a phone's home screen."""
    values = {
        "id": "/",
        "name": "Antrean Paspor",
        "short_name": "Antrean Paspor",
        "lang": settings.LANGUAGE_CODE,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f4f6f1",
        "theme_color": "#07393d",
        "icons": [
            {
                "src": static(f"icons/{name}"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for name, size, purpose in HOME_SCREEN_ICONS
        ],
    }
    return JsonResponse(values, content_type="application/manifest+json")


@cache
def _static(*path: str) -> str:
    return Path(settings.BASE_DIR, "static", *path).read_text(encoding="utf-8")
