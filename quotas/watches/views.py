"""Pages to subscribe to an office's openings."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.throttles import AddressThrottle
from core import clock, fields
from core.errors import SlowDown
from core.languages import reader_language
from notices import links
from offices.directory.selectors import get_office
from quotas.watches import services


class WatchForm(forms.Form):
    """The address to send to."""

    address = fields.EmailField(
        label=gettext_lazy("Alamat surel"),
        max_length=254,
        help_text=gettext_lazy(
            "Kami akan mengirim satu tautan untuk memastikan alamat ini milik Anda. Tidak perlu akun."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": gettext_lazy("Isi alamat surel Anda."),
            "invalid": gettext_lazy("Isi alamat lengkap, misalnya nama@contoh.id."),
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def watch(request: HttpRequest, code: str) -> HttpResponse:
    """Request a message at each opening of this office."""
    office = get_office(code)
    form = WatchForm(request.POST or None)
    is_sent = False
    if request.method == "POST" and form.is_valid():
        # The throttle only reads the account and the address.
        if not AddressThrottle().allow_request(request, None):  # type: ignore[arg-type]
            raise SlowDown
        services.request_watch(
            office_id=office.pk,
            address=form.cleaned_data["address"],
            language=reader_language(),
            now=clock.now(),
        )
        is_sent = True
    context = {"office": office, "form": form, "is_sent": is_sent}
    return render(request, "quotas/watches/watch.html", context, status=400 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def watch_confirm(request: HttpRequest, watch_id: int) -> HttpResponse:
    """Confirm with a button, because mail programs open links on their own."""
    now = clock.now()
    use = links.require(request, services.CONFIRM_LINK, watch_id, now=now)
    subscription = services.get_watch(watch_id)
    if request.method == "POST":
        services.confirm_watch(watch_id=subscription.pk, use=use, now=now)
        return redirect(request.path)
    is_live = subscription.confirmed_at is not None and subscription.stopped_at is None
    context = {"office": subscription.office, "is_live": is_live}
    return render(request, "quotas/watches/watch_confirm.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def watch_stop(request: HttpRequest, watch_id: int) -> HttpResponse:
    """Stop with a button, because mail programs open links on their own."""
    now = clock.now()
    use = links.require(request, services.STOP_LINK, watch_id, now=now)
    subscription = services.get_watch(watch_id)
    if request.method == "POST":
        services.stop_watch(watch_id=subscription.pk, use=use, now=now)
        return redirect(request.path)
    context = {"office": subscription.office, "is_live": subscription.stopped_at is None}
    return render(request, "quotas/watches/watch_stop.html", context)
