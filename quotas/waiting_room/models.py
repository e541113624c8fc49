"""The waiting room of a window: its sealed seed, the pace of admission, and the arrivals by second."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.crypto import EncryptedTextField
from quotas.places.models import ReleaseWindow


class WaitingRoom(models.Model):
    """The waiting room of one window. People have no rows: a ticket is a signed cookie, its random
    number a keyed hash.
    """

    window = models.OneToOneField(
        ReleaseWindow,
        on_delete=models.PROTECT,
        related_name="room",
        verbose_name=_("pembukaan kuota"),
    )
    seed = EncryptedTextField(_("angka rahasia"))
    seed_hash = models.CharField(_("segel angka rahasia"), max_length=64)
    prepared_at = models.DateTimeField(_("disiapkan"))
    ended_at = models.DateTimeField(_("selesai"), null=True, blank=True)

    class Meta:
        verbose_name = _("ruang tunggu")
        verbose_name_plural = pgettext_lazy("jamak", "ruang tunggu")
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.ReadOnly(
                name="waiting_room_keeps_its_promise", fields=["window", "seed", "seed_hash"]
            ),
            pgtrigger.Protect(name="waiting_room_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class RoomMark(models.Model):
    """From `since` on, admission continues from position `watermark` at `rate`. The latest mark
    that has begun applies.
    """

    room = models.ForeignKey(
        WaitingRoom, on_delete=models.PROTECT, related_name="marks", verbose_name=_("ruang tunggu")
    )
    since = models.DateTimeField(_("sejak"))
    watermark = models.FloatField(_("sampai urutan"))
    rate = models.FloatField(_("orang per detik"))

    class Meta:
        verbose_name = _("laju ruang tunggu")
        verbose_name_plural = pgettext_lazy("jamak", "laju ruang tunggu")
        ordering: ClassVar = ["since"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["room", "since"], name="room_mark_one_a_moment"),
            models.CheckConstraint(
                condition=Q(watermark__gte=0, rate__gte=0), name="room_mark_moves_forward"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(
                name="room_mark_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.room_id} {self.since}"


class RoomSecond(models.Model):
    """Arrivals and load in one second after the opening; a negative second is a bucket of early arrivals."""

    room = models.ForeignKey(
        WaitingRoom,
        on_delete=models.PROTECT,
        related_name="seconds",
        db_index=False,
        verbose_name=_("ruang tunggu"),
    )
    second = models.IntegerField(_("detik"))
    arrived = models.PositiveIntegerField(_("datang"), default=0)
    answered = models.PositiveIntegerField(_("dijawab"), default=0)
    busy = models.FloatField(_("beban server"), default=0)

    class Meta:
        verbose_name = _("detik ruang tunggu")
        verbose_name_plural = pgettext_lazy("jamak", "detik ruang tunggu")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["room", "second"], name="room_second_once")
        ]

    def __str__(self) -> str:
        return f"{self.room_id} {self.second}"
