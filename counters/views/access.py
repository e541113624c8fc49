"""Who may open which screen: the role and the office are checked before anything else (law 10)."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from accounts.models import User
from core import clock
from core.errors import DomainError, NotAllowed, NotFound
from core.web import count_refusal
from offices.models import Office, Role
from offices.selectors import current_office, offices_for, require

GATE = frozenset({Role.GATE, Role.SUPERVISOR})
COUNTER = frozenset({Role.COUNTER, Role.SUPERVISOR})
PICKUP = frozenset({Role.PICKUP, Role.SUPERVISOR})
SUPERVISOR = frozenset({Role.SUPERVISOR})
ABOVE = frozenset({Role.REGIONAL, Role.NATIONAL})

VERBS = ("GET", "HEAD", "POST")
REFUSED = (403, 404)
Owner = Callable[[Mapping[str, Any]], QuerySet[Any]]


@dataclass(frozen=True)
class Desk:
    """Who sits where, and when: what every screen starts from."""

    user: User
    office: Office
    now: datetime
    others: tuple[Office, ...]

    @property
    def day(self) -> Any:
        return self.office.local_day(self.now)

    @property
    def query(self) -> str:
        """The query that keeps the office for someone who sees several."""
        return f"?office={self.office.code}" if self.others else ""


def owned_by(model: type[Model], key: str, path: str = "office_id") -> Owner:
    """Tell from which office an address' object is: owned_by(Visit, "visit_id")."""
    manager = model._default_manager
    return lambda kwargs: manager.filter(pk=kwargs[key]).values_list(path, flat=True)


def officer_view(
    *, acts: Collection[Role], reads: Collection[Role] = (), owner: Owner | None = None
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Open a screen to those who act there, and for reading to those who may look.

    The view gets (request, desk, **kwargs). Another office's object does not exist for them: 404.
    """

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if request.method not in VERBS:
                return HttpResponseNotAllowed(VERBS)
            user = request.user
            if not isinstance(user, User):
                return redirect_to_login(request.get_full_path())
            now = clock.now()
            offices = offices_for(user, roles={*acts, *reads}, now=now).order_by("name")
            readable = {office.pk: office for office in offices.select_related("region")}
            if not readable:
                raise NotAllowed
            owner_ids = None if owner is None else list(owner(kwargs))
            office = _office(request, user, readable, owner_ids, acts=acts, now=now)
            if request.method not in ("GET", "HEAD"):
                require(user, office=office, roles=acts, now=now)
            others = tuple(one for one in readable.values() if one.pk != office.pk)
            return view(request, Desk(user=user, office=office, now=now, others=others), **kwargs)

        return guarded

    return wrap


def _office(
    request: HttpRequest,
    user: User,
    readable: Mapping[int, Office],
    owner_ids: list[int] | None,
    *,
    acts: Collection[Role],
    now: datetime,
) -> Office:
    """Return the object's office, the one asked for, the one the user works at, or their first."""
    if owner_ids is not None:
        office = readable.get(owner_ids[0]) if owner_ids else None
    elif code := request.GET.get("office"):
        office = next((one for one in readable.values() if one.code == code), None)
    else:
        mine = current_office(user, acts, now)
        office = readable.get(mine.pk) if mine else None
        office = office or next(iter(readable.values()))
    if office is None:
        raise NotFound
    return office


def show(
    request: HttpRequest,
    desk: Desk,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """Render an officer's screen inside the admin site's frame; it is never kept by a cache."""
    frame = admin.site.each_context(request)
    officer = {**frame.get("officer", {}), "office": signboard(desk.office.name)}
    answer = TemplateResponse(
        request, template, {**frame, "desk": desk, "officer": officer, **context}, status=status
    )
    answer["Cache-Control"] = "no-store"
    return answer


def signboard(name: str) -> str:
    """Return an office's name as its officers say it: what every office is called is left out."""
    for start in ("Kantor Wilayah Imigrasi ", "Kantor Imigrasi "):
        name = name.removeprefix(start)
    return name


def act(
    request: HttpRequest,
    desk: Desk,
    to: str,
    call: Callable[[], Any],
    *,
    said: Any = "",
    **kwargs: Any,
) -> HttpResponse:
    """Make one service call and go back to a screen, with what was done or why it was not."""
    try:
        call()
    except DomainError as error:
        if error.http_status in REFUSED:
            raise
        count_refusal(error)
        messages.error(request, str(error))
    else:
        if said:
            messages.success(request, said)
    return back(desk, to, **kwargs)


def back(desk: Desk, to: str, **kwargs: Any) -> HttpResponse:
    """Go to a screen, at the same office."""
    answer = redirect(to, **kwargs)
    answer["Location"] += desk.query
    return answer
