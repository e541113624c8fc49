"""How long records of sign-in are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

from accounts.webhooks.models import WebhookEvent
from core.clock import machine_time
from core.retention import DataKind, register


def overdue_sign_ins(before: datetime) -> QuerySet[Any]:
    """Records of sign-ins, with address and browser, before a time."""
    return UserSession.objects.filter(created_at__lt=machine_time(before))


def overdue_sessions(before: datetime) -> QuerySet[Any]:
    """Sessions that expired before a time."""
    return Session.objects.filter(expire_date__lt=machine_time(before))


def overdue_tokens(before: datetime) -> QuerySet[Any]:
    """API tokens that expired before a time."""
    return AuthToken.objects.filter(expiry__lt=machine_time(before))


def overdue_webhook_events(before: datetime) -> QuerySet[Any]:
    """Events recorded before a time: delivered, given up, or waiting for an endpoint that is paused."""
    return WebhookEvent.objects.filter(created_at__lt=before)


def _delete_sign_ins(*, ids: Sequence[Any], now: datetime) -> None:
    UserSession.objects.filter(pk__in=ids).delete()


def _delete_sessions(*, ids: Sequence[Any], now: datetime) -> None:
    Session.objects.filter(pk__in=ids).delete()


def _delete_tokens(*, ids: Sequence[Any], now: datetime) -> None:
    AuthToken.objects.filter(pk__in=ids).delete()


def _delete_webhook_events(*, ids: Sequence[Any], now: datetime) -> None:
    WebhookEvent.objects.filter(pk__in=ids).delete()


register(
    DataKind(
        name="sign_ins",
        label=_("catatan masuk: alamat jaringan dan peramban"),
        since=_("sejak masuk"),
        default_days=90,
        # A session lasts at most 14 days; before that, the person could not end it in the list.
        least_days=15,
        overdue=overdue_sign_ins,
        erase=_delete_sign_ins,
    ),
    DataKind(
        name="sessions",
        label=_("sesi"),
        since=_("sejak kedaluwarsa"),
        default_days=1,
        least_days=0,
        overdue=overdue_sessions,
        erase=_delete_sessions,
    ),
    DataKind(
        name="tokens",
        label=_("token API"),
        since=_("sejak kedaluwarsa"),
        default_days=30,
        least_days=0,
        overdue=overdue_tokens,
        erase=_delete_tokens,
    ),
    DataKind(
        name="webhook_events",
        label=_("kejadian yang dikirim ke webhook"),
        since=_("sejak kejadian dicatat"),
        default_days=30,
        # The attempts of an event take less than two days.
        least_days=2,
        overdue=overdue_webhook_events,
        erase=_delete_webhook_events,
    ),
)
