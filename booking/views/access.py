"""Who may open the supervisor's screens of this room (law 10)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import User
from core import clock
from core.errors import NotAllowed, NotFound
from offices.models import Office, Role
from offices.selectors import can, current_office, offices_for, require

MAY_ACT: Final = (Role.SUPERVISOR,)
MAY_READ: Final = (Role.SUPERVISOR, Role.REGIONAL, Role.NATIONAL)
P = ParamSpec("P")


@dataclass(frozen=True)
class Post:
    """Which supervisor looks at which office, and when."""

    user: User
    office: Office
    offices: tuple[Office, ...]
    now: datetime

    @property
    def is_supervising(self) -> bool:
        """Whether they may open the supervisor's screens of the office."""
        return can(self.user, office=self.office, roles=MAY_READ, now=self.now)

    def at(self, office_id: int) -> Office:
        """Return the office of an object. Raises NotFound for one that is not theirs to see."""
        found = next((office for office in self.offices if office.pk == office_id), None)
        if found is None:
            raise NotFound
        return found


def posted(
    *, acts: Collection[Role], reads: Collection[Role]
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Give the view the office asked for among those the person may read; writing needs one of `acts`."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @login_required
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user: Any = request.user
            now = clock.now()
            offices = tuple(offices_for(user, roles={*acts, *reads}, now=now).order_by("name"))
            if not offices:
                raise NotAllowed
            mine = current_office(user, acts, now)
            asked = request.GET.get("office") or request.POST.get("office")
            if asked:
                office = next((one for one in offices if one.code == asked), None)
                if office is None:
                    raise NotFound
            else:
                office = next((one for one in offices if mine and one.pk == mine.pk), offices[0])
            if request.method not in ("GET", "HEAD") and "closure_id" not in kwargs:
                require(user, office=office, roles=acts, now=now)
            return view(request, Post(user, office, offices, now), *args, **kwargs)

        return inner

    return wrap


def supervised(
    view: Callable[Concatenate[HttpRequest, Post, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Open a screen to those who may read an office's reports; writing needs its supervisor."""
    return posted(acts=MAY_ACT, reads=MAY_READ)(view)


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a screen inside the admin site's frame; it is never kept by a cache."""
    frame = admin.site.each_context(request)
    answer = render(request, template, {**frame, **context}, status=status)
    answer["Cache-Control"] = "no-store"
    return answer
