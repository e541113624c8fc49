"""The tables of the invented years: which columns their rows name, and what is the same in all rows."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django.db.models import Model

from booking.applications.models import PassportApplication
from booking.bookings.models import Booking, BookingEvent, Party
from booking.people.models import Applicant
from booking.refusals.models import Refusal
from booking.restrictions.models import Restriction, RestrictionEvent
from counters.pickup.models import Pickup
from counters.production.models import BookEvent, PassportBook
from counters.visits.models import (
    CounterSession,
    StageRun,
    Ticket,
    TicketSeries,
    Visit,
    VisitEvent,
)
from counters.walk_in.models import DeskAdmission
from devtools.years.tables import Sheet
from offices.outages.models import Outage
from quotas.places.models import Place, ReleaseWindow, Slot
from quotas.policies.models import RuleChange
from reports.forecast.models import DemandDay


@dataclass(frozen=True)
class Table:
    """A table: the columns that its rows name, separated by spaces, and those with one value."""

    model: type[Model]
    columns: str
    same: Mapping[str, Any] = field(default_factory=dict)

    def sheet(self, **more: Any) -> Sheet:
        """Return an empty sheet of the table."""
        return Sheet(self.model, self.columns.split(), **self.same, **more)


TABLES: Final[Mapping[str, Table]] = {
    "windows": Table(
        ReleaseWindow,
        "id rule_id office_id lane_id mode has_waiting_room first_day last_day tranche "
        "opens_at closes_at sources prepared_at announced_at",
    ),
    "slots": Table(
        Slot,
        "id office_id group_id lane_id day starts_at ends_at",
        {"only_services": "{}"},
    ),
    "places": Table(
        Place,
        "id window_id slot_id made_in_slot_id number opens_at closes_at cooldown_until holder",
    ),
    "changes": Table(
        RuleChange,
        "id office_id lane_id by_id at starts_on instrument before after",
        {"kind": "added_places"},
    ),
    "applicants": Table(
        Applicant,
        "id account_id full_name identity_number person_key birth_date sex created_at "
        "removed_at erased_at",
    ),
    "applications": Table(
        PassportApplication,
        "id applicant_id service_type_id reason issued purpose product documents declaration "
        "declared_at created_at changed_at",
    ),
    "parties": Table(
        Party,
        "id account_id key body_hash created_at",
    ),
    "bookings": Table(
        Booking,
        "id code account_id applicant_id person_key party_id service_type_id application_id "
        "office_id slot_id place_id status via placed_at changes_used own_cancelled_at key",
    ),
    "booking_events": Table(
        BookingEvent,
        "id booking_id kind old new place_from_id place_to_id by_id at",
    ),
    "admissions": Table(
        DeskAdmission,
        "id booking_id reason_id by_id at",
    ),
    "restrictions": Table(
        Restriction,
        "id person_key applicant_id booking_id office_id made_at until_at instrument",
    ),
    "restriction_events": Table(
        RestrictionEvent,
        "id restriction_id at",
        {"kind": "made"},
    ),
    "refusals": Table(
        Refusal,
        "id at account_id office_id slot_id slot_starts_at",
        {"channel": "page", "action": "book", "size": 1, "code": "full", "reason": "full"},
    ),
    "sessions": Table(
        CounterSession,
        "id officer_id counter_id office_id opened_at closed_at",
    ),
    "visits": Table(
        Visit,
        "id booking_id office_id group_id lane_id day arrived_at queue_at clock_from "
        "session_id first_called_at called_at started_at ended_at documents_checked",
        {"kind": "first", "status": "finished", "calls": 1, "version": 5},
    ),
    "visit_events": Table(
        VisitEvent,
        "id visit_id kind old new session_id by_id at",
    ),
    "series": Table(
        TicketSeries,
        "id office_id day letter last_number",
    ),
    "tickets": Table(
        Ticket,
        "id visit_id office_id day letter number",
    ),
    "runs": Table(
        StageRun,
        "id visit_id stage session_id started_at ended_at",
        {"result": "done"},
    ),
    "books": Table(
        PassportBook,
        "id visit_id applicant_id service_type_id office_id status ordered_at due_on "
        "book_number printed_at printed_by_id checked_at checked_by_id shelf ready_at",
    ),
    "book_events": Table(
        BookEvent,
        "id book_id old new by_id at book_number",
    ),
    "pickups": Table(
        Pickup,
        "id book_id collector_name book_number shelf by_id at",
        {"right": "self", "evidence": "KTP asli", "where": "desk"},
    ),
    "outages": Table(
        Outage,
        "id office_id device_id started_at ended_at noted_at noted_by_id ended_by_id",
        {"reason": "Pencetak paspor macet"},
    ),
    "demand": Table(
        DemandDay,
        "id office_id day refused",
        {"booked": 0, "no_shows": 0, "walk_ins": 0},
    ),
}


class Writer:
    """Collects the rows of many days and copies them into the tables."""

    windows: Sheet
    slots: Sheet
    places: Sheet
    changes: Sheet
    applicants: Sheet
    applications: Sheet
    parties: Sheet
    bookings: Sheet
    booking_events: Sheet
    admissions: Sheet
    restrictions: Sheet
    restriction_events: Sheet
    refusals: Sheet
    sessions: Sheet
    visits: Sheet
    visit_events: Sheet
    series: Sheet
    tickets: Sheet
    runs: Sheet
    books: Sheet
    book_events: Sheet
    pickups: Sheet
    outages: Sheet
    demand: Sheet

    def __init__(self, *, now: dt.datetime) -> None:
        self.now = now
        for name, table in TABLES.items():
            # The count of people refused, whose records are kept for weeks only.
            more = {"counted_at": now} if name == "demand" else {}
            setattr(self, name, table.sheet(**more))

    @cached_property
    def sheets(self) -> list[Sheet]:
        return [value for value in vars(self).values() if isinstance(value, Sheet)]

    def write(self) -> None:
        """Copy everything that is collected."""
        for sheet in self.sheets:
            sheet.write()

    def finish(self) -> int:
        """Copy the rest and let the sequences continue; return the number of rows."""
        self.write()
        for sheet in self.sheets:
            sheet.set_sequence()
        return sum(sheet.rows for sheet in self.sheets)
