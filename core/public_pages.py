"""Pages and JSON that are the same for everyone who is not signed in, cached for a moment."""

from collections.abc import Callable, Iterator
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

# The only query parameters that a public page reads. Others are removed before the view sees them, so that they
# neither reach the database nor fill the cache.
PARAMETERS: Final = frozenset(
    {"choose", "date", "day", "from", "service_type", "slot", "to", "who"}
)
# Seconds for which a proxy or a browser may use a copy, and may go on using it while it fetches a new one.
MAX_AGE: Final = 1
STALE: Final = 10
PERSONAL_COOKIES: Final = frozenset({settings.SESSION_COOKIE_NAME, "messages"})
THEMES: Final = ("light", "dark")
View = TypeVar("View", bound=Callable[..., HttpResponse])


def same_for_everyone(view: View) -> View:
    """Cache a view for readers who are not signed in, by path, known parameters, language and theme.

    Adds an ETag and `Cache-Control: public`. Signed-in readers and errors get a private, uncached response.
    """

    @wraps(view)
    def cached(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _is_personal(request):
            return _as_private(view(request, *args, **kwargs))
        _keep_known_parameters(request)
        key = _cache_key(request)
        response = caches["pages"].get(key)
        if response is None:
            response = _render(view(request, *args, **kwargs))
            # A page with a CSRF token belongs to one reader.
            is_own = request.META.get("CSRF_COOKIE_NEEDS_UPDATE") or response.cookies
            if response.status_code != HTTPStatus.OK or is_own:
                return _as_private(response)
            patch_cache_control(
                response, public=True, max_age=MAX_AGE, stale_while_revalidate=STALE
            )
            _vary(response)
            set_response_etag(response)
            caches["pages"].set(key, response, settings.PUBLIC_PAGE_SECONDS)
        conditional = get_conditional_response(request, etag=response["ETag"], response=response)
        return conditional or response

    return cached  # type: ignore[return-value]


def _is_personal(request: HttpRequest) -> bool:
    return (
        request.method not in ("GET", "HEAD")
        or not PERSONAL_COOKIES.isdisjoint(request.COOKIES)
        or "Authorization" in request.headers
    )


def _keep_known_parameters(request: HttpRequest) -> None:
    if not PARAMETERS.issuperset(request.GET):
        query = QueryDict(mutable=True)
        for name, values in _known(request):
            query.setlist(name, values)
        request.META["QUERY_STRING"] = query.urlencode()
        request.GET = query  # type: ignore[assignment]


def _known(request: HttpRequest) -> Iterator[tuple[str, list[str]]]:
    return ((name, values) for name, values in request.GET.lists() if name in PARAMETERS)


def _cache_key(request: HttpRequest) -> str:
    theme = request.COOKIES.get("theme", "")
    query = QueryDict(mutable=True)
    for name, values in sorted(_known(request)):
        query.setlist(name, values)
    parts = (
        request.scheme or "",
        request.get_host(),
        request.path,
        query.urlencode(),
        get_language() or "",
        theme if theme in THEMES else "",
    )
    return "|".join(parts)


def _render(response: HttpResponse) -> HttpResponse:
    """Return the response with its content; those of DRF are rendered later otherwise."""
    render = getattr(response, "render", None)
    return render() if render and not getattr(response, "is_rendered", True) else response


def _as_private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True)
    _vary(response)
    return response


def _vary(response: HttpResponse) -> None:
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
