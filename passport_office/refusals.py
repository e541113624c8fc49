"""What is answered where no view could: a page to people, the API's one form of error to programs."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views import defaults

from core.errors import DomainError, NotAllowed, NotFound
from core.web import error_body


class ServerFault(DomainError):
    """Our fault; what it was stands in the log, not in the answer."""

    code = "server_error"
    http_status = 500
    message = _("Ada kesalahan di pihak kami. Belum tentu tersimpan; periksa dulu, lalu coba lagi.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _json(DomainError()) if _is_api(request) else defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return (
        _json(NotAllowed()) if _is_api(request) else defaults.permission_denied(request, exception)
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _json(NotFound()) if _is_api(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return _json(ServerFault()) if _is_api(request) else defaults.server_error(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _json(error: DomainError) -> JsonResponse:
    return JsonResponse(error_body(error), status=error.http_status)
