"""The Celery application and its timetable."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "passport_office.settings.production")

app = Celery("passport_office")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

SECOND = 1.0
MINUTE = 60.0
HOUR = 3600.0

# No countdown and no ETA anywhere: what is due stands in a row, and these pick it up.
# `expires` keeps a worker that was away from running one task a hundred times.
app.conf.beat_schedule = {
    name: {"task": task, "schedule": every, "options": {"expires": max(every, 10.0)}}
    for name, task, every in (
        ("deliver due messages", "notices.tasks.deliver_due_messages", 5 * SECOND),
        ("open due windows", "quotas.tasks.open_due_windows", 5 * SECOND),
        ("prepare windows", "quotas.tasks.prepare_windows", HOUR),
        ("queue reminders", "booking.tasks.queue_reminders", 5 * MINUTE),
        ("expire holds", "booking.tasks.expire_holds", MINUTE),
        ("mark no-shows", "counters.tasks.mark_no_shows", 15 * MINUTE),
        ("heartbeat", "passport_office.tasks.beat_heartbeat", 5 * SECOND),
    )
}
