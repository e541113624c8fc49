"""Pages and JSON that are the same for everyone: cacheable by browsers, proxies and the own cache."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, TypeVar

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.cache import (
    get_conditional_response,
    patch_cache_control,
    patch_vary_headers,
    set_response_etag,
)
from django.utils.translation import get_language

THEMES: Final = ("light", "dark")
STALE_SECONDS: Final = 5
# The only headers that are cached: the middleware writes the others again.
KEPT_HEADERS: Final = ("Content-Type", "Content-Disposition")
View = TypeVar("View", bound=Callable[..., HttpResponse])


def public_page(*parameters: str, seconds: int = 1) -> Callable[[View], View]:
    """Mark a view whose response depends on its address, the language and the theme only.

    `parameters` are the query parameters that the view reads. Any other is removed from the request, so that it
    neither misses nor fills a cache and cannot appear in a cached page. Readers with a session, a message or a
    token get a private response of their own. `seconds` is how long caches may keep the response.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in ("GET", "HEAD"):
                return _private(view(request, *args, **kwargs))
            _remove_unknown_parameters(request, parameters)
            if is_personal(request):
                return _private(view(request, *args, **kwargs))
            key, timeout = _key(request), settings.SHARED_READ_SECONDS * seconds
            response = caches["pages"].get(key) if timeout else None
            if response is None:
                response = _rendered(view(request, *args, **kwargs))
                if not _is_public(request, response):
                    return _private(response)
                _mark_public(response, seconds)
                if timeout:
                    caches["pages"].set(key, _copy(response), timeout)
            return _unless_known(request, response)

        return inner  # type: ignore[return-value]

    return decorate


def is_personal(request: HttpRequest) -> bool:
    """True if the response may contain something of one reader: an account's data or a message."""
    return (
        settings.SESSION_COOKIE_NAME in request.COOKIES
        or "messages" in request.COOKIES
        or "Authorization" in request.headers
    )


def chosen_theme(request: HttpRequest) -> str:
    """Return the reader's chosen theme, or an empty text for the device's own."""
    theme = request.COOKIES.get("theme", "")
    return theme if theme in THEMES else ""


def _remove_unknown_parameters(request: HttpRequest, parameters: tuple[str, ...]) -> None:
    if not request.META.get("QUERY_STRING"):
        return
    known = QueryDict(mutable=True)
    for name in sorted(set(parameters) & set(request.GET)):
        known.setlist(name, request.GET.getlist(name))
    request.META["QUERY_STRING"] = known.urlencode()
    request.GET = QueryDict(request.META["QUERY_STRING"])


def _key(request: HttpRequest) -> str:
    """Return the cache key. Unknown parameters have been removed already."""
    language, theme = get_language(), chosen_theme(request)
    return f"{language}:{theme}:{request.build_absolute_uri()}"


def _rendered(response: HttpResponse) -> HttpResponse:
    """Render a response that the API would render after its view, so that it can be cached."""
    render = getattr(response, "render", None)
    return render() if callable(render) else response


def _is_public(request: HttpRequest, response: HttpResponse) -> bool:
    has_token = request.META.get("CSRF_COOKIE_NEEDS_UPDATE", False)
    return response.status_code == HTTPStatus.OK and not response.cookies and not has_token


def _mark_public(response: HttpResponse, seconds: int) -> None:
    patch_cache_control(
        response, public=True, max_age=seconds, stale_while_revalidate=STALE_SECONDS
    )
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    set_response_etag(response)


def _private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True)
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    return response


def _copy(response: HttpResponse) -> HttpResponse:
    """Return the response for the cache, without what belongs to its request."""
    names = (*KEPT_HEADERS, "Cache-Control", "ETag", "Vary")
    headers = {name: response[name] for name in names if name in response}
    return HttpResponse(response.content, headers=headers)


def _unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the response, or 304 when the reader's copy is current."""
    answer = get_conditional_response(request, etag=response.get("ETag"), response=response)
    assert isinstance(answer, HttpResponse)
    return answer
