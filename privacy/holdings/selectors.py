"""Everything that is held about an account or a person, with its history."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.phones import confirmed_number
from booking.people.models import Applicant
from core.formats import date_long, local_time_long
from privacy.holdings.sections import SECTIONS, Section, Subject
from privacy.reads.selectors import reads_by_screen
from quotas.watches.services import address_key

JSON_TYPES = (str, int, float, bool, type(None), list, dict)


@dataclass(frozen=True)
class Table:
    """The rows of one table: `values` for programs, `texts` for people, with the labels of the fields."""

    name: str
    title: str
    labels: Mapping[str, str]
    values: list[dict[str, Any]]
    texts: list[dict[str, str]]


def subject_of_account(account: User) -> Subject:
    """Return the subject of an account: its data and those of all its people."""
    addresses = {account.email}
    addresses.update(EmailAddress.objects.filter(user=account).values_list("email", flat=True))
    people = Applicant.objects.filter(account=account, erased_at__isnull=True)
    if number := confirmed_number(account.pk):
        addresses.add(number)
    keys = [address_key(address) for address in sorted(addresses)]
    return Subject(
        accounts=(account.pk,),
        people=tuple(people.values_list("pk", flat=True)),
        person_keys=tuple(people.values_list("person_key", flat=True)),
        addresses=(*sorted(addresses), *keys),
    )


def subject_of_person(person_key: str) -> Subject:
    """Return the subject of a person known by their document, in whatever account they are."""
    people = Applicant.objects.filter(person_key=person_key, erased_at__isnull=True)
    return Subject(people=tuple(people.values_list("pk", flat=True)), person_keys=(person_key,))


def held(subject: Subject, *, now: dt.datetime) -> list[Table]:
    """Return every table with rows about a subject."""
    tables = [_table(section, subject) for section in SECTIONS]
    return [table for table in (*tables, _reads(subject, now=now)) if table.values]


def _reads(subject: Subject, *, now: dt.datetime) -> Table:
    """Return how often officers opened the data, by office and screen."""
    rows = [
        {"office": office, "screen": screen, "times": number}
        for office, screen, number in reads_by_screen(subject.people, now=now)
    ]
    labels = {
        "office": _("Kantor"),
        "screen": _("Layar"),
        "times": _("Berapa kali dalam 12 bulan"),
    }
    texts = [{name: str(value) for name, value in row.items()} for row in rows]
    return Table("reads", _("Data yang dibuka petugas"), labels, rows, texts)


def _table(section: Section, subject: Subject) -> Table:
    meta = section.model._meta
    fields = [each for each in meta.concrete_fields if each.name not in section.hidden]
    related = [each.name for each in fields if _is_joined(each)]
    rows = section.model._default_manager.filter(section.condition(subject))
    objects = list(rows.select_related(*related).order_by("pk").distinct())
    return Table(
        name=meta.label,
        title=capfirst(str(section.title or meta.verbose_name_plural)),
        labels={
            each.name: capfirst(str(section.labels.get(each.name, each.verbose_name)))
            for each in fields
        },
        values=[{each.name: _value(row, each, subject) for each in fields} for row in objects],
        texts=[{each.name: _text(row, each, subject) for each in fields} for row in objects],
    )


def _is_joined(each: Any) -> bool:
    return isinstance(each, models.ForeignKey) and each.related_model is not User


def _value(row: Any, each: Any, subject: Subject) -> Any:
    """Return a value as plain JSON."""
    if isinstance(each, models.ForeignKey):
        return _related(row, each, subject)
    value = each.value_from_object(row)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, JSON_TYPES) else str(value)


def _text(row: Any, each: Any, subject: Subject) -> str:
    """Return a value as people read it."""
    if isinstance(each, models.ForeignKey):
        return str(_related(row, each, subject) or "")
    value = each.value_from_object(row)
    if each.choices:
        return str(getattr(row, f"get_{each.name}_display")())
    if isinstance(value, dt.datetime):
        return local_time_long(value)
    if isinstance(value, dt.date):
        return date_long(value)
    if isinstance(value, bool):
        return _("ya") if value else _("tidak")
    return "" if value in (None, [], {}) else str(value)


def _related(row: Any, each: Any, subject: Subject) -> str | None:
    """Return a related object as text. Other accounts are officers, who are not named."""
    if getattr(row, each.attname) is None:
        return None
    if each.related_model is User:
        is_own = getattr(row, each.attname) in subject.accounts
        return _("Anda") if is_own else _("petugas atau akun lain")
    return str(getattr(row, each.name))
