"""The lottery of a window: its seals, entries and results."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.bookings.models import Party
from booking.codes import new_code
from booking.lottery.sources import DRAND, JISDOR, has_form_of_source
from booking.people.models import Applicant
from core.crypto import EncryptedTextField
from core.status import append_only
from offices.directory.models import Office, ServiceType
from quotas.places.models import ReleaseWindow, Slot


class Draw(models.Model):
    """The lottery of one window. Entries close when the window opens; winners are determined afterwards.

    The seed is encrypted. Its hash is public from the preparation on, and the list's digest from its
    close on. After that, one account types the public value and another confirms it, or the named round
    of the beacon is recorded with its signature. Together the three determine every rank.
    """

    window = models.OneToOneField(
        ReleaseWindow,
        on_delete=models.PROTECT,
        related_name="draw",
        verbose_name=_("pembukaan kuota"),
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="draws", verbose_name=_("kantor")
    )
    seed = EncryptedTextField(_("angka rahasia"))
    seed_hash = models.CharField(_("segel angka rahasia"), max_length=64)
    source = models.CharField(_("kode sumber nilai publik"), max_length=20, default=JISDOR.code)
    public_source = models.CharField(_("sumber nilai publik"), max_length=300)
    beacon_round = models.BigIntegerField(_("putaran drand"), null=True, blank=True)
    beacon_signature = models.CharField(
        _("tanda tangan putaran"), max_length=96, blank=True, default="", db_default=""
    )
    prepared_at = models.DateTimeField(_("disiapkan"))
    closed_at = models.DateTimeField(_("daftar ditutup"), null=True, blank=True)
    list_digest = models.CharField(_("sidik daftar"), max_length=64, blank=True)
    public_value = models.CharField(_("nilai publik"), max_length=64, blank=True)
    typed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("dimasukkan oleh"),
    )
    typed_at = models.DateTimeField(_("dimasukkan"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("dipastikan oleh"),
    )
    confirmed_at = models.DateTimeField(_("dipastikan"), null=True, blank=True)
    drawn_at = models.DateTimeField(_("diundi"), null=True, blank=True)

    class Meta:
        verbose_name = _("undian")
        verbose_name_plural = pgettext_lazy("jamak", "undian")
        ordering: ClassVar = ["-prepared_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="draw_confirmed_by_another",
                condition=Q(confirmed_by__isnull=True)
                | (Q(typed_by__isnull=False) & ~Q(confirmed_by=F("typed_by"))),
            ),
            models.CheckConstraint(name="draw_value_in_one_form", condition=has_form_of_source()),
            models.CheckConstraint(
                name="draw_value_after_the_list",
                condition=Q(typed_at__isnull=True)
                | Q(closed_at__isnull=False, typed_at__gte=F("closed_at")),
            ),
            models.CheckConstraint(
                name="draw_round_where_the_source_is_a_beacon",
                condition=Q(source=DRAND.code, beacon_round__gte=1)
                | (~Q(source=DRAND.code) & Q(beacon_round__isnull=True, beacon_signature="")),
            ),
            models.CheckConstraint(
                name="draw_beacon_value_with_its_signature",
                condition=~Q(source=DRAND.code)
                | Q(public_value="", beacon_signature="")
                | Q(beacon_signature__regex="^[0-9a-f]{96}$"),
            ),
            models.CheckConstraint(
                name="draw_held_with_a_confirmed_value",
                condition=Q(drawn_at__isnull=True) | Q(confirmed_at__isnull=False),
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.ReadOnly(
                name="draw_keeps_its_promise",
                fields=[
                    "window",
                    "office",
                    "seed",
                    "seed_hash",
                    "source",
                    "public_source",
                    "beacon_round",
                ],
            ),
            pgtrigger.Protect(name="draw_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class TypedValue(models.Model):
    """A value that an officer typed for a lottery, also one that was not accepted. Append-only."""

    class Result(models.TextChoices):
        RECORDED = "recorded", _("dicatat")
        CORRECTED = "corrected", _("diperbaiki")
        CONFIRMED = "confirmed", _("dipastikan")
        DIFFERENT = "different", _("berbeda dari nilai rekan")
        SAME_OFFICER = "same_officer", _("diulang petugas yang sama")
        MALFORMED = "malformed", _("bentuknya salah")
        OTHER_ROUND = "other_round", _("putaran lain")
        FALSE_SIGNATURE = "false_sign", _("tanda tangan tidak sah")
        NOT_NOW = "not_now", _("di luar waktunya")

    draw = models.ForeignKey(
        Draw, on_delete=models.PROTECT, related_name="typed_values", verbose_name=_("undian")
    )
    value = models.CharField(_("nilai publik"), max_length=96)
    result = models.CharField(_("hasil"), max_length=12, choices=Result.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("oleh"),
    )
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("nilai publik yang diketik")
        verbose_name_plural = pgettext_lazy("jamak", "nilai publik yang diketik")
        ordering: ClassVar = ["at", "id"]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only("typed_value_append_only")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class DrawEntry(models.Model):
    """A person or a family in a lottery. `code` is its name in the proof."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("menunggu undian")
        WON = "won", _("mendapat tempat")
        CLAIMED = "claimed", _("tempat diambil")
        LAPSED = "lapsed", _("tidak diambil")
        LOST = "lost", _("belum mendapat tempat")
        VOID = "void", _("tidak ikut diundi")

    draw = models.ForeignKey(
        Draw, on_delete=models.PROTECT, related_name="entries", verbose_name=_("undian")
    )
    code = models.CharField(_("kode undian"), max_length=12, unique=True, default=new_code)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="draw_entries",
        verbose_name=_("akun"),
    )
    service_type = models.ForeignKey(
        ServiceType, on_delete=models.PROTECT, db_index=False, verbose_name=_("jenis layanan")
    )
    choices = models.JSONField(_("pilihan jam"), default=list, blank=True)
    takes_any = models.BooleanField(_("jam mana saja"), default=True)
    size = models.PositiveSmallIntegerField(_("jumlah orang"))
    weight = models.PositiveSmallIntegerField(_("bobot"), default=1)
    entered_at = models.DateTimeField(_("ikut sejak"))
    withdrawn_at = models.DateTimeField(_("batal ikut"), null=True, blank=True)
    rank = models.PositiveIntegerField(_("urutan"), null=True, blank=True)
    outcome = models.CharField(
        _("hasil"), max_length=10, choices=Outcome.choices, default=Outcome.WAITING
    )
    slot = models.ForeignKey(
        Slot,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("sesi"),
    )
    party = models.OneToOneField(
        Party,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="draw_entry",
        verbose_name=_("rombongan"),
    )
    claim_until = models.DateTimeField(_("diambil paling lambat"), null=True, blank=True)

    class Meta:
        verbose_name = _("peserta undian")
        verbose_name_plural = pgettext_lazy("jamak", "peserta undian")
        ordering: ClassVar = ["draw", "rank", "code"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["draw", "rank"], name="draw_entry_one_a_rank"),
            models.CheckConstraint(
                condition=Q(size__gte=1, size__lte=5), name="draw_entry_up_to_five"
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=5), name="draw_entry_weight_bounded"
            ),
            models.CheckConstraint(
                name="draw_entry_place_as_outcome_claims",
                condition=Q(
                    outcome__in=["won", "claimed", "lapsed"],
                    party__isnull=False,
                    slot__isnull=False,
                    claim_until__isnull=False,
                )
                | Q(outcome__in=["waiting", "lost", "void"], party__isnull=True),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["claim_until"],
                condition=Q(outcome="won"),
                name="draw_entry_unclaimed",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class DrawMember(models.Model):
    """A person of an entry. Each person can be in a lottery once, in any account."""

    entry = models.ForeignKey(
        DrawEntry,
        on_delete=models.PROTECT,
        related_name="members",
        verbose_name=_("peserta undian"),
    )
    draw = models.ForeignKey(
        Draw, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("undian")
    )
    applicant = models.ForeignKey(
        Applicant, on_delete=models.PROTECT, related_name="+", verbose_name=_("pemohon")
    )
    person_key = models.CharField(max_length=64, verbose_name=_("kunci orang"))
    left_at = models.DateTimeField(_("batal ikut"), null=True, blank=True)

    class Meta:
        verbose_name = _("anggota peserta undian")
        verbose_name_plural = pgettext_lazy("jamak", "anggota peserta undian")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["draw", "person_key"],
                condition=Q(left_at__isnull=True),
                name="draw_member_once_a_draw",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class DrawRound(models.Model):
    """One round of giving places: the lottery itself, then places passed on. Append-only.

    `places` {slot: count}, `voids` {entry code: reason}, `given` [{entry, slot}].
    """

    draw = models.ForeignKey(
        Draw, on_delete=models.PROTECT, related_name="rounds", verbose_name=_("undian")
    )
    number = models.PositiveIntegerField(_("putaran"))
    at = models.DateTimeField(_("pada"))
    places = models.JSONField(pgettext_lazy("jumlah", "tempat"), default=dict)
    voids = models.JSONField(_("tidak ikut diundi"), default=dict)
    given = models.JSONField(_("diberikan"), default=list)

    class Meta:
        verbose_name = _("putaran undian")
        verbose_name_plural = pgettext_lazy("jamak", "putaran undian")
        ordering: ClassVar = ["draw", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["draw", "number"], name="draw_round_once"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only("draw_round_append_only")]

    def __str__(self) -> str:
        return f"#{self.draw_id}/{self.number}"


class DrawLoss(models.Model):
    """How often a person lost at an office since their last win there: the weight in the next lottery."""

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("kantor")
    )
    person_key = models.CharField(max_length=64, verbose_name=_("kunci orang"))
    losses = models.PositiveSmallIntegerField(_("kali belum mendapat tempat"), default=0)

    class Meta:
        verbose_name = _("catatan belum mendapat tempat")
        verbose_name_plural = pgettext_lazy("jamak", "catatan belum mendapat tempat")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["office", "person_key"], name="draw_loss_once_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
