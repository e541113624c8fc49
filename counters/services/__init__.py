"""Everything that writes in this room, a file for each noun."""

from counters.services.arrivals import admit_walk_in, check_in
from counters.services.calling import at_counter, call_next, call_visit, leave, recall, skip
from counters.services.evenings import Evening, open_evening
from counters.services.measuring import measure_stage_times
from counters.services.paper import PaperLine, enter_from_paper
from counters.services.passports import (
    hand_over,
    mark_checked,
    mark_misprinted,
    mark_printed,
    mark_ready,
)
from counters.services.refusals import refuse_ticket, refuse_visit
from counters.services.returns import give_up_returns
from counters.services.serving import (
    end_left_over,
    finish_stage,
    finish_visit,
    keep_work,
    mark_incomplete,
    pass_on,
    start_service,
    start_stage,
    unseen_documents,
)
from counters.services.sessions import (
    close_forgotten_sessions,
    free_counter,
    leave_counter,
    pause_counter,
    resume_counter,
    take_counter,
)

__all__ = [
    "Evening",
    "PaperLine",
    "admit_walk_in",
    "at_counter",
    "call_next",
    "call_visit",
    "check_in",
    "close_forgotten_sessions",
    "end_left_over",
    "enter_from_paper",
    "finish_stage",
    "finish_visit",
    "free_counter",
    "give_up_returns",
    "hand_over",
    "keep_work",
    "leave",
    "leave_counter",
    "mark_checked",
    "mark_incomplete",
    "mark_misprinted",
    "mark_printed",
    "mark_ready",
    "measure_stage_times",
    "open_evening",
    "pass_on",
    "pause_counter",
    "recall",
    "refuse_ticket",
    "refuse_visit",
    "resume_counter",
    "skip",
    "start_service",
    "start_stage",
    "take_counter",
    "unseen_documents",
]
