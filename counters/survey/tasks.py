"""The periodic task of the survey."""

from celery import shared_task

from core import clock
from counters.survey.services import invite_visitors


@shared_task(ignore_result=True)
def send_survey_invitations() -> None:
    """Invite the holders of finished visits. Running it twice does no harm."""
    invite_visitors(now=clock.now())
