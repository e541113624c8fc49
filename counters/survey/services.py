"""Inviting visitors to the survey, and recording their answers."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.db import busy_on_timeout
from core.errors import InvalidInput, NotFound
from counters.survey.elements import ELEMENTS, faults_of
from counters.survey.errors import SurveyAnswered
from counters.survey.messages import queue_survey_invitation
from counters.survey.models import SurveyAnswer, SurveyInvitation
from counters.visits.models import Visit, VisitStatus
from notices import links
from notices.links import LinkUse

# Invitations are for visits that ended at least an hour ago, so that nobody answers at the counter.
PAUSE: Final = dt.timedelta(hours=1)
LATEST: Final = dt.timedelta(days=3)


def invite_visitors(*, now: dt.datetime) -> int:
    """Invite the holders of finished visits, each once; return how many. Safe to repeat.

    People without an account have no address and are not invited.
    """
    stopped = SurveyInvitation.objects.filter(stopped_at__isnull=False)
    visits = Visit.objects.filter(
        status=VisitStatus.FINISHED,
        ended_at__gt=now - LATEST,
        ended_at__lte=now - PAUSE,
        survey_invitation__isnull=True,
        booking__account__isnull=False,
    ).exclude(booking__account__in=stopped.values("visit__booking__account"))
    return sum(_invite(visit_id, now) for visit_id in visits.values_list("pk", flat=True))


@transaction.atomic
def _invite(visit_id: int, now: dt.datetime) -> bool:
    """Invite for one visit; False if another worker did."""
    visit = Visit.objects.select_related("office", "booking__account").get(pk=visit_id)
    invitation, is_new = SurveyInvitation.objects.get_or_create(
        visit=visit, defaults={"office": visit.office, "sent_at": now}
    )
    if is_new:
        queue_survey_invitation(invitation, now=now)
    return is_new


@transaction.atomic
def open_invitation(*, visit_id: int, now: dt.datetime) -> SurveyInvitation | None:
    """Return the invitation of a finished visit that nobody has answered, or None.

    A visitor who comes to the page before the message, or has no address, gets the invitation here.
    """
    visit = Visit.objects.filter(pk=visit_id, status=VisitStatus.FINISHED).first()
    if visit is None:
        return None
    invitation, _is_new = SurveyInvitation.objects.get_or_create(
        visit=visit, defaults={"office_id": visit.office_id, "sent_at": now}
    )
    return invitation if invitation.answered_at is None else None


def get_invitation(invitation_id: int) -> SurveyInvitation:
    """Return an invitation with its office. Raises NotFound."""
    row = SurveyInvitation.objects.select_related("office").filter(pk=invitation_id).first()
    if row is None:
        raise NotFound
    return row


def answer_survey(
    *, invitation_id: int, scores: Mapping[str, int], use: LinkUse | None, now: dt.datetime
) -> None:
    """Record the answer to an invitation, once. The answer does not refer to the visit.

    Raises NotFound, InvalidInput with the elements that have no score from 1 to 4, SurveyAnswered, Busy.
    """
    if faults := faults_of(scores):
        text = _("Pilih satu jawaban.")
        raise InvalidInput(fields={name: [text] for name in faults})
    with busy_on_timeout(), transaction.atomic():
        rows = SurveyInvitation.objects.select_for_update(no_key=True, of=("self",))
        row = rows.select_related("office").filter(pk=invitation_id).first()
        if row is None:
            raise NotFound
        if row.answered_at is not None:
            raise SurveyAnswered
        row.answered_at = now
        row.save(update_fields=["answered_at"])
        month = row.office.local_day(now).replace(day=1)
        values = {name: scores[name] for name in ELEMENTS}
        SurveyAnswer.objects.create(office=row.office, month=month, **values)
        links.record_answer(use, action="answered", now=now)


def stop_invitations(*, invitation_id: int, use: LinkUse | None, now: dt.datetime) -> None:
    """Send no more invitations to the account of this one. Safe to repeat. Raises NotFound."""
    with transaction.atomic():
        get_invitation(invitation_id)
        rows = SurveyInvitation.objects.filter(pk=invitation_id, stopped_at__isnull=True)
        if rows.update(stopped_at=now):
            links.record_answer(use, action="stopped", now=now)


def stop_by_mail_program(*, use: LinkUse, now: dt.datetime) -> None:
    """Stop at once, for the POST of a mail program (RFC 8058)."""
    stop_invitations(invitation_id=int(use.link.subject), use=use, now=now)
