"""Bookings, the parties they belong to, their history, and bookings moved by the office."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from booking.applications.models import PassportApplication
from booking.bookings.errors import BookingChanged
from booking.codes import new_code
from booking.people.models import Applicant
from booking.statuses import LIVE, WITH_PLACE, Status
from core.ids import new_id
from core.languages import localized
from core.status import HistoryLine, StateMachine, StatusModel
from offices.closures.models import Closure
from offices.directory.models import Office, ServiceType
from quotas.places.models import Place, Slot

BOOKING_MOVES = StateMachine(
    initial=(Status.HELD, Status.BOOKED),
    error=BookingChanged,
    moves={
        Status.HELD: frozenset({Status.BOOKED, Status.CANCELLED, Status.EXPIRED, Status.DISPLACED}),
        Status.BOOKED: frozenset(
            # Expired: not paid in time where the fee is paid before the visit.
            {
                Status.CHECKED_IN,
                Status.CANCELLED,
                Status.NO_SHOW,
                Status.DISPLACED,
                Status.EXPIRED,
            }
        ),
        Status.DISPLACED: frozenset({Status.BOOKED, Status.CANCELLED}),
        # A person who came is never a no-show. Unserved at closing: the office moves them. Back to booked: a
        # check-in at the gate can be undone for a minute.
        Status.CHECKED_IN: frozenset({Status.SERVED, Status.LEFT, Status.DISPLACED, Status.BOOKED}),
        Status.SERVED: frozenset(),
        Status.CANCELLED: frozenset(),
        # Corrections after a power cut: an applicant who did come is checked in with the real time.
        Status.NO_SHOW: frozenset({Status.CHECKED_IN}),
        Status.LEFT: frozenset({Status.CHECKED_IN, Status.DISPLACED}),
        # A late payment gives the booking a place again.
        Status.EXPIRED: frozenset({Status.BOOKED}),
    },
)


class Party(models.Model):
    """Bookings made by one request: one person, or a family that gets places together or not at all.

    `key` is the request's idempotency key and `body_hash` its fingerprint, so that a repeated
    request gets the same answer and a different one under the same key is refused.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parties",
        db_index=False,  # the unique key begins with it
        verbose_name=_("akun"),
    )
    key = models.CharField(max_length=64, verbose_name=_("kunci permintaan"))
    body_hash = models.CharField(max_length=64, verbose_name=_("sidik permintaan"))
    # A keyed hash of the random number in the browser's cookie; empty without a cookie.
    device_key = models.CharField(
        max_length=64, blank=True, default="", db_default="", verbose_name=_("perangkat")
    )
    # A keyed hash of the network address; for broker signals only. Empty where limits by address do not apply.
    network_key = models.CharField(
        max_length=64, blank=True, default="", db_default="", verbose_name=_("jaringan")
    )
    created_at = models.DateTimeField(_("dicatat"))
    # On the ticket of a family, beside the code of each booking. Empty for one person.
    code = models.CharField(
        _("kode rombongan"), max_length=12, blank=True, default="", db_default=""
    )
    # Set by the request that created the bookings, so that they need not be read again.
    made_codes: tuple[str, ...] = ()

    class Meta:
        verbose_name = _("rombongan")
        verbose_name_plural = pgettext_lazy("jamak", "rombongan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account", "key"], nulls_distinct=False, name="party_key_once_an_account"
            ),
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="party_code_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["device_key", "created_at"],
                condition=~Q(device_key=""),
                name="party_by_device",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Booking(StatusModel):
    """One person's booking of one place. `slot` and `office` stay when the place is freed.

    The composite key (place, id) -> quotas_place (id, holder) is made in the first migration:
    it ties the booking to the place that names it as its holder, in both directions.
    """

    class Via(models.TextChoices):
        FIRST_COME = "first_come", _("siapa cepat")
        DRAW = "draw", _("undian")
        WAITING_LIST = "waiting_list", _("daftar tunggu")
        MOVED_BY_APPLICANT = "moved_by_applicant", _("dijadwalkan ulang oleh pemohon")
        MOVED_BY_OFFICE = "moved_by_office", _("dipindahkan oleh kantor")
        DESK = "desk", _("di kantor")
        AT_OFFICE = "at_office", _("dipilihkan petugas di kantor")
        ASSISTED = "assisted", _("dipesankan petugas untuk hari lain")

    machine = BOOKING_MOVES

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(_("kode booking"), max_length=12, default=new_code)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="bookings",
        db_index=False,  # the unique key begins with it
        verbose_name=_("akun"),
    )
    applicant = models.ForeignKey(
        Applicant, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("pemohon")
    )
    person_key = models.CharField(max_length=64, verbose_name=_("kunci orang"))
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("rombongan")
    )
    # All bookings of a release reference the same few rows. To avoid locking them for each booking, these four keys
    # are enforced by custom constraints (first migration, docs/adr/0016).
    service_type = models.ForeignKey(
        ServiceType,
        on_delete=models.PROTECT,
        db_index=False,
        db_constraint=False,
        verbose_name=_("jenis layanan"),
    )
    application = models.ForeignKey(
        PassportApplication,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="bookings",
        verbose_name=_("permohonan"),
    )
    office = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        related_name="bookings",
        db_index=False,
        db_constraint=False,
        verbose_name=_("kantor"),
    )
    slot = models.ForeignKey(
        Slot,
        on_delete=models.PROTECT,
        related_name="bookings",
        db_constraint=False,
        verbose_name=_("sesi"),
    )
    place = models.ForeignKey(
        Place,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="bookings",
        db_constraint=False,
        verbose_name=_("tempat"),
    )
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    via = models.CharField(_("melalui"), max_length=20, choices=Via.choices)
    placed_at = models.DateTimeField(_("dipesan"))
    expires_at = models.DateTimeField(_("dicadangkan sampai"), null=True, blank=True)
    changes_used = models.PositiveSmallIntegerField(_("perubahan terpakai"), default=0)
    reminded_at = models.DateTimeField(_("diingatkan"), null=True, blank=True)
    # The wording of that reminder; "" for the sentence of its template.
    reminder_code = models.CharField(
        _("varian pengingat"), max_length=10, blank=True, default="", db_default=""
    )
    # For the rebooking rule (offices/limits). Decided once, under the lock: `own_cancelled_at` when the account cancels
    # a booking that the office had not moved, or an officer an assisted one for its person; the other two when a
    # first-come or assisted booking is made soon after an own cancellation of the same person or account.
    own_cancelled_at = models.DateTimeField(
        _("dibatalkan oleh pemesan"), null=True, blank=True, editable=False
    )
    after_person_cancelled = models.BooleanField(default=False, db_default=False, editable=False)
    after_account_cancelled = models.BooleanField(default=False, db_default=False, editable=False)
    key = models.CharField(max_length=64, verbose_name=_("kunci permintaan"))

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = pgettext_lazy("jamak", "booking")
        ordering: ClassVar = ["-placed_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Not `unique=True` on the field: that adds a second index for LIKE, which nothing uses.
            models.UniqueConstraint(fields=["code"], name="booking_code_once"),
            models.UniqueConstraint(
                fields=["account", "key", "applicant"], name="booking_key_once_a_person"
            ),
            models.UniqueConstraint(
                fields=["person_key"],
                condition=Q(status__in=[str(status) for status in LIVE]),
                name="booking_one_live_a_person",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[str(status) for status in Status]),
                name="booking_status_known",
            ),
            models.CheckConstraint(
                name="booking_place_as_status_claims",
                condition=Q(status__in=[str(s) for s in WITH_PLACE], place__isnull=False)
                | (~Q(status__in=[str(s) for s in WITH_PLACE]) & Q(place__isnull=True)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["office", "status", "slot"], name="booking_by_office"),
            models.Index(
                fields=["expires_at"], condition=Q(status="held"), name="booking_held_by_expiry"
            ),
            models.Index(
                fields=["person_key"],
                condition=Q(own_cancelled_at__isnull=False) | Q(after_person_cancelled=True),
                name="booking_rebooked_by_person",
            ),
            models.Index(
                fields=["own_cancelled_at"],
                condition=Q(own_cancelled_at__isnull=False),
                name="booking_own_cancelled",
            ),
        ]
        triggers: ClassVar = BOOKING_MOVES.triggers()

    def __str__(self) -> str:
        return self.code

    @property
    def is_live(self) -> bool:
        return self.status in LIVE


class BookingEvent(HistoryLine):
    """One line of a booking's history: ids and times, no names. Append-only."""

    class Kind(models.TextChoices):
        MADE = "made", _("dibuat")
        MOVED = "moved", _("status berubah")
        RESCHEDULED = "rescheduled", _("dijadwalkan ulang")
        REFUSED = "refused", _("nama tidak cocok")
        CONVERTED = "converted", _("layanan diganti")

    booking = models.ForeignKey(
        Booking, on_delete=models.PROTECT, related_name="history", verbose_name=_("booking")
    )
    kind = models.CharField(_("kejadian"), max_length=12, choices=Kind.choices)
    old = models.CharField(_("dari"), max_length=12, choices=Status.choices, blank=True)
    new = models.CharField(_("menjadi"), max_length=12, choices=Status.choices)
    place_from = models.ForeignKey(
        Place,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("tempat lama"),
    )
    place_to = models.ForeignKey(
        Place,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("tempat baru"),
    )

    class Meta(HistoryLine.Meta):
        verbose_name = _("riwayat booking")
        verbose_name_plural = pgettext_lazy("jamak", "riwayat booking")
        indexes: ClassVar = [BrinIndex(fields=["at"], name="booking_event_by_time")]


class Displacement(models.Model):
    """One party that the office moves: together in one transaction, or waiting together.

    The cause is a closure, or another one; then `office` and `made_by` name where and the officer, and
    the new slot is on `not_before` or later.
    """

    class Cause(models.TextChoices):
        CLOSURE = "closure", _("penutupan")
        UNSERVED = "unserved", _("kantor belum sempat melayani Anda sampai tutup")
        SCREENING = "screening", _("pemeriksaan kesehatan di gerbang")

    cause = models.CharField(
        _("sebab"), max_length=12, choices=Cause.choices, default=Cause.CLOSURE
    )
    closure = models.ForeignKey(
        Closure, on_delete=models.PROTECT, related_name="displacements", null=True, blank=True
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    not_before = models.DateField(_("paling awal"), null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="displacements")
    displaced_at = models.DateTimeField(_("kehilangan tempat"))
    placed_at = models.DateTimeField(_("mendapat tempat baru"), null=True, blank=True)
    notified_at = models.DateTimeField(_("diberi tahu petugas"), null=True, blank=True)
    notified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("pemindahan")
        verbose_name_plural = pgettext_lazy("jamak", "pemindahan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["closure", "party"], name="displacement_once_a_closure"
            ),
            models.CheckConstraint(
                name="displacement_has_its_cause",
                condition=Q(
                    cause="closure",
                    closure__isnull=False,
                    office__isnull=True,
                    not_before__isnull=True,
                    made_by__isnull=True,
                )
                | (
                    ~Q(cause="closure")
                    & Q(
                        closure__isnull=True,
                        office__isnull=False,
                        not_before__isnull=False,
                        made_by__isnull=False,
                    )
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["displaced_at"],
                condition=Q(placed_at__isnull=True),
                name="displacement_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def from_office(self) -> Office:
        """The office that moves the party."""
        office = self.office if self.closure is None else self.closure.office
        assert office is not None
        return office

    @property
    def to_office(self) -> Office:
        """The office where the party gets a new place."""
        merged = None if self.closure is None else self.closure.merged_into
        return merged or self.from_office

    @property
    def moved_by(self) -> User:
        """The officer who decided it."""
        officer = self.made_by if self.closure is None else self.closure.made_by
        assert officer is not None
        return officer

    def reason_in(self, language: str | None = None) -> str:
        """Return why the party was moved, in a language; in the reader's without one."""
        if self.closure is not None:
            return localized(self.closure, "reason", language=language)
        with translation.override(language or translation.get_language()):
            return str(self.Cause(self.cause).label)


class DisplacedBooking(models.Model):
    """One booking of a displacement: the old place, the new one, and the answer."""

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", _("diterima")
        OTHER = "other", _("memilih jadwal lain")

    displacement = models.ForeignKey(Displacement, on_delete=models.PROTECT, related_name="members")
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="displacements")
    place_from = models.ForeignKey(
        Place, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    place_to = models.ForeignKey(
        Place, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(_("dijawab"), null=True, blank=True)
    answer = models.CharField(_("jawaban"), max_length=10, choices=Answer.choices, blank=True)

    class Meta:
        verbose_name = _("booking yang dipindahkan")
        verbose_name_plural = pgettext_lazy("jamak", "booking yang dipindahkan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["displacement", "booking"], name="displaced_booking_once"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="")
                | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="displaced_booking_answered_with_an_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking_id}"
