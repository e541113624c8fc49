"""What everyone passes at the gate before check-in, by decree."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.languages import localized
from offices.models.dated import never_overlapping, one_scope, valid_span
from offices.models.limits import Ordered


class Protocol(Ordered):
    """A protocol in force: its name, and what is looked at. `items` is a list of {name, name_en}."""

    name = models.CharField(_("nama"), max_length=120)
    name_en = models.CharField(_("nama Inggris"), max_length=120)
    items = models.JSONField(_("yang diperiksa"), default=list)

    class Meta:
        verbose_name = _("protokol")
        verbose_name_plural = pgettext_lazy("jamak", "protokol")
        ordering: ClassVar = ["office", "region", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("protocol_never_overlaps", nullable=("office", "region")),
            valid_span("protocol_valid_span"),
            one_scope("protocol_one_scope"),
        ]

    def __str__(self) -> str:
        return localized(self)

    def item_names(self) -> list[str]:
        """Return the names of the items that are checked, in the reader's language."""
        return [localized(row) for row in self.items]
