"""The account's page about messages: topics, channels, the phone number, and what was sent."""

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import phones, preferences
from accounts.message_forms import PhoneCodeForm, PhoneForm, has_gateway
from accounts.models import Phone
from accounts.requests import SignedInRequest
from core import clock
from core.errors import DomainError, NotFound
from core.forms import add_errors
from core.web import count_refusal
from notices.services import describe_state, text_of
from notices.topics import TOPIC_OF, TOPICS, Channel

SEE_OTHER: Final = 303


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def message_page(request: SignedInRequest) -> HttpResponse:
    """Show what is sent by which channel and what became of it; change it on POST."""
    phone_form, code_form = PhoneForm(), PhoneCodeForm()
    if request.method == "POST":
        act = request.POST.get("go", "")
        if act == "choices":
            _save(request)
        elif act == "remove":
            phones.remove_phone(user_id=request.user.pk)
            messages.success(request, _("Nomor ponsel dihapus. Pesan dikirim lewat surel saja."))
        elif act == "phone" and has_gateway():
            phone_form = PhoneForm(request.POST)
            if not _sent_code(request, phone_form):
                return _page(request, phone_form, code_form, status=400)
        elif act == "code":
            code_form = PhoneCodeForm(request.POST)
            if not _confirmed(request, code_form):
                return _page(request, phone_form, code_form, status=400)
        else:
            raise NotFound
        return HttpResponseRedirect(reverse("accounts:messages"), status=SEE_OTHER)
    return _page(request, phone_form, code_form)


def _save(request: SignedInRequest) -> None:
    pairs = (text.partition(":") for text in request.POST.getlist("on"))
    on = [(topic, channel) for topic, _colon, channel in pairs]
    preferences.set_choices(user_id=request.user.pk, on=on, now=clock.now())
    messages.success(request, _("Pilihan pesan disimpan."))


def _sent_code(request: SignedInRequest, form: PhoneForm) -> bool:
    """Send a code to the number, or add the error to the form."""
    if not form.is_valid():
        return False
    try:
        phones.set_phone(user_id=request.user.pk, now=clock.now(), **form.cleaned_data)
    except DomainError as error:
        count_refusal(error)
        add_errors(form, error)
        return False
    messages.success(request, _("Kode dikirim ke nomor itu. Isi kodenya di halaman ini."))
    return True


def _confirmed(request: SignedInRequest, form: PhoneCodeForm) -> bool:
    """Confirm the number by its code, or add the error to the form."""
    if not form.is_valid():
        return False
    try:
        phones.confirm_phone(
            user_id=request.user.pk, code=form.cleaned_data["code"], now=clock.now()
        )
    except DomainError as error:
        count_refusal(error)
        add_errors(form, error)
        return False
    messages.success(request, _("Nomor ponsel terkonfirmasi. Pilih pesan yang dikirim ke sana."))
    return True


def _page(
    request: SignedInRequest, phone_form: PhoneForm, code_form: PhoneCodeForm, *, status: int = 200
) -> HttpResponse:
    now, user = clock.now(), request.user
    phone = Phone.objects.filter(user=user).first()
    has_phone = phone is not None and phone.confirmed_at is not None
    channels = [Channel.EMAIL, *([Channel.WHATSAPP, Channel.SMS] if has_phone else [])]
    context: dict[str, Any] = {
        "has_gateway": has_gateway(),
        "phone": phone,
        "phone_form": phone_form,
        "code_form": code_form,
        "form": phone_form if phone_form.is_bound else code_form,
        "channels": [channel.label for channel in channels],
        "topics": _topics(user.pk, channels),
        "sent": [
            {
                "at": row.created_at,
                "channel": row.get_channel_display(),
                "subject": text_of(row)[0] or _("Pesan akun"),
                "topic": getattr(TOPIC_OF.get(row.kind), "name", ""),
                "state": describe_state(row),
            }
            for row in preferences.messages_of(user, now=now)
        ],
    }
    return render(request, "accounts/messages.html", context, status=status)


def _topics(user_id: int, channels: list[Channel]) -> list[dict[str, Any]]:
    """Return the rows of the table: a topic and its boxes, None where the channel is not offered."""
    choices = preferences.choices_of(user_id)
    return [
        {
            "name": topic.name,
            "boxes": [
                {
                    "value": f"{topic.code}:{channel.value}",
                    "label": channel.label,
                    "is_on": choices[topic.code, channel],
                    "is_fixed": preferences.is_fixed(topic, channel),
                }
                if (topic.code, channel) in choices
                else None
                for channel in channels
            ],
        }
        for topic in TOPICS
    ]
