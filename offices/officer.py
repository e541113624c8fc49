"""Access control of officers' screens: right and office are checked first (law 10)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from accounts.models import User
from accounts.requests import second_factor_address
from core import clock
from core.errors import DomainError, NotAllowed, NotFound
from core.forms import add_errors
from core.opened_people import collect_opened_people
from core.web import count_refusal
from offices.directory.models import Office
from offices.permissions import Right, check_right, has_right, list_offices_with, workplace
from offices.reads.services import record_read
from offices.staff.selectors import keep_owner, kept_owner

READING = ("GET", "HEAD")
REFUSED = (403, 404)
REDIRECTS = (301, 302, 303)
Owner = Callable[[Mapping[str, Any]], QuerySet[Any]]


@dataclass(frozen=True)
class OfficerContext:
    """The officer, the selected office, the other offices they may select, and the time."""

    user: User
    office: Office
    others: tuple[Office, ...]
    now: datetime

    @property
    def day(self) -> date:
        """Today's date at the office."""
        return self.office.local_day(self.now)

    @property
    def query(self) -> str:
        """The query string that keeps the selected office; empty for officers with one office."""
        return f"?office={self.office.code}" if self.others else ""

    @property
    def and_query(self) -> str:
        """The same for an address that already has a query string."""
        return self.query.replace("?", "&")

    def has_right(self, right: Right) -> bool:
        """True if the officer has this right at the office."""
        return has_right(self.user, right, office=self.office, now=self.now)


def owned_by(model: type[Model], key: str, path: str = "office_id") -> Owner:
    """Return a function that finds the office of a URL's object: owned_by(Visit, "visit_id")."""
    manager = model._default_manager
    return lambda kwargs: manager.filter(pk=kwargs[key]).values_list(path, flat=True)


def officer_view(
    *, writes: Right | None = None, reads: Right | None = None, owner: Owner | None = None
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Restrict a view to officers: `reads` (default: `writes`) is required to GET, `writes` to POST.

    The session must have passed the second factor where officers need one. The view gets
    (request, officer, **kwargs). An object of an office that the officer may not read
    gives 404, as if it did not exist.
    """
    rights = tuple(right for right in (reads, writes) if right is not None)
    methods = (*READING, "POST") if writes else READING

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            user = request.user
            if not isinstance(user, User):
                return redirect_to_login(request.get_full_path())
            if (address := second_factor_address(request)) is not None:
                return redirect(address)
            now = clock.now()
            user.kept_in_request = {}
            if owner is not None:
                keep_owner(user, owner(kwargs))
            offices = {office.pk: office for office in list_offices_with(user, *rights, now=now)}
            if not offices:
                raise NotAllowed
            owner_ids = None if owner is None else kept_owner(user)
            office = _office(request, user, offices, owner_ids, rights=rights, now=now)
            if request.method not in READING:
                assert writes is not None
                check_right(user, writes, office=office, now=now)
            others = tuple(one for one in offices.values() if one.pk != office.pk)
            officer = OfficerContext(user=user, office=office, others=others, now=now)
            return _recorded(view, request, officer, kwargs)

        return guarded

    return wrap


def _recorded(
    view: Callable[..., HttpResponse],
    request: HttpRequest,
    officer: OfficerContext,
    kwargs: Mapping[str, Any],
) -> HttpResponse:
    """Answer a request and record whose records it showed. A redirect shows nobody."""
    with collect_opened_people() as people:
        response = rendered(view(request, officer, **kwargs))
    if response.status_code not in REDIRECTS:
        record_read(
            by=officer.user,
            office=officer.office,
            screen=screen_of(request),
            applicant_ids=people,
            now=officer.now,
        )
    return response


def rendered(response: HttpResponse) -> HttpResponse:
    """Render a response that Django would render after its view, so that its queries are counted."""
    return response.render() if isinstance(response, TemplateResponse) else response


def screen_of(request: HttpRequest) -> str:
    """Return the name of the screen, as in the URL configuration."""
    return request.resolver_match.view_name if request.resolver_match else ""


def _office(
    request: HttpRequest,
    user: User,
    offices: Mapping[int, Office],
    owner_ids: list[int] | None,
    *,
    rights: tuple[Right, ...],
    now: datetime,
) -> Office:
    """Return the object's office, the requested one, the officer's workplace, or the first one."""
    office: Office | None
    if owner_ids is not None:
        office = offices.get(owner_ids[0]) if owner_ids else None
    elif code := request.GET.get("office"):
        office = next((one for one in offices.values() if one.code == code), None)
    else:
        own = workplace(user, *rights, now=now)
        office = offices.get(own.pk) if own else None
        office = office or next(iter(offices.values()))
    if office is None:
        raise NotFound
    return office


def show(
    request: HttpRequest,
    officer: OfficerContext,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """Render an officer's screen in the admin layout; never cached."""
    frame = admin.site.each_context(request)
    header = {**frame.get("header", {}), "office": short_name(officer.office.name)}
    response = TemplateResponse(
        request,
        template,
        {**frame, "officer": officer, "header": header, **context},
        status=status,
    )
    response["Cache-Control"] = "no-store"
    return response


def short_name(name: str) -> str:
    """Return an office's name without its common prefix."""
    for start in ("Kantor Wilayah Imigrasi ", "Kantor Imigrasi "):
        name = name.removeprefix(start)
    return name


def act(
    request: HttpRequest,
    officer: OfficerContext,
    to: str,
    call: Callable[[], Any],
    *,
    success: Any = "",
    **kwargs: Any,
) -> HttpResponse:
    """Make one service call and redirect to a screen, with a message of success or error."""
    try:
        call()
    except DomainError as error:
        if error.http_status in REFUSED:
            raise
        count_refusal(error)
        messages.error(request, str(error))
    else:
        if success:
            messages.success(request, success)
    return back(officer, to, **kwargs)


def show_refusal(
    form: forms.Form, error: DomainError, *, aliases: dict[str, str] | None = None
) -> None:
    """Add a service's refusal to the form. Raises it again if the whole page is refused (403, 404)."""
    if error.http_status in REFUSED:
        raise error
    add_errors(form, error, aliases=aliases)


def back(officer: OfficerContext, to: str, **kwargs: Any) -> HttpResponse:
    """Redirect to a screen and keep the selected office."""
    response = redirect(to, **kwargs)
    response["Location"] += officer.query
    return response
