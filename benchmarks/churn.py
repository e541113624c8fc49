"""Booking and cancelling in turn: `python -m benchmarks.churn`. Calls the services on a simulated clock, in 5 s steps.

For ten minutes 20 accounts book and cancel as often as they can; an hour later honest people book what they can get.
"""

import random
import sys
import uuid
from collections import defaultdict
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from benchmarks.release import own_project

ACCOUNTS, PLACES, MOST_OUT_OF_SALE = 20, 375, 2
STEP, ATTACK, LATER = timedelta(seconds=5), timedelta(minutes=10), timedelta(hours=1)


def attack() -> bool:
    """Run the attack in the configured, empty database; False if it keeps more out of sale than it may."""
    from allauth.account.models import EmailAddress

    from benchmarks.world import build_world, model
    from booking.bookings.changes import cancel_booking
    from booking.bookings.requests import BookingRequest, OpenWindow
    from booking.bookings.services import create_bookings
    from core import clock
    from core.errors import DomainError

    build_world(ACCOUNTS + PLACES, PLACES)
    now, made, refused, worst = clock.now(), 0, 0, 0
    slots = list(model("quotas.Slot").objects.filter(office__code="bench").order_by("pk"))
    place, people = model("quotas.Place").objects, list(model("booking.Applicant").objects.all())
    for user in (person.account for person in people):
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)

    def book(person: Any, slot: Any) -> Any:
        who = {"account_id": person.account_id, "applicant_ids": [person.pk], "slot_id": slot.pk}
        request = BookingRequest(**who, service_type="new", key=uuid.uuid4().hex)
        rest = {"right": OpenWindow(), "by": person.account, "now": now}
        with suppress(DomainError):
            return create_bookings(requests=[request], **rest)[0].bookings.get()

    brokers, live, gone = (
        people[:ACCOUNTS],
        dict[int, Any](),
        defaultdict[int, list[datetime]](list),
    )
    for _step in range(ATTACK // STEP):
        for broker in brokers:
            if booking := live.pop(broker.pk, None):
                cancel_booking(booking_id=booking.pk, by=broker.account, now=now)
                gone[broker.pk].append(place.get(pk=booking.place_id).cooldown_until)
            elif booking := book(broker, random.choice(slots)):  # noqa: S311 - no secret
                live[broker.pk], made = booking, made + 1
            else:
                refused += 1
            worst = max(worst, sum(end > now for end in gone[broker.pk]) + (broker.pk in live))
        now += STEP
    print(
        f"Ten minutes: {made} booked, {refused} refused; at most {worst} out of sale by one account"
    )
    now += LATER
    honest = sum(any(book(person, slot) for slot in slots) for person in people[ACCOUNTS:])
    print(
        f"An hour later: {len(live)} held by the accounts, {honest} by others, of {PLACES} places"
    )
    return worst <= MOST_OUT_OF_SALE and honest == PLACES - len(live)


if __name__ == "__main__":
    with own_project(DEMO_CLOCK_OFFSET="0") as (checkout, _valkey):
        is_good, breaches = attack(), checkout.verify()
    print(breaches or "verify: no breach")
    sys.exit(0 if is_good and not breaches else 1)
