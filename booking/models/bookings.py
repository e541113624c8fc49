"""Applicants, what they apply for, and their bookings."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.errors import BookingChanged
from core.crypto import EncryptedTextField, keyed_hash
from core.ids import new_id
from core.status import HistoryLine, StateMachine, StatusModel
from offices.models import Fee, Office, ServiceType
from quotas.models import Place, Slot

# No letter or digit that is misread at a counter: no 0 O, 1 I L, 5 S, 2 Z, 8 B.
CODE_ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
CODE_LENGTH = 10
SIGN_OF = CODE_ALPHABET * (256 // len(CODE_ALPHABET))


def new_code() -> str:
    """Return a booking code of 10 signs that cannot be guessed (46 bits)."""
    signs = ""
    while len(signs) < CODE_LENGTH:
        # What lies past the last whole alphabet would make its first signs likelier.
        signs += "".join([SIGN_OF[byte] for byte in secrets.token_bytes(16) if byte < len(SIGN_OF)])
    return signs[:CODE_LENGTH]


class Sex(models.TextChoices):
    FEMALE = "female", _("perempuan")
    MALE = "male", _("laki-laki")


class Applicant(models.Model):
    """A person a passport is for. Belongs to an account, or to none when made at the desk.

    The number stands encrypted; `person_key` is a keyed hash of kind, issuer and number. It is
    unique in an account, not in the nation, so that nobody can squat a stranger's number.
    """

    class IdentityKind(models.TextChoices):
        NIK = "nik", _("NIK")
        PASSPORT = "passport", _("paspor asing")

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="applicants",
        verbose_name=_("akun"),
    )
    full_name = models.CharField(_("nama lengkap"), max_length=120)
    identity_kind = models.CharField(
        _("jenis identitas"), max_length=10, choices=IdentityKind.choices, default=IdentityKind.NIK
    )
    identity_number = EncryptedTextField(_("nomor identitas"))
    nationality = models.CharField(_("kewarganegaraan"), max_length=2, default="ID")
    person_key = models.CharField(max_length=64, editable=False, verbose_name=_("kunci orang"))
    birth_date = models.DateField(_("tanggal lahir"))
    sex = models.CharField(_("jenis kelamin"), max_length=6, choices=Sex.choices)
    phone = models.CharField(_("telepon"), max_length=20, blank=True)
    nik_differs = models.BooleanField(_("NIK berbeda dari tanggal lahir"), default=False)
    created_at = models.DateTimeField(_("dicatat"))
    removed_at = models.DateTimeField(_("dihapus"), null=True, blank=True)

    class Meta:
        verbose_name = _("pemohon")
        verbose_name_plural = pgettext_lazy("jamak", "pemohon")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account", "person_key"],
                condition=Q(removed_at__isnull=True),
                name="applicant_once_an_account",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person_key"], name="applicant_by_person"),
            models.Index(fields=["phone"], condition=~Q(phone=""), name="applicant_by_phone"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @staticmethod
    def key_for(*, kind: str, nationality: str, number: str) -> str:
        """Return the hash by which law 2 knows a person."""
        return keyed_hash(kind, nationality, number)

    @property
    def short_name(self) -> str:
        """The name as a ticket shows it: first name whole, the others by their letter."""
        first, *others = self.full_name.split() or [""]
        return " ".join([first, *(f"{name[0]}." for name in others)])


class PassportApplication(models.Model):
    """What is applied for: kind, purpose of travel, documents. Prepared ahead, asked for at check-in.

    `documents` maps a document's code of the service type to whether the applicant has it ready.
    """

    class Purpose(models.TextChoices):
        HOLIDAY = "holiday", _("wisata")
        TREATMENT = "treatment", _("berobat")
        STUDY = "study", _("belajar")
        BUSINESS = "business", _("bisnis")
        UMRAH = "umrah", _("umrah atau haji")
        WORK = "work", _("bekerja")
        FAMILY = "family", _("mengunjungi keluarga")

    class Reason(models.TextChoices):
        FIRST = "first", _("paspor pertama")
        EXPIRED = "expired", _("habis berlaku")
        FULL = "full", _("halaman penuh")
        LOST = "lost", _("hilang")
        DAMAGED = "damaged", _("rusak")
        STAY = "stay", _("izin tinggal")

    applicant = models.ForeignKey(
        Applicant, on_delete=models.PROTECT, related_name="applications", verbose_name=_("pemohon")
    )
    service_type = models.ForeignKey(
        ServiceType, on_delete=models.PROTECT, verbose_name=_("jenis layanan")
    )
    reason = models.CharField(_("alasan"), max_length=10, choices=Reason.choices)
    purpose = models.CharField(_("tujuan perjalanan"), max_length=10, choices=Purpose.choices)
    product = models.CharField(_("produk"), max_length=20, choices=Fee.Product.choices)
    documents = models.JSONField(_("berkas"), default=dict, blank=True)
    created_at = models.DateTimeField(_("dicatat"))
    changed_at = models.DateTimeField(_("diubah"))

    class Meta:
        verbose_name = _("permohonan paspor")
        verbose_name_plural = pgettext_lazy("jamak", "permohonan paspor")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["applicant", "service_type"], name="application_once_a_service"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_type} #{self.pk}"


class Status(models.TextChoices):
    HELD = "held", _("ditahan")
    BOOKED = "booked", _("terjadwal")
    DISPLACED = "displaced", _("dipindahkan")
    CHECKED_IN = "checked_in", _("hadir")
    SERVED = "served", _("selesai")
    CANCELLED = "cancelled", _("dibatalkan")
    NO_SHOW = "no_show", _("tidak hadir")
    EXPIRED = "expired", _("lewat batas")


LIVE = (Status.HELD, Status.BOOKED, Status.DISPLACED, Status.CHECKED_IN)
WITH_PLACE = (Status.HELD, Status.BOOKED, Status.CHECKED_IN, Status.SERVED, Status.NO_SHOW)

BOOKING_MOVES = StateMachine(
    initial=(Status.HELD, Status.BOOKED),
    error=BookingChanged,
    moves={
        Status.HELD: frozenset({Status.BOOKED, Status.CANCELLED, Status.EXPIRED, Status.DISPLACED}),
        Status.BOOKED: frozenset(
            {Status.CHECKED_IN, Status.CANCELLED, Status.NO_SHOW, Status.DISPLACED}
        ),
        Status.DISPLACED: frozenset({Status.BOOKED, Status.CANCELLED}),
        Status.CHECKED_IN: frozenset({Status.SERVED, Status.NO_SHOW}),
        Status.SERVED: frozenset(),
        Status.CANCELLED: frozenset(),
        # Catching up after a power cut: who had come in truth is checked in with the real time.
        Status.NO_SHOW: frozenset({Status.CHECKED_IN}),
        Status.EXPIRED: frozenset(),
    },
)


class Party(models.Model):
    """Bookings made by one request: one person, or a family that gets places together or not at all.

    `key` is the request's idempotency key and `body_hash` what it asked for, so that a repeated
    request gets the same answer and another one under the same key is refused.
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
    # A keyed hash of the random number in the browser's cookie; empty where there is none.
    device_key = models.CharField(
        max_length=64, blank=True, default="", db_default="", verbose_name=_("perangkat")
    )
    created_at = models.DateTimeField(_("dicatat"))
    # Filled in by the request that has just made the bookings, which need not ask for them again.
    made_codes: tuple[str, ...] = ()

    class Meta:
        verbose_name = _("rombongan")
        verbose_name_plural = pgettext_lazy("jamak", "rombongan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account", "key"], nulls_distinct=False, name="party_key_once_an_account"
            ),
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
    """One person's claim to one place. `slot` and `office` stay when the place is given back.

    The composite key (place, id) -> quotas_place (id, holder) is made in the first migration:
    it ties the booking to the place that names it as its holder, both ways.
    """

    class Via(models.TextChoices):
        FIRST_COME = "first_come", _("siapa cepat")
        DRAW = "draw", _("undian")
        WAITING_LIST = "waiting_list", _("daftar tunggu")
        MOVED_BY_APPLICANT = "moved_by_applicant", _("dijadwal ulang pemohon")
        MOVED_BY_OFFICE = "moved_by_office", _("dipindah kantor")
        DESK = "desk", _("di kantor")

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
    # Rows that every booking of a release minute names are not locked by each of them: the database keeps these four
    # by constraints of our own (migration 0098, docs/adr/0016).
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
    expires_at = models.DateTimeField(_("ditahan sampai"), null=True, blank=True)
    changes_used = models.PositiveSmallIntegerField(_("perubahan terpakai"), default=0)
    reminded_at = models.DateTimeField(_("diingatkan"), null=True, blank=True)
    key = models.CharField(max_length=64, verbose_name=_("kunci permintaan"))

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = pgettext_lazy("jamak", "booking")
        ordering: ClassVar = ["-placed_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Not `unique=True` at the field: that makes a second index, for LIKE, which nobody asks.
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
        ]
        triggers: ClassVar = BOOKING_MOVES.triggers()

    def __str__(self) -> str:
        return self.code

    @property
    def is_live(self) -> bool:
        return self.status in LIVE


class BookingEvent(HistoryLine):
    """One line of a booking's history: ids and times, no names. Never changed, never deleted."""

    class Kind(models.TextChoices):
        MADE = "made", _("dibuat")
        MOVED = "moved", _("status berubah")
        RESCHEDULED = "rescheduled", _("dijadwal ulang")
        REFUSED = "refused", _("nama tidak cocok")

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
