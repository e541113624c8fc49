from quotas.selectors.calendar import CalendarDay, SlotView, calendar, day_slots, nearest_open_slots
from quotas.selectors.ledger import LaneLedger, Ledger, ledger
from quotas.selectors.preview import Preview, preview
from quotas.selectors.releases import ClosedDay, OfficeReleases, releases
from quotas.selectors.returns import (
    ReturnTerms,
    hours_given_back,
    return_rule_on,
    return_terms,
)
from quotas.selectors.room_status import RoomToPass, room_before, room_to_pass, state_of, status_of
from quotas.selectors.rooms import (
    own_ticket,
    read_ticket,
    room_of,
    room_of_slot,
    room_proof,
    rooms_now,
    sealed_room,
    ticket_code,
    token_of,
)
from quotas.selectors.rules import (
    closures_of,
    draft_shut,
    hours_shut_by,
    policy_of,
    release_of,
    rules_of,
    shut_of,
    slots_shut_by,
)
from quotas.selectors.windows import WindowView, next_opening, windows

__all__ = [
    "CalendarDay",
    "ClosedDay",
    "LaneLedger",
    "Ledger",
    "OfficeReleases",
    "Preview",
    "ReturnTerms",
    "RoomToPass",
    "SlotView",
    "WindowView",
    "calendar",
    "closures_of",
    "day_slots",
    "draft_shut",
    "hours_given_back",
    "hours_shut_by",
    "ledger",
    "nearest_open_slots",
    "next_opening",
    "own_ticket",
    "policy_of",
    "preview",
    "read_ticket",
    "release_of",
    "releases",
    "return_rule_on",
    "return_terms",
    "room_before",
    "room_of",
    "room_of_slot",
    "room_proof",
    "room_to_pass",
    "rooms_now",
    "rules_of",
    "sealed_room",
    "shut_of",
    "slots_shut_by",
    "state_of",
    "status_of",
    "ticket_code",
    "token_of",
    "windows",
]
