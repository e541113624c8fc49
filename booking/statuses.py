"""The statuses of a booking."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    HELD = "held", _("dicadangkan")
    BOOKED = "booked", _("terjadwal")
    DISPLACED = "displaced", _("dipindahkan")
    CHECKED_IN = "checked_in", _("hadir")
    SERVED = "served", _("selesai")
    CANCELLED = "cancelled", _("dibatalkan")
    NO_SHOW = "no_show", _("tidak hadir")
    LEFT = "left", _("datang, tidak dilanjutkan")
    EXPIRED = "expired", _("lewat batas waktu")


LIVE = (Status.HELD, Status.BOOKED, Status.DISPLACED, Status.CHECKED_IN)
WITH_PLACE = (
    Status.HELD,
    Status.BOOKED,
    Status.CHECKED_IN,
    Status.SERVED,
    Status.NO_SHOW,
    Status.LEFT,
)
