"""Pages that belong to no room: what a reader prefers to see, and what the service says about itself."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.services import choose_language
from core import clock
from core.languages import localized
from core.public_pages import public_page
from offices.directory.models import Fee, ServiceType

THEMES = ("light", "dark", "auto")
FEE_ORDER = list(Fee.Product.values)
# What is one person's, behind a sign-in or a letter's link; and where pages are without end.
NOT_FOR_SEARCH = (
    "/admin/",
    "/akun/",
    "/api/",
    "/book/",
    "/bookings/",
    "/contests/",
    "/demo/",
    "/moves/",
    "/offers/",
    "/people/",
    "/pilihan/",
    "/restrictions/",
    "/rooms/",
    "/waiting/",
    "/watch/",
)
A_DAY = 60 * 60 * 24
A_MONTH = 30 * A_DAY
A_YEAR = 60 * 60 * 24 * 365


# Both switches are exempt from CSRF on purpose: all they do is to set a harmless cookie, and a page
# without a token in it is the same for everyone and can be cached.
@csrf_exempt
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in a cookie, and for an account's letters; go back to where the reader was."""
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
    """Remember light or dark in a cookie; `auto` forgets it."""
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
def account(request: HttpRequest) -> HttpResponse:
    """Show all that a person can change about their account, in one list."""
    return render(request, "account/overview.html")


@require_safe
@public_page(seconds=10)
def requirements(request: HttpRequest) -> HttpResponse:
    """Tell what to bring and what it costs, by the rows in force today."""
    today = clock.local_day(clock.now(), settings.TIME_ZONE)
    fees = sorted(Fee.objects.in_force(today), key=lambda fee: FEE_ORDER.index(fee.product))
    services = ServiceType.objects.select_related("group").order_by("id")
    return render(
        request,
        "pages/requirements.html",
        {
            "services": [(service, documents_of(service)) for service in services],
            "fees": fees,
            "instruments": sorted({(fee.instrument, fee.valid_from) for fee in fees}),
        },
    )


def documents_of(service: ServiceType) -> list[dict[str, object]]:
    """Return the documents of a service in the reader's language."""
    return [
        {
            "name": localized(row),
            "is_required": row.get("is_required", True),
        }
        for row in service.documents
    ]


@require_safe
@public_page(seconds=10)
def help_page(request: HttpRequest) -> HttpResponse:
    """Answer what people ask most."""
    return render(request, "pages/help.html")


@require_safe
@public_page(seconds=10)
def complaints(request: HttpRequest) -> HttpResponse:
    """Tell where to complain and what happens then."""
    return render(request, "pages/complaints.html")


@require_safe
@public_page(seconds=10)
def privacy(request: HttpRequest) -> HttpResponse:
    """Tell which data are kept, why, how long, and what one may ask."""
    return render(request, "pages/privacy.html")


@require_safe
@public_page(seconds=10)
def accessibility(request: HttpRequest) -> HttpResponse:
    """Tell how the service can be used, and where it falls short."""
    return render(request, "pages/accessibility.html")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Show what a browser without a network sees."""
    return render(request, "errors/offline.html")


@require_safe
def service_worker(_request: HttpRequest) -> HttpResponse:
    """Serve the worker that keeps tickets readable offline, from the root so that it sees every page."""
    answer = HttpResponse(_static("js", "sw.js"), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "max-age=0"
    return answer


@require_safe
@cache_control(public=True, max_age=A_DAY)
def robots(_request: HttpRequest) -> HttpResponse:
    """Tell search engines what is for everyone: offices and calendars, not what is one person's or for programs."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_SEARCH)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=A_MONTH)
def favicon(_request: HttpRequest) -> HttpResponse:
    """Give the pages' icon to browsers that ask for it by its old name: where a page names none, as beside JSON."""
    return HttpResponse(_static("icons", "mark.svg"), content_type="image/svg+xml")


@cache
def _static(*path: str) -> str:
    return Path(settings.BASE_DIR, "static", *path).read_text(encoding="utf-8")
