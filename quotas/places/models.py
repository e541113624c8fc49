"""Windows, slots and places, and places that moved to another lane."""

from datetime import UTC, datetime
from typing import ClassVar, Final, Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.closures.models import Closure
from offices.directory.models import Lane, Office, ServiceGroup
from quotas.plan.days import LimitedToServices
from quotas.policies.models import ReleaseRule, RollOverRule

RESERVED = datetime(9999, 1, 1, tzinfo=UTC)


# Placeholder for the time; `place_sql` replaces it with the name of the parameter.
NOW: Final = datetime(1, 1, 1, tzinfo=UTC)


class ReleaseWindow(models.Model):
    """A range of service days whose places open at one time. The clock opens it: there is no open flag."""

    rule = models.ForeignKey(
        ReleaseRule,
        on_delete=models.PROTECT,
        related_name="windows",
        verbose_name=_("aturan pembukaan kuota"),
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="windows", verbose_name=_("kantor")
    )
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, verbose_name=_("jalur"))
    mode = models.CharField(_("cara"), max_length=12, choices=ReleaseRule.Mode.choices)
    has_waiting_room = models.BooleanField(
        _("melalui ruang tunggu"), default=False, db_default=False
    )
    first_day = models.DateField(_("hari pertama"))
    last_day = models.DateField(_("hari terakhir"))
    tranche = models.PositiveSmallIntegerField(_("tahap"), default=1)
    opens_at = models.DateTimeField(_("dibuka"))
    closes_at = models.DateTimeField(_("ditutup"))
    sources = models.JSONField(_("dasar hukum"), default=list, blank=True)
    prepared_at = models.DateTimeField(_("disiapkan"))
    announced_at = models.DateTimeField(_("diumumkan"), null=True, blank=True)
    drawn_at = models.DateTimeField(_("diundi"), null=True, blank=True)

    class Meta:
        verbose_name = _("pembukaan kuota")
        verbose_name_plural = pgettext_lazy("jamak", "pembukaan kuota")
        ordering: ClassVar = ["opens_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["rule", "office", "first_day", "tranche"], name="release_window_once"
            ),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")),
                name="release_window_opens_before_it_closes",
            ),
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="release_window_days_in_order"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["office", "lane", "first_day"], name="release_window_by_day"),
            models.Index(
                fields=["office", "lane"],
                condition=Q(mode="draw", drawn_at__isnull=True),
                name="release_window_undrawn",
            ),
            models.Index(
                fields=["opens_at"],
                condition=Q(announced_at__isnull=True),
                name="release_window_unannounced",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.first_day} - {self.last_day}"


class SlotQuerySet(models.QuerySet["Slot"]):
    def serving(self, service: int | None) -> Self:
        """Slots for a service; with None, the slots for every service of their group."""
        return self.filter(is_for_service(service))


def is_for_service(service: int | None, prefix: str = "") -> Q:
    """Return `LimitedToServices.is_for` as a condition for the slots of a service, reached through `prefix`: slots for all, and
    those limited to it.
    """
    is_for_all = Q(**{f"{prefix}only_services": []})
    if service is None:
        return is_for_all
    return is_for_all | Q(**{f"{prefix}only_services__contains": [service]})


class Slot(LimitedToServices, models.Model):
    """One slot (sesi) of an office's day, in one lane, for one group.

    `only_services` (ids, in order) is set for a slot that a closure limits to them. Such a slot is
    a row beside the closed one for all, and never becomes one for others.
    """

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="slots", verbose_name=_("kantor")
    )
    group = models.ForeignKey(
        ServiceGroup, on_delete=models.PROTECT, verbose_name=_("kelompok layanan")
    )
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, verbose_name=_("jalur"))
    day = models.DateField(_("tanggal"))
    starts_at = models.DateTimeField(_("mulai"))
    ends_at = models.DateTimeField(_("selesai"))
    only_services = ArrayField(
        models.BigIntegerField(),
        verbose_name=_("hanya untuk layanan"),
        default=list,
        db_default=[],
        blank=True,
    )

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("sesi")
        verbose_name_plural = pgettext_lazy("jamak", "sesi")
        ordering: ClassVar = ["starts_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["office", "lane", "group", "starts_at", "ends_at", "only_services"],
                name="slot_once",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="slot_starts_before_it_ends"
            ),
            # The target of the composite foreign key booking_is_of_its_slots_office.
            models.UniqueConstraint(fields=["id", "office"], name="slot_and_its_office"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["office", "day", "lane", "group"], name="slot_by_office_and_day"),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.day} {self.starts_at:%H.%M}"


# --- When a place is free, and when it can be taken ----------------------------------------------
# The only definition. `prefix` reaches the places of another model ("places__"); raw SQL gets the same
# conditions as text from `place_sql`.
def is_free(prefix: str = "") -> Q:
    """Not held and not withdrawn. Its window may be closed and it may be in its cooldown."""
    return Q(**{f"{prefix}holder__isnull": True, f"{prefix}withdrawn_at__isnull": True})


def is_in_window(now: datetime, prefix: str = "") -> Q:
    """Its window is open at `now`."""
    return Q(**{f"{prefix}opens_at__lte": now, f"{prefix}closes_at__gt": now})


def is_cooled_down(now: datetime, prefix: str = "") -> Q:
    """Its cooldown is over. A place reserved for a lottery never cools down by time."""
    is_over = Q(**{f"{prefix}cooldown_until__lte": now})
    return Q(**{f"{prefix}cooldown_until__isnull": True}) | is_over


def is_reserved(prefix: str = "") -> Q:
    """It is reserved for a lottery."""
    return Q(**{f"{prefix}cooldown_until__gte": RESERVED})


def is_not_reserved(prefix: str = "") -> Q:
    """It is not reserved for a lottery."""
    is_earlier = Q(**{f"{prefix}cooldown_until__lt": RESERVED})
    return Q(**{f"{prefix}cooldown_until__isnull": True}) | is_earlier


def is_available(now: datetime, prefix: str = "") -> Q:
    """Free, in an open window, cooldown over: anyone can take it."""
    return is_free(prefix) & is_in_window(now, prefix) & is_cooled_down(now, prefix)


def is_left_at_office(now: datetime, prefix: str = "") -> Q:
    """Free, its window has opened (it may have closed again), cooldown over: an officer can give it
    to a person in the office.
    """
    has_opened = Q(**{f"{prefix}opens_at__lte": now})
    return is_free(prefix) & has_opened & is_cooled_down(now, prefix)


def is_given_back(now: datetime, prefix: str = "") -> Q:
    """Free but not open to the public: in its cooldown, or its window closed. These go to the waiting list."""
    cools_down = Q(**{f"{prefix}cooldown_until__gt": now})
    is_closed = Q(**{f"{prefix}closes_at__lte": now})
    was_returned = Q(**{f"{prefix}opens_at__lte": now, f"{prefix}cooldown_until__lt": RESERVED})
    return is_free(prefix) & was_returned & (cools_down | is_closed)


class PlaceQuerySet(models.QuerySet["Place"]):
    def offered(self) -> Self:
        """Places that are not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def free(self) -> Self:
        """Places without a holder, in their cooldown or not."""
        return self.filter(is_free())

    def reserved(self) -> Self:
        """Free places that are reserved for a lottery."""
        return self.filter(is_free() & is_reserved())


class Place(models.Model):
    """One place in one slot. It is taken by writing `holder`, and never deleted.

    `holder` is the id of a booking or of an offer; quotas does not know which. `cooldown_until` is
    a secret: it is never shown, and a place in its cooldown is never counted as left. A place for a
    lottery has the cooldown `RESERVED`, so nobody can take it first. `is_limited` marks a place in
    a slot for some services only: the database checks who takes it.
    """

    window = models.ForeignKey(
        ReleaseWindow,
        on_delete=models.PROTECT,
        related_name="places",
        verbose_name=_("pembukaan kuota"),
    )
    slot = models.ForeignKey(
        Slot, on_delete=models.PROTECT, related_name="places", verbose_name=_("sesi")
    )
    made_in_slot = models.ForeignKey(
        Slot,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # covered by the unique constraint
        verbose_name=_("sesi asal"),
    )
    number = models.PositiveIntegerField(_("nomor"))
    opens_at = models.DateTimeField(_("dibuka"))
    closes_at = models.DateTimeField(_("ditutup"))
    cooldown_until = models.DateTimeField(_("masa tunggu sampai"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("ditarik"), null=True, blank=True)
    closure = models.ForeignKey(
        Closure,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="places",
        db_index=False,
        verbose_name=_("ditarik oleh penutupan"),
    )
    is_limited = models.BooleanField(
        _("hanya untuk layanan tertentu"), default=False, db_default=False
    )
    holder = models.UUIDField(_("pemegang"), null=True, blank=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("tempat")
        verbose_name_plural = pgettext_lazy("jamak", "tempat")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["made_in_slot", "number"], name="place_number_once_a_slot"
            ),
            models.UniqueConstraint(fields=["id", "holder"], name="place_one_holder"),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")), name="place_opens_before_it_closes"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["slot", "id"],
                condition=is_free(),
                name="place_free_by_slot",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot_id}/{self.number}"


def place_sql(condition: Q, *, now: str = "%(now)s", table: str = "quotas_place") -> str:
    """Return a condition on places, built with `NOW`, as SQL text.

    `now` is the parameter for the time in the statement, `table` its name for `quotas_place`.
    """
    query = Place.objects.filter(condition).query
    text, values = query.where.as_sql(query.get_compiler(connection=connection), connection)
    names = [now if value == NOW else f"'{value}'::timestamptz" for value in values]
    return f"({text % tuple(names)})".replace('"quotas_place"', table)


class RollOver(models.Model):
    """The run of a rule on a day. Unique, so each rule runs once a day with any number of workers."""

    rule = models.ForeignKey(RollOverRule, on_delete=models.PROTECT, related_name="runs")
    day = models.DateField(_("tanggal"))
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("pengalihan tempat")
        verbose_name_plural = pgettext_lazy("jamak", "pengalihan tempat")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rule", "day"], name="roll_over_once_a_day")
        ]


class PlaceMove(models.Model):
    """The ledger of moves: which place, from which slot to which, in which run."""

    run = models.ForeignKey(RollOver, on_delete=models.PROTECT, related_name="moves")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="moves")
    from_slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="moves_out")
    to_slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="moves_in")

    class Meta:
        verbose_name = _("tempat yang dialihkan")
        verbose_name_plural = pgettext_lazy("jamak", "tempat yang dialihkan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "place"], name="place_move_once_a_run")
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="place_move_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]
