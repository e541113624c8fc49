"""An office with an open window, and applicants who are signed in and prepared. Prints JSON for the load client.

Runs inside the measured checkout (`python - < world.py`) after `load_scenario scenarios/national.yaml`, so it uses
only what every checkout has: models by label, and commands. Applicants are written in bulk: two thousand sign-ups
would take longer than the measurement.
"""

import argparse
import io
import json
import secrets
import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from importlib import import_module
from itertools import cycle
from typing import Any, Final
from urllib.parse import urlencode

import django
from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from django.db import connection, transaction

SERVICE, DECREE = "new", "benchmark"
DAYS: Final = 5  # of eight hours: 40 slots
model = apps.get_model


def build_world(applicants: int, places: int, *, room_in: int = 0) -> dict[str, Any]:
    """Create the office, its places and its applicants, and an office whose waiting room opens in some seconds."""
    from core import clock

    now = clock.now()
    office = make_office("bench", places, now, has_waiting_room=False)
    later = now + timedelta(seconds=room_in)
    room = make_office("bench-room", places, later, has_waiting_room=True) if room_in else None
    call_command("release_windows", stdout=io.StringIO())
    made = model("quotas.Place").objects.filter(slot__office=office).count()
    if made != places:
        raise SystemExit(f"{made} places were made instead of {places}")
    window = model("quotas.ReleaseWindow").objects.filter(office=room).first() if room else None
    slots = list(model("quotas.Slot").objects.filter(office=office).order_by("starts_at"))
    with transaction.atomic():
        rows = zip(make_people(applicants, now), cycle(slots), strict=False)
        people = [requests_of(*person, slot.pk) for person, slot in rows]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    status = f"/rooms/{window.pk}/status/" if window else ""
    urls = {"calendar": f"/offices/{office.code}/", "status": status}
    return {"headers": common_headers(), "people": people, **urls}


def make_office(code: str, places: int, now: datetime, *, has_waiting_room: bool) -> Any:
    """An office with this many places next Monday to Friday, in a window that opened a minute before `now`."""
    region = model("offices.Region").objects.first()
    names = {"code": code, "name": "Kantor Uji Beban", "address": "Jalan Uji 1"}
    office = model("offices.Office").objects.create(
        **names, region=region, time_zone="Asia/Jakarta"
    )
    office.service_types.add(model("offices.ServiceType").objects.get(code=SERVICE))
    opened = (now - timedelta(minutes=1)).astimezone(office.zone)
    monday = opened.date() + timedelta(days=7 - opened.weekday())
    friday = monday + timedelta(days=DAYS - 1)
    group = model("offices.ServiceGroup").objects.get(code="citizens")
    common = {"office": office, "lane_id": "online", "group": group, "instrument": DECREE}
    opens = {"opens_time": opened.time().replace(second=0, microsecond=0), "weeks_ahead": 1}
    closes = {"closes_after_days": 2, "closes_time": time(23, 59)}
    period = {"weekday": opened.isoweekday(), "valid_from": monday, "valid_until": friday}
    common_rule = {**common, **opens, **closes, **period, "kind": "weekly", "covers_days": DAYS}
    model("quotas.ReleaseRule").objects.create(**common_rule, has_waiting_room=has_waiting_room)
    hours = {"opens": time(8), "closes": time(17), "valid_from": date(2020, 1, 1)}
    hours["breaks"] = [["12:00", "13:00", "Istirahat", "Break"]]
    for turn in range(DAYS):
        day = monday + timedelta(days=turn)
        model("offices.OpeningHours").objects.create(
            office=office, weekday=turn + 1, instrument=DECREE, **hours
        )
        base = places // DAYS + (turn < places % DAYS)
        model("quotas.QuotaPolicy").objects.create(
            **common, base=base, slot_minutes=60, valid_from=day, valid_until=day
        )
    return office


def make_people(count: int, now: datetime) -> Iterator[tuple[Any, str]]:
    """Accounts, each with one prepared person and a session: the person and the session's key."""
    service = model("offices.ServiceType").objects.get(code=SERVICE)
    documents = {row["code"]: True for row in service.documents}
    applicant = model("booking.Applicant")
    application = model("booking.PassportApplication")
    users = make_accounts(count)
    niks = [f"31710101{n // 9999:02d}90{n % 9999 + 1:04d}" for n in range(10_000, 10_000 + count)]
    keys = [applicant.key_for(kind="nik", nationality="ID", number=nik) for nik in niks]
    same = {"birth_date": date(1990, 1, 1), "sex": "male", "created_at": now}
    # One telephone may book 600 times in a month, so each has another.
    numbers = [{"identity_number": nik, "phone": f"+62812{nik[-8:]}"} for nik in niks]
    rows = zip(users, numbers, keys, strict=True)
    people = applicant.objects.bulk_create(
        applicant(**same, **number, account=u, full_name=u.full_name, person_key=key)
        for u, number, key in rows
    )
    answers = {"reason": application.Reason.FIRST, "purpose": application.Purpose.HOLIDAY}
    answers |= {"product": "electronic_10", "documents": documents, "service_type": service}
    application.objects.bulk_create(
        application(**answers, applicant=person, created_at=now, changed_at=now)
        for person in people
    )
    yield from zip(people, map(make_session, users), strict=True)


def make_accounts(count: int) -> list[Any]:
    user = model("accounts.User")
    rows = [
        user(email=f"bench{n}@example.org", full_name=f"Budi Uji {n}", password="!")  # noqa: S106
        for n in range(count)
    ]
    return list(user.objects.bulk_create(rows))


def make_session(user: Any) -> str:
    """Sign an account in as the sign-in page does, without the password check."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save(must_create=True)
    return str(session.session_key)


def requests_of(person: Any, session: str, slot_id: int) -> dict[str, str]:
    """One person's slot page, booking form, and the cookies of both."""
    csrf = secrets.token_hex(16)
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={csrf}"
    form = {"csrfmiddlewaretoken": csrf, "key": uuid.uuid4().hex, "applicants": person.pk}
    return {
        "headers": f"Cookie: {cookies}\r\n",
        "page": f"/book/{slot_id}/?service_type={SERVICE}",
        "book": f"/book/{slot_id}/",
        "body": urlencode({**form, "service_type": SERVICE}),
    }


def common_headers() -> str:
    """What every browser sends, and in production what the proxy adds."""
    host = settings.ALLOWED_HOSTS[0]
    lines = [f"Host: {host}", "User-Agent: Mozilla/5.0 (Android 14; Mobile)", "Accept: text/html"]
    lines += ["Accept-Language: id-ID,id;q=0.9", "Accept-Encoding: gzip"]
    if settings.SECURE_SSL_REDIRECT:
        lines += ["X-Forwarded-Proto: https", f"Referer: https://{host}/"]
    return "".join(f"{line}\r\n" for line in lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("applicants", "places", "room_in"):
        parser.add_argument(f"--{name}", type=int, default=0)
    django.setup()
    print(json.dumps(build_world(**vars(parser.parse_args()))))
