"""Invitations to the satisfaction survey, and its anonymous answers."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.status import append_only
from counters.survey.elements import ELEMENTS, HIGHEST, LOWEST
from counters.visits.models import Visit
from offices.directory.models import Office


class SurveyInvitation(models.Model):
    """The one invitation of a visit. It records that there was an answer, not which one.

    An account with `stopped_at` in one of its invitations gets no more of them.
    """

    visit = models.OneToOneField(
        Visit,
        on_delete=models.PROTECT,
        related_name="survey_invitation",
        verbose_name=_("kunjungan"),
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="+", verbose_name=_("kantor")
    )
    sent_at = models.DateTimeField(_("dikirim"))
    answered_at = models.DateTimeField(_("dijawab"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("berhenti menerima"), null=True, blank=True)

    class Meta:
        verbose_name = _("undangan survei")
        verbose_name_plural = pgettext_lazy("jamak", "undangan survei")
        ordering: ClassVar = ["-sent_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["office", "sent_at"], name="survey_invited_by_office")
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


def _score(name: str) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        ELEMENTS[name][0], validators=[MinValueValidator(LOWEST), MaxValueValidator(HIGHEST)]
    )


class SurveyAnswer(models.Model):
    """The nine scores of one answer. Anonymous: no visit, no account, and only its month. Append-only."""

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="+", verbose_name=_("kantor")
    )
    month = models.DateField(_("bulan"))
    requirements = _score("requirements")
    procedure = _score("procedure")
    time = _score("time")
    fee = _score("fee")
    product = _score("product")
    competence = _score("competence")
    conduct = _score("conduct")
    complaints = _score("complaints")
    facilities = _score("facilities")

    class Meta:
        verbose_name = _("jawaban survei")
        verbose_name_plural = pgettext_lazy("jamak", "jawaban survei")
        ordering: ClassVar = ["month", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="survey_scores_from_1_to_4",
                condition=Q(*[(f"{name}__range", (LOWEST, HIGHEST)) for name in ELEMENTS]),
            ),
            models.CheckConstraint(name="survey_month_first_day", condition=Q(month__day=1)),
        ]
        indexes: ClassVar = [models.Index(fields=["office", "month"], name="survey_by_month")]
        triggers: ClassVar = [append_only("survey_answer_append_only")]

    def __str__(self) -> str:
        return f"#{self.pk}"
