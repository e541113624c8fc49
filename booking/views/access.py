"""Who may open the supervisor's screens of this room (law 10)."""

from collections.abc import Callable
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
from offices.selectors import current_office, offices_for, require

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

    def at(self, office_id: int) -> Office:
        """Return the office of an object. Raises NotFound for one that is not theirs to see."""
        found = next((office for office in self.offices if office.pk == office_id), None)
        if found is None:
            raise NotFound
        return found


def supervised(
    view: Callable[Concatenate[HttpRequest, Post, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Give the view the office asked for among those the person may read; writing needs the supervisor."""

    @login_required
    @wraps(view)
    def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user: Any = request.user
        now = clock.now()
        offices = tuple(offices_for(user, roles=MAY_READ, now=now).order_by("name"))
        if not offices:
            raise NotAllowed
        mine = current_office(user, MAY_ACT, now)
        asked = request.GET.get("office") or request.POST.get("office")
        if asked:
            office = next((one for one in offices if one.code == asked), None)
            if office is None:
                raise NotFound
        else:
            office = next((one for one in offices if mine and one.pk == mine.pk), offices[0])
        if request.method not in ("GET", "HEAD") and "closure_id" not in kwargs:
            require(user, office=office, roles=MAY_ACT, now=now)
        post = Post(user=user, office=office, offices=offices, now=now)
        return view(request, post, *args, **kwargs)

    return inner  # type: ignore[return-value]


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a screen inside the admin site's frame; it is never kept by a cache."""
    frame = admin.site.each_context(request)
    answer = render(request, template, {**frame, **context}, status=status)
    answer["Cache-Control"] = "no-store"
    return answer
