"""Checks each request before any view or parser reads it: cookies, path, query and body."""

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, InvalidInput, NotFound
from core.json_text import is_too_deep
from core.text import is_storable
from core.web import error_response

Answer = Callable[[HttpRequest], HttpResponse]
MULTIPART: Final = "multipart/form-data"
FORMS: Final = ("application/x-www-form-urlencoded", MULTIPART)
CHARSETS: Final = ("", "utf-8", "utf8", "us-ascii")


class WrongCharset(DomainError):
    """The request is written in another charset than UTF-8."""

    code = "charset"
    http_status = 415
    message = _("Kirim permintaan ini dalam UTF-8. Belum ada yang berubah.")


class BodyTooLarge(DomainError):
    """The body has more bytes than any form needs."""

    code = "too_large"
    http_status = 413
    message = _("Isian ini terlalu besar. Persingkat, lalu kirim lagi. Belum ada yang berubah.")


class IncompleteBody(DomainError):
    """The connection ended before the announced length."""

    code = "incomplete"
    message = _(
        "Isian Anda tidak sampai seluruhnya. Belum ada yang berubah. Periksa koneksi, lalu kirim lagi."
    )


class LengthMissing(DomainError):
    """The body was sent without its length, so that its end cannot be checked."""

    code = "length_required"
    http_status = 411
    message = _("Kirim permintaan ini dengan Content-Length. Belum ada yang berubah.")


class UnreadableInput(InvalidInput):
    """The input cannot be split into fields, or its fields cannot be stored."""

    message = _(
        "Isian ini berisi karakter atau susunan yang tidak dapat kami simpan. Belum ada yang berubah. Kembali, ketik ulang isiannya tanpa menyalin, lalu kirim lagi."
    )


class Request(WSGIRequest):
    """A request that is read as UTF-8, whatever charset its header names.

    Django would read the query by that codec already when it creates the request, before any
    middleware, and some codecs read no text.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        header = meta.get("CONTENT_TYPE", "")
        self.content_type, self.content_params = parse_header_parameters(header)


class CookieMiddleware:
    """Ignore cookies with characters that cannot be stored, as if they had not been sent."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not all(map(is_storable, request.COOKIES.values())):
            request.COOKIES = {
                name: value for name, value in request.COOKIES.items() if is_storable(value)
            }
        return self.get_response(request)


class InputMiddleware:
    """Refuse a request whose path, query or body no view could read."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            check_request(request)
        except DomainError as error:
            _forget_input(request)
            return error_response(request, error)
        return self.get_response(request)


def check_request(request: HttpRequest) -> None:
    """Read the whole request. Raises the DomainError to show."""
    if not is_storable(request.path):
        raise NotFound
    params = request.content_params or {}
    if params.get("charset", "").strip("\"' ").lower() not in CHARSETS:
        raise WrongCharset
    _check_headers(request)
    try:
        _check_pairs(request.GET)
        _read_body(request)
        if request.content_type in FORMS:
            _check_pairs(request.POST)
    except (BadRequest, SuspiciousOperation, MultiPartParserError) as error:
        raise UnreadableInput from error


def _check_headers(request: HttpRequest) -> None:
    texts = (text for name, text in request.META.items() if name.startswith("HTTP_"))
    if not all(isinstance(text, str) and is_storable(text) for text in texts):
        raise UnreadableInput


def _check_pairs(pairs: QueryDict) -> None:
    for name, values in pairs.lists():
        if not all(_is_readable(text) for text in (name, *values)):
            raise UnreadableInput


def _is_readable(text: str) -> bool:
    return is_storable(text) and not is_too_deep(text)


def _read_body(request: HttpRequest) -> None:
    """Read the body if there is one, and compare its length with the announced one.

    An address that takes a file reads it from the stream, so that Django writes a large one to disk.
    """
    length = _length(request)
    takes_file = request.content_type == MULTIPART and bool(
        settings.ADDRESSES_WITH_FILES.match(request.path)
    )
    if length > (
        settings.MOST_BYTES_WITH_FILES if takes_file else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    ):
        raise BodyTooLarge
    if not length:
        if request.META.get("HTTP_TRANSFER_ENCODING"):
            raise LengthMissing
        return
    if takes_file:
        _read_files(request)
        return
    try:
        body = request.body
    except UnreadablePostError as error:
        raise IncompleteBody from error
    if len(body) < length:
        raise IncompleteBody
    if request.content_type not in FORMS and is_too_deep(body.decode("utf-8", "replace")):
        raise UnreadableInput


def _read_files(request: HttpRequest) -> None:
    """Read a form with files. Django parses it when its fields are first used."""
    try:
        request.POST  # noqa: B018 - reads the stream
    except UnreadablePostError as error:
        raise IncompleteBody from error


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    # int() refuses numbers of more than 4300 digits.
    return int(text[:20]) if text.isascii() and text.isdigit() else 0


def _forget_input(request: HttpRequest) -> None:
    """Remove what could not be read, because the error page looks at the query and the form."""
    request.encoding = settings.DEFAULT_CHARSET
    request.META["QUERY_STRING"] = ""
    request.GET = QueryDict()
    request._post = QueryDict()  # type: ignore[attr-defined]
    request._files = MultiValueDict()  # type: ignore[attr-defined]
