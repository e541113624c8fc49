"""An office about to be stormed: its rules, its places, and everyone who wants one, signed in and prepared.

Run as a program with the benchmark's DATABASE_URL and REDIS_URL; it writes what the crowd needs as JSON. The
rules go through the office's own services; the crowd is written in bulk, for two thousand sign-ups would take
longer than everything that is measured.
"""

import argparse
import json
import secrets
import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import django
from django.conf import settings

SERVICE: Final = "new"
DAYS: Final = 5
HOURS: Final = (
    (time(8), time(12)),
    (time(13), time(17)),
)  # eight hours a day: 40 slots in five days
OFFICE: Final = "bench"
BATCH: Final = 500
INSTRUMENT: Final = "benchmark"


def build_world(*, applicants: int, places: int) -> dict[str, Any]:
    """Make the office and its crowd; return what the crowd sends."""
    from core import clock
    from quotas.models import Slot

    now = clock.now()
    office = _office()
    _rules(office, places, now)
    slots = list(Slot.objects.filter(office=office, lane_id="online").order_by("starts_at"))
    people = list(_people(applicants, now))
    return {
        "headers": _headers(),
        "empty": "/healthz",
        "calendar": _path("booking:office", OFFICE),
        "bookings": _path("booking:bookings"),
        "people": [_errand(person, slots[turn % len(slots)]) for turn, person in enumerate(people)],
    }


# --- The office ----------------------------------------------------------------------------------
def _office() -> Any:
    from offices.models import (
        Lane,
        Office,
        OpeningHours,
        Region,
        ServiceGroup,
        ServiceType,
        Stage,
        StageStandard,
    )

    region, _made = Region.objects.get_or_create(code=OFFICE, defaults={"name": "Bench"})
    group, _made = ServiceGroup.objects.get_or_create(
        code="citizens", defaults={"name": "WNI", "name_en": "Citizens"}
    )
    Lane.objects.get_or_create(
        code="online",
        defaults={
            "name": "Daring",
            "name_en": "Online",
            "booked_at": Lane.BookedAt.ONLINE,
            "series": "A",
        },
    )
    service, made = ServiceType.objects.get_or_create(
        code=SERVICE,
        defaults={
            "name": "Paspor baru", "name_en": "New passport", "group": group, "due_working_days": 4,
            "documents": [{"code": "ktp", "name": "KTP", "name_en": "Identity card", "is_required": True}],
        },
    )  # fmt: skip
    if made:
        StageStandard.objects.create(
            service_type=service, stage=Stage.INTERVIEW, position=1, minutes=15
        )
    office = Office.objects.create(
        code=OFFICE,
        name="Kantor Imigrasi Uji Beban",
        region=region,
        time_zone="Asia/Jakarta",
        address="Jalan Uji 1",
    )
    office.service_types.add(service)
    breaks = [[f"{HOURS[0][1]:%H:%M}", f"{HOURS[1][0]:%H:%M}", "Istirahat", "Break"]]
    OpeningHours.objects.bulk_create(
        OpeningHours(
            office=office, weekday=weekday, opens=HOURS[0][0], closes=HOURS[1][1], breaks=breaks,
            valid_from=date(2020, 1, 1), instrument=INSTRUMENT,
        )
        for weekday in range(1, DAYS + 1)
    )  # fmt: skip
    return office


def _rules(office: Any, places: int, now: datetime) -> None:
    """Have exactly so many places, next Monday to Friday, in a window that opened a minute ago."""
    from offices.models import ServiceGroup
    from quotas.models import QuotaPolicy, ReleaseRule
    from quotas.services import prepare_windows

    opened = (now - timedelta(minutes=1)).astimezone(office.zone)
    monday = opened.date() + timedelta(days=7 - opened.weekday())
    group = ServiceGroup.objects.get(code="citizens")
    common = {"office": office, "lane_id": "online", "group": group, "instrument": INSTRUMENT}
    ReleaseRule.objects.create(
        **common, kind=ReleaseRule.Kind.WEEKLY, weekday=opened.isoweekday(), weeks_ahead=1, covers_days=DAYS,
        opens_time=opened.time().replace(second=0, microsecond=0), closes_after_days=2, closes_time=time(23, 59),
        valid_from=monday, valid_until=monday + timedelta(days=DAYS - 1),
    )  # fmt: skip
    for turn in range(DAYS):
        base = places // DAYS + (turn < places % DAYS)
        day = monday + timedelta(days=turn)
        QuotaPolicy.objects.create(
            **common, base=base, slot_minutes=60, valid_from=day, valid_until=day
        )
    prepared = prepare_windows(office_id=office.pk, now=now)
    if prepared.inserted != places:
        raise SystemExit(f"{prepared.inserted} places were made instead of {places}")


# --- The crowd -----------------------------------------------------------------------------------
def _people(count: int, now: datetime) -> Iterator[tuple[Any, str]]:
    """Make accounts, each with one prepared person and a session; yield the person and the session's key."""
    from accounts.models import User
    from booking.models import Applicant, PassportApplication, Sex
    from offices.models import Fee, ServiceType

    service = ServiceType.objects.get(code=SERVICE)
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        users = User.objects.bulk_create(_account(number) for number in numbers)
        people = Applicant.objects.bulk_create(
            Applicant(
                account=user, full_name=user.full_name, identity_number=_nik(number), created_at=now,
                person_key=Applicant.key_for(kind="nik", nationality="ID", number=_nik(number)),
                birth_date=date(1990, 1, 1), sex=Sex.MALE, phone="+628120000000",
            )
            for number, user in zip(numbers, users, strict=True)
        )  # fmt: skip
        PassportApplication.objects.bulk_create(
            PassportApplication(
                applicant=person, service_type=service, reason=PassportApplication.Reason.FIRST,
                purpose=PassportApplication.Purpose.HOLIDAY, product=Fee.Product.ELECTRONIC_10,
                documents={"ktp": True}, created_at=now, changed_at=now,
            )
            for person in people
        )  # fmt: skip
        yield from zip(people, _sessions(users), strict=True)


def _account(number: int) -> Any:
    from accounts.models import User

    user = User(email=f"bench{number}@example.org", full_name=f"Budi Uji {number}")
    user.set_unusable_password()
    return user


def _nik(number: int) -> str:
    return f"317101010190{number % 9999 + 1:04d}" if number < 9_999 else f"3171{number:08d}0001"


def _sessions(users: Sequence[Any]) -> list[str]:
    """Sign each account in as the sign-in page does, without its password check."""
    from importlib import import_module

    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.db import transaction

    store = import_module(settings.SESSION_ENGINE).SessionStore
    keys = []
    with transaction.atomic():
        for user in users:
            session = store()
            session[SESSION_KEY] = str(user.pk)
            session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
            session[HASH_SESSION_KEY] = user.get_session_auth_hash()
            session.save(must_create=True)
            keys.append(session.session_key)
    return keys


# --- What they send ------------------------------------------------------------------------------
def _errand(person_and_session: tuple[Any, str], slot: Any) -> dict[str, str]:
    """Return one person's way: the page of an hour, the form of it, and the cookies of both."""
    person, session = person_and_session
    csrf = secrets.token_hex(16)
    form = {
        "csrfmiddlewaretoken": csrf,
        "key": uuid.uuid4().hex,
        "applicants": person.pk,
        "service_type": SERVICE,
    }
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={csrf}"
    return {
        "headers": f"Cookie: {cookies}\r\n",
        "page": f"{_path('booking:book', slot.pk)}?service_type={SERVICE}",
        "book": _path("booking:book", slot.pk),
        "body": urlencode(form),
    }


def _headers() -> str:
    """Return what every browser sends, and what a proxy in front would add."""
    host = next((name for name in settings.ALLOWED_HOSTS if name[0] not in "*."), "127.0.0.1")
    lines = [f"Host: {host}", "User-Agent: Mozilla/5.0 (Android 14; Mobile)", "Accept: text/html"]
    lines += ["Accept-Language: id-ID,id;q=0.9", "Accept-Encoding: gzip"]
    if settings.SECURE_SSL_REDIRECT:
        lines += ["X-Forwarded-Proto: https", f"Referer: https://{host}/"]
    return "".join(f"{line}\r\n" for line in lines)


def _path(name: str, *given: Any) -> str:
    from django.urls import reverse

    return reverse(name, args=given)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--applicants", type=int, required=True)
    parser.add_argument("--places", type=int, required=True)
    given = parser.parse_args()
    django.setup()
    print(json.dumps(build_world(applicants=given.applicants, places=given.places)))  # noqa: T201 - a pipe


if __name__ == "__main__":
    main()
