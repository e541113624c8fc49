"""The demo's own tasks. Beat sends them only in the demo (passport_office.celery)."""

from celery import shared_task

from devtools import gateway
from devtools.trial import jobs


@shared_task(ignore_result=True)
def play_requested_scene() -> None:
    """Play the scene that somebody chose on /demo/. Running it twice does no harm."""
    jobs.play_requested()


@shared_task(ignore_result=True)
def send_gateway_reports() -> None:
    """Report about the messages that the demo's gateway received."""
    gateway.send_reports()
