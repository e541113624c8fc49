"""What is to be booked: one request for each party, and what is known about it when it is checked."""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts.models import User
from booking.bookings.people import Person
from booking.bookings.rights import BookingRight
from booking.selectors import Hour
from offices.models import Office, ServiceType
from quotas.models import Slot


@dataclass(frozen=True, kw_only=True)
class BookingRequest:
    """One slot for one party: up to five people of an account, or one person at the desk.

    `key` is the request's idempotency key. `device_key` is the keyed hash of the browser's cookie, if there is one.
    """

    account_id: int | None
    slot_id: int
    applicant_ids: Sequence[int]
    service_type: str
    key: str
    device_key: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for a repeated request; another one under the same key differs."""
        body = json.dumps([self.slot_id, sorted(self.applicant_ids), self.service_type])
        return hashlib.sha256(body.encode()).hexdigest()


@dataclass(frozen=True)
class Case:
    """A request with all that its checks look at. `people` are in the order of the request, once they are read."""

    request: BookingRequest
    hour: Hour
    service: ServiceType
    right: BookingRight
    by: User | None
    now: dt.datetime
    people: list[Person] = field(default_factory=list)

    @property
    def slot(self) -> Slot:
        return self.hour.slot

    @property
    def office(self) -> Office:
        return self.hour.slot.office
