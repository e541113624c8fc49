"""The invitation to the survey."""

import datetime as dt
from typing import Final

from django.utils.translation import gettext as _

from counters.survey.models import SurveyInvitation
from notices import links
from notices.kinds import Action, Context, Group, MessageKind, register
from notices.services import queue_message

LIFETIME: Final = dt.timedelta(days=14)
ANSWER_LINK: Final = links.Purpose("survey", "feedback:survey_link", "feedback:survey", LIFETIME)
STOP_LINK: Final = links.Purpose(
    "survey_stop", "feedback:survey_stop_link", "feedback:survey_stop", dt.timedelta(days=366)
)
links.register(ANSWER_LINK, STOP_LINK)


def queue_survey_invitation(invitation: SurveyInvitation, *, now: dt.datetime) -> None:
    """Queue the invitation for the account that booked the visit."""
    visit = invitation.visit
    account = visit.booking.account
    if account is None:
        return
    queue_message(
        kind="survey_invitation",
        dedupe_key=f"survey_invitation:{invitation.pk}",
        address=account.email,
        language=account.language,
        context={
            "office": invitation.office.snapshot(),
            "visited_on": visit.day,
            "survey_url": links.reference(ANSWER_LINK, invitation.pk),
            "stop_url": links.reference(STOP_LINK, invitation.pk),
        },
        about_type="survey",
        about_id=invitation.pk,
        office_code=invitation.office.code,
        now=now,
    )


def _answer(context: Context) -> Action:
    return _("Isi survei"), context["survey_url"]


register(
    MessageKind(
        name="survey_invitation",
        keys=frozenset({"office", "visited_on", "survey_url", "stop_url"}),
        action=_answer,
        group=Group.OPTIONAL,
        unsubscribe="stop_url",
    )
)
