"""The nightly erasure."""

import structlog
from celery import shared_task

from core import clock
from privacy.retention.services import run_due_retention

log = structlog.get_logger(__name__)


@shared_task(ignore_result=True)
def erase_overdue_data() -> None:
    """Beat runs this every hour; it acts once a night. Running it twice does no harm."""
    for run in run_due_retention(now=clock.now()):
        log.info("retention_run", kind=run.kind, days=run.days, erased=run.erased)
