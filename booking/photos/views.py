"""The applicant's pages for photos of an application's documents."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import SignedInRequest
from booking.applications.models import PassportApplication
from booking.files.views import download
from booking.photos import selectors, services
from booking.photos.forms import PhotoForm
from core import clock
from core.errors import DomainError, NotFound
from core.forms import add_errors, form_page, submitted


@login_required
@require_safe
def photos(request: SignedInRequest, applicant_id: int, code: str) -> HttpResponse:
    """List the documents of an application with their photos."""
    application = selectors.application_of_account(request.user.pk, applicant_id, code)
    context = {
        "application": application,
        "person": application.applicant,
        "rows": selectors.photo_rows(application, now=clock.now()),
    }
    return render(request, "booking/photos/photos.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: SignedInRequest, applicant_id: int, code: str, document: str) -> HttpResponse:
    """Send the photo of a document, or another one in its place."""
    application = selectors.application_of_account(request.user.pk, applicant_id, code)
    now = clock.now()
    rows = selectors.photo_rows(application, now=now)
    row = next((each for each in rows if each.code == document and each.is_needed), None)
    if row is None:
        raise NotFound
    form = PhotoForm(submitted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.keep_photo(
                application_id=application.pk,
                document=document,
                picture=form.cleaned_data["photo"],
                account_id=request.user.pk,
                now=now,
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Foto %(name)s tersimpan.") % {"name": row.name})
            return _to_list(application)
    context = {"application": application, "person": application.applicant, "row": row}
    return form_page(request, "booking/photos/photo.html", form, context)


@login_required
@require_POST
def photo_remove(
    request: SignedInRequest, applicant_id: int, code: str, document: str
) -> HttpResponse:
    """Remove the photo of a document."""
    application = selectors.application_of_account(request.user.pk, applicant_id, code)
    services.remove_photo(
        application_id=application.pk,
        document=document,
        account_id=request.user.pk,
        now=clock.now(),
    )
    messages.success(request, _("Foto dihapus."))
    return _to_list(application)


@login_required
@require_safe
def photo_file(
    request: SignedInRequest, applicant_id: int, code: str, document: str
) -> HttpResponse:
    """Return the photo that the reader sent. Raises NotFound."""
    application = selectors.application_of_account(request.user.pk, applicant_id, code)
    return download(selectors.photo_file(application, document), shows_picture=True)


def _to_list(application: PassportApplication) -> HttpResponse:
    code = application.service_type.code
    return redirect("booking:photos", applicant_id=application.applicant_id, code=code)
