"""Kinds of data that span several apps, and the tables of this app that belong to an export."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.clock import machine_time
from core.retention import DataKind, register
from privacy.erasure.selectors import unused_accounts, unused_identity_numbers, unused_people
from privacy.erasure.services import erase_accounts, erase_identity_numbers, erase_people
from privacy.holdings.sections import Section, register_section
from privacy.reads.models import ReadingDay
from privacy.requests.models import DataRequest, DataRequestEvent, RequestStatus
from privacy.requests.services import erase_texts


def overdue_log_entries(before: datetime) -> QuerySet[Any]:
    """Entries of the log of changes in lists, which name what was changed."""
    return LogEntry.objects.filter(action_time__lt=machine_time(before))


def overdue_reading_days(before: datetime) -> QuerySet[Any]:
    """Counts of officers' reading on days before a time."""
    return ReadingDay.objects.filter(day__lt=before.date())


def _reading_days(*, ids: Sequence[Any], now: datetime) -> None:
    ReadingDay.objects.filter(pk__in=ids).delete()


def overdue_request_texts(before: datetime) -> QuerySet[Any]:
    """Requests made before a time whose question and answer are still stored."""
    rows = DataRequest.objects.filter(made_at__lt=before).exclude(status=RequestStatus.OPEN)
    return rows.exclude(text="", answer="")


def _request_texts(*, ids: Sequence[Any], now: datetime) -> None:
    erase_texts(request_ids=ids)


def _log_entries(*, ids: Sequence[Any], now: datetime) -> None:
    LogEntry.objects.filter(pk__in=ids).delete()


register(
    DataKind(
        name="identity_numbers",
        label=_("nomor identitas orang yang tidak ada lagi di daftar akun mana pun"),
        since=_("sejak dihapus dari daftar dan tidak dipakai lagi"),
        default_days=365,
        # Corrections after a visit need the number.
        least_days=30,
        overdue=unused_identity_numbers,
        erase=erase_identity_numbers,
    ),
    DataKind(
        name="people",
        label=_("nama, nomor identitas, tanggal lahir, jenis kelamin dan telepon pemohon"),
        since=_("sejak pemakaian terakhir"),
        default_days=730,
        least_days=90,
        overdue=unused_people,
        erase=erase_people,
    ),
    DataKind(
        name="accounts",
        label=_("akun: nama dan alamat surel"),
        since=_("sejak terakhir masuk, bila tidak ada lagi pemohon di dalamnya"),
        default_days=1095,
        least_days=365,
        overdue=unused_accounts,
        erase=erase_accounts,
    ),
    DataKind(
        name="admin_log",
        label=_("catatan perubahan yang dibuat petugas di daftar data"),
        since=_("sejak perubahan"),
        default_days=1825,
        least_days=365,
        overdue=overdue_log_entries,
        erase=_log_entries,
    ),
    DataKind(
        name="reading_days",
        label=_("jumlah data yang dibuka tiap petugas dalam sehari"),
        since=_("sejak hari itu"),
        default_days=730,
        least_days=90,
        overdue=overdue_reading_days,
        erase=_reading_days,
    ),
    DataKind(
        name="data_requests",
        label=_("penjelasan dan jawaban permintaan data pribadi"),
        since=_("sejak diajukan"),
        default_days=1825,
        least_days=90,
        overdue=overdue_request_texts,
        erase=_request_texts,
    ),
)
register_section(
    Section(
        DataRequest, accounts="account", person_keys="person_key", hidden=frozenset({"person_key"})
    )
)
register_section(
    Section(
        DataRequestEvent,
        accounts="data_request__account",
        person_keys="data_request__person_key",
    )
)
