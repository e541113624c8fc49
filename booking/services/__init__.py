"""Everything that writes in this room, a file for each noun."""

from booking.services.accepting import accept_offer
from booking.services.applications import ApplicationData, save_application
from booking.services.broker_signals import find_broker_signals, note_signal
from booking.services.closures import (
    ClosureData,
    Preview,
    close_office,
    preview_closure,
    reopen_office,
)
from booking.services.contests import (
    dismiss_contest,
    lapse_contests,
    open_contest,
    release_at_desk,
    release_contested,
    withdraw_contest,
)
from booking.services.desk import book_at_desk
from booking.services.displacements import (
    accept_move,
    choose_another,
    move_everyone,
    move_next_party,
    place_waiting,
    record_told,
)
from booking.services.drawing import claim_entry, hold_due_draws, pass_on, run_draw
from booking.services.draws import (
    close_entries,
    enter_draw,
    prepare_draws,
    type_public_value,
    withdraw_entry,
)
from booking.services.messages import calendar_text
from booking.services.moves import (
    cancel_booking,
    check_in_booking,
    expire_hold,
    mark_no_show,
    mark_served,
    note_refused,
    reschedule_booking,
)
from booking.services.offers import (
    decline_offer,
    end_waiting,
    expire_offer,
    offer_next,
    stop_waiting,
    tell_of_offer,
    withdraw_offer,
)
from booking.services.people import (
    ApplicantData,
    add_applicant,
    change_applicant,
    mistakes_in,
    remove_applicant,
)
from booking.services.reminders import queue_reminders
from booking.services.restrictions import (
    appeal_restriction,
    keep_restriction,
    lift_restriction,
)
from booking.services.waiting import Wish, join_waiting_list
from booking.services.waiting_messages import why_ended
from booking.services.waiting_rounds import Round, serve_waiting_lists

__all__ = [
    "ApplicantData",
    "ApplicationData",
    "ClosureData",
    "Preview",
    "Round",
    "Wish",
    "accept_move",
    "accept_offer",
    "add_applicant",
    "appeal_restriction",
    "book_at_desk",
    "calendar_text",
    "cancel_booking",
    "change_applicant",
    "check_in_booking",
    "choose_another",
    "claim_entry",
    "close_entries",
    "close_office",
    "decline_offer",
    "dismiss_contest",
    "end_waiting",
    "enter_draw",
    "expire_hold",
    "expire_offer",
    "find_broker_signals",
    "hold_due_draws",
    "join_waiting_list",
    "keep_restriction",
    "lapse_contests",
    "lift_restriction",
    "mark_no_show",
    "mark_served",
    "mistakes_in",
    "move_everyone",
    "move_next_party",
    "note_refused",
    "note_signal",
    "offer_next",
    "open_contest",
    "pass_on",
    "place_waiting",
    "prepare_draws",
    "preview_closure",
    "queue_reminders",
    "record_told",
    "release_at_desk",
    "release_contested",
    "remove_applicant",
    "reopen_office",
    "reschedule_booking",
    "run_draw",
    "save_application",
    "serve_waiting_lists",
    "stop_waiting",
    "tell_of_offer",
    "type_public_value",
    "why_ended",
    "withdraw_contest",
    "withdraw_entry",
    "withdraw_offer",
]
