"""Bills, their billing codes, the bank's notices, the ledger, and payments that need a decision.

Amounts are whole rupiah. The ledger is append-only; `charged` and `balance` of a bill are its sums
(law 12 of `manage.py verify`). Bookings are above this feature, so their model is named by its label.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.status import append_only
from offices.directory.models import Fee, Office
from offices.limits.models import PaymentRule

CODE_LENGTH = 15


class Bill(models.Model):
    """What one booking costs. It follows the booking to another slot and another service.

    `charged` is the fee as it is now, `balance` what was paid less the fee: below zero it is unpaid,
    above zero there is money without a fee. `due_at` is the time until which the booking is kept
    unpaid; only for a fee that is paid before the visit. `charged` stays 0 until the application names
    a product.
    """

    booking = models.OneToOneField(
        to="booking.Booking",
        on_delete=models.PROTECT,
        related_name="bill",
        verbose_name=_("booking"),
    )
    timing = models.CharField(
        _("waktu pembayaran"), max_length=16, choices=PaymentRule.Timing.choices
    )
    due_at = models.DateTimeField(_("dibayar paling lambat"), null=True, blank=True)
    product = models.CharField(
        _("jenis paspor"), max_length=20, choices=Fee.Product.choices, blank=True, default=""
    )
    hours = models.PositiveSmallIntegerField(_("kode billing berlaku (jam)"))
    tariff_on = models.DateField(_("tarif tanggal"))
    charged = models.BigIntegerField(_("biaya (rupiah)"), default=0)
    balance = models.BigIntegerField(_("saldo (rupiah)"), default=0)
    opened_at = models.DateTimeField(_("dibuat"))
    voided_at = models.DateTimeField(_("tidak berlaku sejak"), null=True, blank=True)

    class Meta:
        verbose_name = _("tagihan")
        verbose_name_plural = pgettext_lazy("jamak", "tagihan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(charged__gte=0), name="bill_charges_no_less_than_0"),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True) | Q(charged=0), name="bill_void_charges_nothing"
            ),
            models.CheckConstraint(
                condition=~Q(timing="prepaid") | Q(due_at__isnull=False),
                name="bill_prepaid_has_its_deadline",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                condition=Q(timing="prepaid", voided_at__isnull=True)
                & (Q(charged=0) | Q(balance__lt=0)),
                name="bill_unpaid_by_deadline",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None

    @property
    def is_priced(self) -> bool:
        """True once the application names a product with a price."""
        return bool(self.product)

    @property
    def is_paid(self) -> bool:
        """True if the fee is known and paid in full."""
        return not self.is_void and self.is_priced and self.balance >= 0

    @property
    def unpaid(self) -> int:
        """The rupiah that are still to be paid."""
        return max(-self.balance, 0)

    @property
    def paid(self) -> int:
        """The rupiah of the person's money in this bill."""
        return self.charged + self.balance


class BillingCode(models.Model):
    """A code under which the bank accepts one amount for a bill. A bill has one code at a time.

    A withdrawn code is never issued again: money that still arrives under it is known.
    """

    bill = models.ForeignKey(
        Bill, on_delete=models.PROTECT, related_name="codes", verbose_name=_("tagihan")
    )
    code = models.CharField(_("kode billing"), max_length=CODE_LENGTH)
    amount = models.BigIntegerField(_("rupiah"))
    issued_at = models.DateTimeField(_("terbit"))
    valid_until = models.DateTimeField(_("berlaku sampai"))
    withdrawn_at = models.DateTimeField(_("ditarik"), null=True, blank=True)

    class Meta:
        verbose_name = _("kode billing")
        verbose_name_plural = pgettext_lazy("jamak", "kode billing")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["code"], name="billing_code_once"),
            models.UniqueConstraint(
                fields=["bill"],
                condition=Q(withdrawn_at__isnull=True),
                name="billing_code_one_a_bill",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_code_has_an_amount"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9]{15}$"), name="billing_code_15_digits"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class SettlementFile(models.Model):
    """One imported settlement file of the bank. The same file is imported once."""

    digest = models.CharField(_("sidik berkas"), max_length=64)
    name = models.CharField(_("nama berkas"), max_length=120)
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="+", verbose_name=_("kantor")
    )
    line_count = models.PositiveIntegerField(_("baris"))
    total = models.BigIntegerField(_("jumlah (rupiah)"))
    imported_at = models.DateTimeField(_("diimpor"))
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("oleh")
    )

    class Meta:
        verbose_name = _("berkas rekonsiliasi bank")
        verbose_name_plural = pgettext_lazy("jamak", "berkas rekonsiliasi bank")
        ordering: ClassVar = ["-imported_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["digest"], name="settlement_file_once"),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return self.name


class BankNotice(models.Model):
    """One message of the bank, from the network or from a line of a settlement file. Append-only.

    `digest` is the fingerprint of what it says: the same notice again gets the same answer. `office` is
    where a notice with an unknown code is decided.
    """

    class Kind(models.TextChoices):
        PAYMENT = "payment", _("pembayaran")
        REVERSAL = "reversal", _("pembatalan pembayaran")

    class Channel(models.TextChoices):
        NETWORK = "network", _("pemberitahuan")
        FILE = "file", _("berkas rekonsiliasi")

    notice_id = models.CharField(_("nomor pemberitahuan"), max_length=64)
    kind = models.CharField(_("jenis"), max_length=10, choices=Kind.choices)
    reverses = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversals",
        db_index=False,  # the unique key begins with it
        verbose_name=_("membatalkan"),
    )
    code = models.CharField(_("kode billing"), max_length=CODE_LENGTH)
    amount = models.BigIntegerField(_("rupiah"))
    paid_at = models.DateTimeField(_("dibayar"))
    received_at = models.DateTimeField(_("diterima"))
    channel = models.CharField(_("melalui"), max_length=10, choices=Channel.choices)
    digest = models.CharField(_("sidik isi"), max_length=64)
    bill = models.ForeignKey(
        Bill,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name=_("tagihan"),
    )
    office = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("kantor"),
    )

    class Meta:
        verbose_name = _("pemberitahuan bank")
        verbose_name_plural = pgettext_lazy("jamak", "pemberitahuan bank")
        ordering: ClassVar = ["-received_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["notice_id"], name="bank_notice_once"),
            models.UniqueConstraint(fields=["reverses"], name="bank_notice_reversed_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="bank_notice_has_an_amount"),
            models.CheckConstraint(
                condition=Q(kind="payment", reverses__isnull=True)
                | Q(kind="reversal", reverses__isnull=False),
                name="bank_notice_reverses_a_payment",
            ),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return self.notice_id


class SettlementLine(models.Model):
    """One line of a settlement file, and what became of it."""

    class Result(models.TextChoices):
        MATCHED = "matched", _("cocok")
        POSTED = "posted", _("dibukukan dari berkas")
        DIFFERENT = "different", _("berbeda dari pemberitahuan")

    file = models.ForeignKey(
        SettlementFile, on_delete=models.PROTECT, related_name="lines", verbose_name=_("berkas")
    )
    number = models.PositiveIntegerField(_("baris"))
    notice = models.ForeignKey(
        BankNotice, on_delete=models.PROTECT, related_name="lines", verbose_name=_("pemberitahuan")
    )
    code = models.CharField(_("kode billing"), max_length=CODE_LENGTH)
    amount = models.BigIntegerField(_("rupiah"))
    result = models.CharField(_("hasil"), max_length=10, choices=Result.choices)

    class Meta:
        verbose_name = _("baris rekonsiliasi")
        verbose_name_plural = pgettext_lazy("jamak", "baris rekonsiliasi")
        ordering: ClassVar = ["file", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["file", "number"], name="settlement_line_once"),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.number}"


class LedgerEntry(models.Model):
    """One entry of the ledger: money in or out of a bill, in rupiah. Append-only.

    Without a bill it is money whose bill is not known: the entries of its notice then sum to zero once
    a decision was made.
    """

    class Kind(models.TextChoices):
        CHARGE = "charge", _("biaya")
        PAYMENT = "payment", _("pembayaran")
        REVERSAL = "reversal", _("pembatalan oleh bank")
        CARRIED_OUT = "carried_out", _("dipindahkan ke tagihan lain")
        CARRIED_IN = "carried_in", _("dipindahkan dari pembayaran lain")
        REFUND = "refund", _("pengembalian")

    bill = models.ForeignKey(
        Bill,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("tagihan"),
    )
    kind = models.CharField(_("jenis"), max_length=12, choices=Kind.choices)
    amount = models.BigIntegerField(_("rupiah"))
    notice = models.ForeignKey(
        BankNotice,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("pemberitahuan bank"),
    )
    at = models.DateTimeField(_("pada"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("oleh"),
    )

    class Meta:
        verbose_name = _("buku besar pembayaran")
        verbose_name_plural = pgettext_lazy("jamak", "buku besar pembayaran")
        ordering: ClassVar = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["notice"],
                condition=Q(kind__in=["payment", "reversal"]),
                name="ledger_entry_once_a_notice",
            ),
            # A charge lowers the balance; giving it up again raises it.
            models.CheckConstraint(
                name="ledger_entry_has_its_sign",
                condition=Q(kind="charge") & ~Q(amount=0)
                | Q(kind__in=["payment", "carried_in"], amount__gt=0)
                | Q(kind__in=["reversal", "carried_out", "refund"], amount__lt=0),
            ),
            models.CheckConstraint(
                name="ledger_entry_has_bill_or_notice",
                condition=Q(bill__isnull=False) | Q(notice__isnull=False),
            ),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"#{self.pk}"


class PaymentCase(models.Model):
    """A payment that an officer decides about."""

    class Kind(models.TextChoices):
        LATE = "late", _("terlambat, tempat tidak dapat dikembalikan")
        DOUBLE = "double", _("dibayar dua kali")
        SHORT = "short", _("kurang bayar")
        OVER = "over", _("lebih bayar")
        CANCELLED = "cancelled", _("jadwal yang sudah dibayar berakhir")
        UNKNOWN = "unknown", _("kode billing tidak dikenal")
        REVERSED = "reversed", _("dibatalkan oleh bank")
        DIFFERENT = "different", _("berkas bank berbeda dari pemberitahuan")

    class Action(models.TextChoices):
        RESTORED = "restored", _("tempat dikembalikan")
        REFUNDED = "refunded", _("uang dikembalikan")
        ASSIGNED = "assigned", _("dibukukan ke kode booking")
        KEPT = "kept", _("disimpan untuk jadwal berikutnya")
        SETTLED = "settled", _("selesai tanpa memindahkan uang")

    kind = models.CharField(_("masalah"), max_length=10, choices=Kind.choices)
    bill = models.ForeignKey(
        Bill,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("tagihan"),
    )
    notice = models.ForeignKey(
        BankNotice,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("pemberitahuan bank"),
    )
    office = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("kantor"),
    )
    amount = models.BigIntegerField(_("rupiah"))
    opened_at = models.DateTimeField(_("dibuka"))
    resolved_at = models.DateTimeField(_("diputuskan"), null=True, blank=True)
    action = models.CharField(_("tindakan"), max_length=10, choices=Action.choices, blank=True)
    reason = models.CharField(_("alasan"), max_length=200, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("oleh"),
    )

    class Meta:
        verbose_name = _("pembayaran yang perlu diputuskan")
        verbose_name_plural = pgettext_lazy("jamak", "pembayaran yang perlu diputuskan")
        ordering: ClassVar = ["opened_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="payment_case_resolved_with_an_action",
                condition=Q(resolved_at__isnull=True, action="", resolved_by__isnull=True)
                | (
                    Q(resolved_at__isnull=False)
                    & ~Q(action="")
                    & (Q(resolved_by__isnull=True) | ~Q(reason=""))
                ),
            ),
            models.CheckConstraint(
                name="payment_case_has_bill_or_notice",
                condition=Q(bill__isnull=False) | Q(notice__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["office", "opened_at"],
                condition=Q(resolved_at__isnull=True),
                name="payment_case_open",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None
