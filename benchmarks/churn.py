"""Booking and cancelling in turn: `python -m benchmarks.churn`. Calls the services on a simulated clock, step by step.

For ten minutes each of 20 accounts books, cancels and books again as often as it can; an hour later honest people book.
"""

import random
import sys
import uuid
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

ACCOUNTS, PLACES, MOST_OUT_OF_SALE = 20, 375, 2
STEP, ATTACK, LATER = timedelta(seconds=5), timedelta(minutes=10), timedelta(hours=1)
INSIDE: Final = "import django; django.setup(); from benchmarks.churn import attack; attack()"


def attack() -> None:
    """Run the attack in the configured, empty database. Exits with 1 if it keeps more out of sale than it may."""
    from allauth.account.models import EmailAddress
    from django.core.management import call_command

    from benchmarks.world import make_office, make_people, model
    from booking.bookings.changes import cancel_booking
    from booking.bookings.requests import BookingRequest, OpenWindow
    from booking.bookings.services import create_bookings
    from core import clock
    from core.errors import DomainError

    now, done, gone = clock.now(), Counter[str](), defaultdict[int, list[datetime]](list)
    office = make_office("churn", PLACES, now, has_waiting_room=False)
    call_command("release_windows", verbosity=0)
    place, slots = model("quotas.Place").objects, list(office.slot_set.values_list("pk", flat=True))
    people = [person for person, _session in make_people(ACCOUNTS + PLACES, now)]
    rows = (EmailAddress(user=one.account, email=one.account.email) for one in people)
    EmailAddress.objects.bulk_create(rows)
    EmailAddress.objects.update(verified=True, primary=True)

    def book(person: Any, slot_id: int) -> Any:
        who = {"account_id": person.account_id, "applicant_ids": [person.pk], "slot_id": slot_id}
        request = BookingRequest(**who, service_type="new", key=uuid.uuid4().hex)
        right = OpenWindow()
        [party] = create_bookings(requests=[request], right=right, by=person.account, now=now)
        done["booked"] += 1
        return party.bookings.get()

    live: dict[int, Any] = {}
    end, worst, brokers = now + ATTACK, 0, people[:ACCOUNTS]
    while now < end:
        for person in random.sample(brokers, ACCOUNTS):
            if booking := live.pop(person.pk, None):
                cancel_booking(booking_id=booking.pk, by=person.account, now=now)
                gone[person.pk].append(place.get(pk=booking.place_id).cooldown_until)
            else:
                try:
                    live[person.pk] = book(person, random.choice(slots))  # noqa: S311
                except DomainError as error:
                    done[error.code] += 1
            waiting = sum(until > now for until in gone[person.pk])
            worst = max(worst, waiting + (person.pk in live))
        now += STEP
    done["cooling down"] = place.filter(slot__in=slots, cooldown_until__gt=now).count()
    now += LATER
    honest = 0
    for person in people[ACCOUNTS:]:
        for slot_id in slots:
            with suppress(DomainError):
                honest += bool(book(person, slot_id))
                break
    print(f"Actions and states: {dict(done)}\nMost places out of sale by one account: {worst}")
    print(f"An hour later: {len(live)} held by the accounts, {honest} by others, of {PLACES}")
    sys.exit(0 if worst <= MOST_OUT_OF_SALE and honest == PLACES - len(live) else 1)


if __name__ == "__main__":
    from benchmarks.release import in_own_checkout

    print(in_own_checkout(Path.cwd(), INSIDE))
