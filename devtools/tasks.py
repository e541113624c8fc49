"""The demo's own task. Beat sends it only in the demo (passport_office.celery)."""

from celery import shared_task

from devtools.trial import jobs


@shared_task(ignore_result=True)
def play_requested_scene() -> None:
    """Play the scene that somebody chose on /demo/. Running it twice does no harm."""
    jobs.play_requested()
