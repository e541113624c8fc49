"""Confirming the account's address with the code of the message, and sending the message again."""

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import services
from accounts.errors import CodeRefused
from accounts.forms import AddressCodeForm
from accounts.requests import SignedInRequest
from core import clock
from core.forms import add_errors
from core.web import next_url


def confirm_by_code(request: HttpRequest, *, email: str, code: str) -> None:
    """Confirm an address as its link does. Raises CodeRefused."""
    address = services.use_address_code(email=email, code=code, now=clock.now())
    if not get_adapter().confirm_email(request, address):
        raise CodeRefused  # another account has confirmed the same address since


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_code(request: SignedInRequest) -> HttpResponse:
    """Ask for the code; `send` sends a new message."""
    address = services.address_to_confirm(request.user)
    if address is None:
        messages.info(request, _("Alamat surel Anda sudah terverifikasi."))
        return HttpResponseRedirect(next_url(request, "/"))
    if request.method == "POST" and "send" in request.POST:
        return _send(request, address)
    form = AddressCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            confirm_by_code(request, email=address.email, code=form.cleaned_data["code"])
        except CodeRefused as error:
            add_errors(form, error)
        else:
            return HttpResponseRedirect(next_url(request, "/"))
    context = {"form": form, "address": address.email, "next": next_url(request, "")}
    status = 400 if form.errors else 200
    return render(request, "accounts/address_code.html", context, status=status)


def _send(request: SignedInRequest, address: EmailAddress) -> HttpResponse:
    if ratelimit.consume(request, action="confirm_email", key=address.email):
        services.stored_address(address).send_confirmation(request)
        messages.success(request, _("Surel verifikasi baru sudah dikirim."))
    else:
        messages.warning(
            request, _("Surel verifikasi baru saja dikirim. Tunggu tiga menit, lalu coba lagi.")
        )
    return redirect(request.get_full_path())
