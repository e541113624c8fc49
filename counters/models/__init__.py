"""What happens at the office, a file for each noun."""

from counters.models.passports import BookEvent, BookStatus, PassportBook, Pickup
from counters.models.visits import (
    AT_A_COUNTER,
    UNFINISHED,
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
    "UNFINISHED",
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
