"""What every history has in common: lines that are written once, and moves that a table names."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class HistoryLine(models.Model):
    """One line of a history: who moved what, when and why. Its table refuses to change or lose one."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("oleh"),
    )
    reason = models.CharField(_("alasan"), max_length=200, blank=True)
    at = models.DateTimeField(_("pada"))

    class Meta:
        abstract = True
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"#{self.pk}"


def status_moves(
    name: str, moves: dict[str, frozenset[str]], field: str = "status"
) -> pgtrigger.FSM:
    """A trigger that refuses, even from raw SQL, a move that the table does not name."""
    pairs = [(str(old), str(new)) for old, news in moves.items() for new in sorted(news)]
    return pgtrigger.FSM(name=name, field=field, transitions=pairs)


def append_only(name: str) -> pgtrigger.Protect:
    """A trigger that refuses to change or delete a line of history."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)
