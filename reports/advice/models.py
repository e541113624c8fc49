"""Advice that a supervisor accepted, with what was expected of it. No personal data of applicants."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.directory.models import Office, ServiceGroup


class AcceptedAdvice(models.Model):
    """The advice for the week of a Monday, as it was when it was accepted. Accepted again, it is replaced.

    `demand`: the online places wanted on the busiest day. `promise`: the share, from 0 to 1, of
    visits within two hours with the advised quota; null if nobody was expected.
    """

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="+", verbose_name=_("kantor")
    )
    group = models.ForeignKey(
        ServiceGroup, on_delete=models.PROTECT, related_name="+", verbose_name=_("kelompok")
    )
    monday = models.DateField(_("minggu mulai"))
    quota_before = models.PositiveIntegerField(_("kuota sebelumnya"))
    quota = models.PositiveIntegerField(_("kuota"))
    demand = models.PositiveIntegerField(_("prakiraan permintaan"))
    promise = models.FloatField(_("prakiraan janji ditepati"), null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("oleh")
    )
    accepted_at = models.DateTimeField(_("diterima"))

    class Meta:
        verbose_name = _("saran yang diterima")
        verbose_name_plural = pgettext_lazy("jamak", "saran yang diterima")
        ordering: ClassVar = ["-monday"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["office", "group", "monday"], name="accepted_advice_once_a_week"
            ),
            models.CheckConstraint(
                condition=models.Q(promise__isnull=True) | models.Q(promise__range=(0, 1)),
                name="accepted_advice_promise_is_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.monday}"
