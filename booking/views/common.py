"""What the applicant's pages share."""

import datetime as dt

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from booking.models import PassportApplication
from offices.models import Office, ServiceType


class SignedInRequest(HttpRequest):
    """A request behind `login_required`."""

    user: User


def account_of(request: HttpRequest) -> User | None:
    """Return the account that asks, or None for someone who has not signed in."""
    return request.user if isinstance(request.user, User) else None


def next_url(request: HttpRequest, default: str) -> str:
    """Return where the form says to go on to, when that is a page of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if is_ours else default


def services_of(office: Office) -> list[ServiceType]:
    """Return what the office offers, in the order in which it was set up."""
    return list(office.service_types.select_related("group").order_by("id"))


def preferred_code(request: HttpRequest) -> str:
    """Return the service that a signed-in person prepared last: what they most likely come for."""
    account = account_of(request)
    if account is None:
        return ""
    rows = PassportApplication.objects.filter(
        applicant__account=account, applicant__removed_at__isnull=True
    )
    codes = rows.order_by("-changed_at").values_list("service_type__code", flat=True)
    return codes.first() or ""


def chosen_service(services: list[ServiceType], code: str) -> ServiceType | None:
    """Return the service of that code, or None when the office does not offer it."""
    return next((service for service in services if service.code == code), None)


def monday_of(day: dt.date) -> dt.date:
    """Return the Monday of a day's week."""
    return day - dt.timedelta(days=day.weekday())


def parse_day(text: str) -> dt.date | None:
    """Return the date of an ISO text, or None when it is none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
