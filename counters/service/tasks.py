"""Tasks that run after closing."""

from celery import shared_task

from core import clock
from counters.gate.services import record_absences
from counters.service.returns import give_up_returns
from counters.stations.services import close_forgotten_sessions
from offices.directory.selectors import list_offices


@shared_task(ignore_result=True)
def mark_no_shows() -> None:
    """Mark no-shows after closing, end overdue returns and close forgotten counters. Idempotent.

    Checked-in applicants are not affected: they are served in overtime, or moved by a supervisor.
    """
    now = clock.now()
    for office in list_offices():
        record_absences(office=office, by=None, now=now)
    give_up_returns(now=now)
    close_forgotten_sessions(now=now)
