"""Everything that writes in this room, a file for each noun."""

from booking.services.applications import ApplicationData, save_application
from booking.services.claims import create_bookings
from booking.services.desk import book_at_desk
from booking.services.drawing import claim_entry, hold_due_draws, pass_on, run_draw
from booking.services.draws import (
    close_entries,
    enter_draw,
    prepare_draws,
    type_public_value,
    withdraw_entry,
)
from booking.services.letters import calendar_text
from booking.services.moves import (
    cancel_booking,
    check_in_booking,
    expire_hold,
    mark_no_show,
    mark_served,
    reschedule_booking,
)
from booking.services.people import (
    ApplicantData,
    add_applicant,
    change_applicant,
    mistakes_in,
    remove_applicant,
)
from booking.services.reminders import queue_reminders

__all__ = [
    "ApplicantData",
    "ApplicationData",
    "add_applicant",
    "book_at_desk",
    "calendar_text",
    "cancel_booking",
    "change_applicant",
    "check_in_booking",
    "claim_entry",
    "close_entries",
    "create_bookings",
    "enter_draw",
    "expire_hold",
    "hold_due_draws",
    "mark_no_show",
    "mark_served",
    "mistakes_in",
    "pass_on",
    "prepare_draws",
    "queue_reminders",
    "remove_applicant",
    "reschedule_booking",
    "run_draw",
    "save_application",
    "type_public_value",
    "withdraw_entry",
]
