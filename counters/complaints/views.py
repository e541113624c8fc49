"""The public pages of complaints: making one, and reading its answer with the number."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.throttles import AddressThrottle
from core import clock
from core.errors import DomainError, NotFound, SlowDown
from core.forms import add_errors, submitted
from core.languages import reader_language
from counters.complaints import selectors, services
from counters.complaints.forms import ComplaintForm, NumberForm
from counters.complaints.models import Complaint

# The session keeps the number for the next page, so that it is in no address.
SESSION_KEY = "complaint"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def complain(request: HttpRequest) -> HttpResponse:
    """Make a complaint. Needs no account."""
    form = ComplaintForm(submitted(request), initial={"office": request.GET.get("office", "")})
    if request.method == "POST" and form.is_valid():
        _limit(request)
        try:
            row = services.make_complaint(
                **form.cleaned_data, language=reader_language(), now=clock.now()
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            request.session[SESSION_KEY] = row.number
            return HttpResponseRedirect(reverse("feedback:complaint_follow"))
    status = 400 if form.errors else 200
    return render(request, "counters/complaints/complain.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """Show a complaint and its answer to anyone who has the number."""
    form = NumberForm(submitted(request))
    row = None
    if request.method == "POST" and form.is_valid():
        _limit(request)
        row = _complaint_with(form)
    elif request.method != "POST" and SESSION_KEY in request.session:
        row = Complaint.objects.select_related("office").get(number=request.session[SESSION_KEY])
    context = {
        "form": form,
        "row": row,
        "is_new": row is not None and request.method != "POST",
        "is_overdue": row is not None and selectors.is_overdue(row, now=clock.now()),
    }
    status = 400 if form.errors else 200
    return render(request, "counters/complaints/follow.html", context, status=status)


def _complaint_with(form: NumberForm) -> Complaint | None:
    """Return the complaint, or add an error to the form."""
    try:
        return selectors.complaint_with(form.cleaned_data["number"])
    except NotFound:
        form.add_error("number", _("Nomor ini tidak ditemukan. Periksa setiap karakternya."))
        return None


def _limit(request: HttpRequest) -> None:
    """Raise SlowDown for too many requests from one address."""
    # The throttle only reads the account and the address.
    if not AddressThrottle().allow_request(request, None):  # type: ignore[arg-type]
        raise SlowDown
