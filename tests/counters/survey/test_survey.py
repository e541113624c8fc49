"""The satisfaction survey: one invitation a visit, anonymous answers, the ministry's index."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from core.errors import InvalidInput
from counters.survey.elements import ELEMENTS, grade_of, index_of
from counters.survey.errors import SurveyAnswered
from counters.survey.messages import ANSWER_LINK, STOP_LINK
from counters.survey.models import SurveyAnswer, SurveyInvitation
from counters.survey.office_part import satisfaction_part
from counters.survey.selectors import satisfaction_by_month
from counters.survey.services import answer_survey, invite_visitors, stop_invitations
from notices import links
from notices.models import Message
from offices.staff.models import Role
from tests.builders import make_officer
from tests.reports.load.stories import DAY, Day, make_day

pytestmark = pytest.mark.django_db
ALL_FOUR = dict.fromkeys(ELEMENTS, 4)


@pytest.fixture
def day(set_clock: Any) -> Day:
    """One person with an account has been served."""
    day = make_day()
    day.open_counter()
    visit = day.arrive(day.book(), day.at(8))
    day.serve(visit, called=day.at(8, 5), left=day.at(8, 20))
    set_clock(day.at(12))
    return day


def invite(day: Day) -> SurveyInvitation:
    assert invite_visitors(now=day.at(12)) == 1
    return SurveyInvitation.objects.get()


# --- The formula ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("mean", "index", "grade"),
    [
        (4, 100.0, "A"),
        (3.5325, 88.31, "A"),
        (3.532, 88.3, "B"),
        (3.0644, 76.61, "B"),
        (2.6, 65.0, "C"),
        (2.59, 64.75, "D"),
        (1, 25.0, "D"),
    ],
)
def test_the_index_is_the_mean_times_25(mean: float, index: float, grade: str) -> None:
    assert index_of([mean] * 9) == index
    assert grade_of(index) == grade


def test_each_element_has_the_same_weight() -> None:
    assert index_of([1, *[4] * 8]) == round((1 + 8 * 4) / 9 * 25, 2)
    with pytest.raises(ValueError, match="each element"):
        index_of([4] * 8)


# --- Invitations ---------------------------------------------------------------------------------
def test_a_visit_is_invited_once_an_hour_later(day: Day) -> None:
    assert invite_visitors(now=day.at(8, 50)) == 0
    invite(day)
    assert invite_visitors(now=day.at(13)) == 0
    assert Message.objects.filter(kind="survey_invitation").count() == 1


def test_old_visits_and_people_without_an_account_are_not_invited(day: Day) -> None:
    assert invite_visitors(now=day.at(12) + timedelta(days=4)) == 0
    visit = day.walk_in(day.at(9))
    day.serve(visit, called=day.at(9, 5), left=day.at(9, 20))
    assert invite_visitors(now=day.at(12)) == 1


def test_an_account_that_stopped_is_not_invited_again(day: Day) -> None:
    first = invite(day)
    stop_invitations(invitation_id=first.pk, use=None, now=day.at(12))
    booking = day.book()
    booking.account = first.visit.booking.account
    booking.save(update_fields=["account"])
    visit = day.arrive(booking, day.at(9))
    day.serve(visit, called=day.at(9, 5), left=day.at(9, 20))
    assert invite_visitors(now=day.at(12)) == 0


# --- Answers -------------------------------------------------------------------------------------
def test_an_answer_counts_once_and_names_nobody(day: Day) -> None:
    invitation = invite(day)
    answer_survey(invitation_id=invitation.pk, scores=ALL_FOUR, use=None, now=day.at(12))
    with pytest.raises(SurveyAnswered):
        answer_survey(invitation_id=invitation.pk, scores=ALL_FOUR, use=None, now=day.at(12))
    [answer] = SurveyAnswer.objects.all()
    assert answer.month == DAY.replace(day=1)
    columns = {field.name for field in SurveyAnswer._meta.get_fields()}
    assert columns == {"id", "office", "month", *ELEMENTS}


@pytest.mark.parametrize("score", [0, 5])
def test_a_score_outside_1_to_4_is_refused(day: Day, score: int) -> None:
    invitation = invite(day)
    with pytest.raises(InvalidInput):
        answer_survey(
            invitation_id=invitation.pk,
            scores=ALL_FOUR | {"fee": score},
            use=None,
            now=day.at(12),
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        SurveyAnswer.objects.create(
            office=day.office, month=DAY.replace(day=1), **ALL_FOUR | {"fee": score}
        )


def test_the_link_opens_the_survey_and_its_answer_is_recorded(client: Client, day: Day) -> None:
    invitation = invite(day)
    url = f"/survey/{invitation.pk}/"
    assert client.get(url).status_code == 404
    token = links.sign(ANSWER_LINK, invitation.pk, message_id=None, now=day.at(12))
    page = client.get(f"/survey/{token}/open/", follow=True)
    assert page.redirect_chain[-1][0] == url
    refused = client.post(url, ALL_FOUR | {"time": ""})
    assert refused.status_code == 400
    page = client.post(url, ALL_FOUR, follow=True)
    assert "Terima kasih" in page.content.decode()
    assert SurveyAnswer.objects.count() == 1
    client.post(url, ALL_FOUR)
    assert SurveyAnswer.objects.count() == 1


def test_a_mail_program_stops_the_invitations(client: Client, day: Day) -> None:
    invitation = invite(day)
    token = links.sign(STOP_LINK, invitation.pk, message_id=None, now=day.at(12))
    answer = client.post(f"/survey/{token}/end/", {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    invitation.refresh_from_db()
    assert invitation.stopped_at is not None


# --- Figures -------------------------------------------------------------------------------------
def test_a_month_has_an_index_from_five_answers(client: Client, day: Day) -> None:
    invite(day)
    month = DAY.replace(day=1)
    for _each in range(4):
        SurveyAnswer.objects.create(office=day.office, month=month, **ALL_FOUR)
    [row] = satisfaction_by_month([day.office], month, DAY)[day.office.pk]
    assert (row.answers, row.index, row.grade) == (4, None, "")
    SurveyAnswer.objects.create(office=day.office, month=month, **dict.fromkeys(ELEMENTS, 2))
    [row] = satisfaction_by_month([day.office], month, DAY)[day.office.pk]
    assert (row.index, row.grade) == (90.0, "A")
    next_month = day.office.at(DAY, time(9)) + timedelta(days=31)
    assert satisfaction_part(day.office, next_month).text.startswith("90,00 (A), dari 5 jawaban")
    # A month that is not over has no published index.
    assert "belum ada" in satisfaction_part(day.office, day.office.at(DAY, time(9))).text
    client.force_login(make_officer(day.office, Role.SUPERVISOR))
    page = client.get("/admin/satisfaction/").content.decode()
    assert "90,00" in page
