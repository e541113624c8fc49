"""Everything that writes in this room, a file for each noun."""

from offices.services.days import ensure_holidays, seed_holidays
from offices.services.officers import invite_officer, reset_officer, suspend_officer
from offices.services.outages import end_outage, note_outage
from offices.services.rosters import (
    ShiftData,
    add_overtime,
    data_of,
    editable_shifts,
    fill_week,
    fingerprint,
    mark_absent,
    mark_present,
    save_week,
    working_hours,
)
from offices.services.switches import resume_bookings, stop_bookings

__all__ = [
    "ShiftData",
    "add_overtime",
    "data_of",
    "editable_shifts",
    "end_outage",
    "ensure_holidays",
    "fill_week",
    "fingerprint",
    "invite_officer",
    "mark_absent",
    "mark_present",
    "note_outage",
    "reset_officer",
    "resume_bookings",
    "save_week",
    "seed_holidays",
    "stop_bookings",
    "suspend_officer",
    "working_hours",
]
