"""Rules of how long personal data are kept, and the nightly runs that apply them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.retention import DATA_KINDS
from core.status import append_only
from offices.dated import Dated, DatedQuerySet, never_overlapping, valid_span


def kind_choices() -> list[tuple[str, object]]:
    """Return the kinds of data with their labels."""
    return [(kind.name, kind.label) for kind in DATA_KINDS.values()]


def kind_label(name: str) -> str:
    """Return the label of a kind of data."""
    return str(DATA_KINDS[name].label) if name in DATA_KINDS else name


class RetentionRule(Dated):
    """How many days one kind of personal data is kept, in the whole country."""

    kind = models.CharField(_("jenis data"), max_length=40)
    days = models.PositiveIntegerField(_("disimpan selama (hari)"))

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("masa simpan")
        verbose_name_plural = pgettext_lazy("jamak", "masa simpan")
        ordering: ClassVar = ["kind", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("retention_rule_never_overlaps", "kind"),
            valid_span("retention_rule_valid_span"),
        ]

    def __str__(self) -> str:
        return f"{kind_label(self.kind)}: {self.days}"


class RetentionRun(models.Model):
    """One nightly run for one kind of data: the rule applied, and how many rows were erased. Append-only."""

    kind = models.CharField(_("jenis data"), max_length=40)
    rule = models.ForeignKey(
        RetentionRule,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="runs",
        verbose_name=_("aturan"),
    )
    days = models.PositiveIntegerField(_("disimpan selama (hari)"))
    before = models.DateTimeField(_("data sebelum"))
    erased = models.PositiveIntegerField(_("baris dihapus"))
    started_at = models.DateTimeField(_("mulai"))
    ended_at = models.DateTimeField(_("selesai"))

    class Meta:
        verbose_name = _("penghapusan berkala")
        verbose_name_plural = pgettext_lazy("jamak", "penghapusan berkala")
        ordering: ClassVar = ["-started_at", "kind"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")),
                name="retention_run_ends_after_it_begins",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["kind", "-started_at"], name="retention_run_by_kind"),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{kind_label(self.kind)} {self.started_at:%Y-%m-%d}"
