"""What happens at the office, a file for each noun."""

from counters.models.passports import BOOK_MOVES, BookEvent, BookStatus, PassportBook, Pickup
from counters.models.visits import (
    AT_A_COUNTER,
    UNFINISHED,
    VISIT_MOVES,
    CounterSession,
    StageRun,
    Ticket,
    TicketSeries,
    Visit,
    VisitEvent,
    VisitStatus,
)

__all__ = [
    "AT_A_COUNTER",
    "BOOK_MOVES",
    "UNFINISHED",
    "VISIT_MOVES",
    "BookEvent",
    "BookStatus",
    "CounterSession",
    "PassportBook",
    "Pickup",
    "StageRun",
    "Ticket",
    "TicketSeries",
    "Visit",
    "VisitEvent",
    "VisitStatus",
]
