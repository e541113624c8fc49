"""The Celery application and its schedule."""

import logging.config
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import heartbeat_sent, setup_logging
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "passport_office.settings.production")

app = Celery("passport_office")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# A worker's log lines have the task's id, and the id of the request or task that sent it.
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def use_our_logging(**_given: Any) -> None:
    """Keep Celery from replacing our log format, which masks personal data."""
    logging.config.dictConfig(settings.LOGGING)


def touch_alive_file() -> None:
    """Record that this process runs, for its health check."""
    # Set in a container: its health check (deploy/probe.py) looks at the file's age.
    if name := os.environ.get("CELERY_ALIVE_FILE"):
        Path(name).touch()


@heartbeat_sent.connect
def mark_worker_alive(**_given: Any) -> None:
    """Record that the worker's event loop runs; Celery sends this signal every few seconds."""
    touch_alive_file()


SECOND = 1.0
MINUTE = 60.0
HOUR = 3600.0
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

# No countdown and no ETA anywhere: rows record what is due, and these tasks select it. Beat has no
# file: everything is due when it starts, which does no harm, because every task can run twice.
# `expires` keeps a worker that was stopped from running one task a hundred times.
SCHEDULE = (
    ("heartbeat", "ops.tasks.beat_heartbeat", 5 * SECOND),
    ("open due windows", "quotas.windows.tasks.open_due_windows", 5 * SECOND),
    ("keep waiting rooms", "quotas.waiting_room.tasks.keep_rooms", 5 * SECOND),
    ("hold due draws", "booking.lottery.tasks.hold_due_draws", 5 * SECOND),
    ("fetch beacon rounds", "booking.lottery.tasks.fetch_beacon_rounds", MINUTE),
    ("deliver due messages", "notices.tasks.deliver_due_messages", 5 * SECOND),
    ("deliver due by phone", "notices.tasks.deliver_due_by_phone", 5 * SECOND),
    ("deliver due webhooks", "accounts.webhooks.tasks.deliver_due_webhooks", 5 * SECOND),
    ("expire holds", "booking.bookings.tasks.expire_holds", MINUTE),
    ("expire unpaid bookings", "booking.settlement.tasks.expire_unpaid_bookings", MINUTE),
    ("move displaced", "booking.closures.tasks.move_displaced", 10 * SECOND),
    ("place waiting", "booking.closures.tasks.place_waiting", 2 * MINUTE),
    ("serve waiting lists", "booking.closures.tasks.serve_waiting_lists", 10 * SECOND),
    ("queue reminders", "booking.bookings.tasks.queue_reminders", 5 * MINUTE),
    ("mark no-shows", "counters.service.tasks.mark_no_shows", 15 * MINUTE),
    (
        "remind and cancel uncollected",
        "counters.uncollected.tasks.remind_and_cancel_uncollected",
        15 * MINUTE,
    ),
    ("send survey invitations", "counters.survey.tasks.send_survey_invitations", 15 * MINUTE),
    ("measure stages", "counters.capacity.tasks.measure_stages", HOUR),
    ("predict waits", "counters.estimates.tasks.predict_waits", 20 * SECOND),
    ("learn waits", "counters.estimates.tasks.learn_waits", HOUR),
    ("make forecasts", "reports.forecast.tasks.make_forecasts", 15 * MINUTE),
    ("make paper lists", "reports.paper_list.tasks.make_paper_lists", 5 * MINUTE),
    ("refresh load", "reports.load.tasks.refresh_load", 2 * MINUTE),
    ("rebuild load", "reports.load.tasks.rebuild_load", HOUR),
    ("queue due reports", "reports.subscriptions.tasks.queue_due_reports", 10 * MINUTE),
    ("roll over unused places", "quotas.places.tasks.roll_over_due", MINUTE),
    ("lapse contests", "booking.integrity.tasks.lapse_contests", HOUR),
    ("find broker signals", "booking.integrity.tasks.find_broker_signals", 15 * MINUTE),
    ("find churn signals", "booking.integrity.tasks.find_churn_signals", 30 * SECOND),
    ("watch holidays", "booking.holidays.tasks.watch_holidays", 6 * HOUR),
    ("prepare windows", "quotas.windows.tasks.prepare_windows", HOUR),
    ("watch deadlines", "privacy.requests.tasks.watch_deadlines", 15 * MINUTE),
    ("count reading", "privacy.reads.tasks.count_reading_of_days", HOUR),
    ("erase overdue data", "privacy.retention.tasks.erase_overdue_data", HOUR),
    ("delete expired limits", "accounts.tasks.delete_expired_limits", HOUR),
)
# The page /demo/ and the gateway of the demo, which production does not have.
DEMO_SCHEDULE = (
    ("play demo scenes", "devtools.tasks.play_requested_scene", 2 * SECOND),
    ("send gateway reports", "devtools.tasks.send_gateway_reports", 5 * SECOND),
)

app.conf.beat_schedule = {
    name: {
        "task": task,
        "schedule": every,
        "options": {"expires": max(every, 10.0)},
        "last_run_at": LONG_AGO,
    }
    for name, task, every in (*SCHEDULE, *(DEMO_SCHEDULE if settings.DEMO else ()))
}
