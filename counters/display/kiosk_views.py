"""The page of a kiosk: scan or type a code, see the number, print it. Nobody's name is shown."""

from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.core.signing import BadSignature, dumps, loads
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods

from accounts.throttles import SignInThrottle
from booking.codes import CODE_ALPHABET
from core import clock
from core.errors import DomainError, SlowDown
from core.forms import posted_text
from core.languages import known_language, languages, reader_language
from core.web import count_refusal
from counters.display.selectors import current_board, standing_in
from counters.display.services import KioskAnswer, check_in_at_kiosk
from counters.kiosks.errors import KioskNotPaired, KioskRevoked
from counters.kiosks.models import Kiosk
from counters.kiosks.selectors import kiosk_of
from counters.kiosks.services import pair_kiosk
from counters.visits.models import Visit
from offices.directory.models import Office
from offices.directory.selectors import get_office

DEVICE_COOKIE: Final = "kiosk"
RESULT_COOKIE: Final = "kiosk_result"
SALT: Final = "counters.kiosk"
TWO_YEARS: Final = 60 * 60 * 24 * 730
# A result is shown once, and only by the page that follows at once.
RESULT_SECONDS: Final = 30
LONGEST_CODE: Final = 60


@require_http_methods(["GET", "HEAD", "POST"])
def kiosk(request: HttpRequest, code: str) -> HttpResponse:
    """Show the kiosk of an office, pair it, or check somebody in. Nothing of it is kept by a browser.

    The language is part of the address, so that the next person begins in Indonesian.
    """
    office = get_office(code)
    language = known_language(request.GET.get("lang"))
    with translation.override(language):
        answer = _post(request, office) if request.method == "POST" else _page(request, office)
    answer["Cache-Control"] = "no-store"
    return answer


def _post(request: HttpRequest, office: Office) -> HttpResponse:
    answer = HttpResponseRedirect(request.get_full_path(), status=HTTPStatus.SEE_OTHER)
    try:
        if "pair" in request.POST:
            return _pair(request, office, answer)
        token = request.COOKIES.get(DEVICE_COOKIE, "")
        if _kiosk(request, office) is None:
            raise KioskNotPaired
        code = posted_text(request, "ticket")[:LONGEST_CODE]
        _kiosk_row, result = check_in_at_kiosk(token=token, code=code, now=clock.now())
    except DomainError as error:
        count_refusal(error)
        return _with_result(answer, {"error": str(error)})
    return _with_result(answer, _kept(result))


def _pair(request: HttpRequest, office: Office, answer: HttpResponse) -> HttpResponse:
    if not SignInThrottle().allow_request(request, None):  # type: ignore[arg-type]
        raise SlowDown
    code = posted_text(request, "pair")[:LONGEST_CODE]
    token = pair_kiosk(office=office.code, code=code, now=clock.now())
    answer.set_cookie(DEVICE_COOKIE, token, max_age=TWO_YEARS, **_cookie_options())
    return answer


def _kiosk(request: HttpRequest, office: Office) -> Kiosk | None:
    """Return the kiosk of this browser if it is one of this office's. Raises KioskRevoked."""
    try:
        row = kiosk_of(request.COOKIES.get(DEVICE_COOKIE, ""))
    except KioskNotPaired:
        return None
    return row if row.office_id == office.pk else None


def _page(request: HttpRequest, office: Office) -> HttpResponse:
    error, row = "", None
    try:
        row = _kiosk(request, office)
    except KioskRevoked as refused:
        error = str(refused)
    result = _result(request)
    start = reverse("display:kiosk", args=[office.code])
    context: dict[str, Any] = {
        "office": office,
        "kiosk": row,
        "error": result.get("error") or error,
        "state": result.get("state", "") if row else "",
        "standing": None,
        "now": clock.now(),
        "start_url": start,
        "languages": languages(),
        "keys": CODE_ALPHABET,
        "is_default_language": reader_language() == settings.LANGUAGE_CODE,
    }
    if row is not None and "visit" in result:
        context |= _number(office, result["visit"])
    answer = render(request, "counters/display/kiosk.html", context)
    if RESULT_COOKIE in request.COOKIES:
        answer.delete_cookie(RESULT_COOKIE, path=_path(), samesite="Strict")
    return answer


def _number(office: Office, visit_id: Any) -> dict[str, Any]:
    visit = Visit.objects.filter(pk=visit_id, office=office).select_related("ticket").first()
    if visit is None:
        return {}
    number = str(visit.ticket)
    return {
        "number": number,
        "visit": visit,
        "standing": standing_in(current_board(office.code, now=clock.now()), number),
    }


# --- The result, carried by a signed cookie from the form to the page that follows ----------------
def _kept(result: KioskAnswer) -> dict[str, Any]:
    kept: dict[str, Any] = {"state": result.state}
    return {**kept, "visit": result.visit.pk} if result.visit else kept


def _with_result(answer: HttpResponse, result: dict[str, Any]) -> HttpResponse:
    answer.set_cookie(
        RESULT_COOKIE, dumps(result, salt=SALT), max_age=RESULT_SECONDS, **_cookie_options()
    )
    return answer


def _result(request: HttpRequest) -> dict[str, Any]:
    try:
        result = loads(request.COOKIES.get(RESULT_COOKIE, ""), salt=SALT, max_age=RESULT_SECONDS)
    except BadSignature:
        return {}
    return result if isinstance(result, dict) else {}


def _path() -> str:
    return reverse("display:kiosk", args=["x"]).removesuffix("x/")


def _cookie_options() -> dict[str, Any]:
    return {
        "path": _path(),
        "httponly": True,
        "secure": settings.SESSION_COOKIE_SECURE,
        "samesite": "Strict",
    }
