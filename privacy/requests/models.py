"""Requests of people about their own data (UU 27/2022), with their answers and their history."""

from datetime import timedelta
from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.crypto import EncryptedTextField
from core.status import HistoryLine, StateMachine, StatusModel
from offices.directory.models import Office
from privacy.requests.errors import RequestAnswered

# UU 27/2022 counts hours, not working days.
ANSWER_WITHIN: Final = timedelta(hours=3 * 24)


class RequestStatus(models.TextChoices):
    OPEN = "open", _("menunggu jawaban")
    DONE = "done", _("dipenuhi")
    REFUSED = "refused", _("ditolak")
    WITHDRAWN = "withdrawn", _("ditarik kembali")


REQUEST_MOVES = StateMachine(
    initial=(RequestStatus.OPEN,),
    error=RequestAnswered,
    moves={
        RequestStatus.OPEN: frozenset(set(RequestStatus) - {RequestStatus.OPEN}),
        **{status: frozenset() for status in RequestStatus if status != RequestStatus.OPEN},
    },
)


class DataRequest(StatusModel):
    """One request: from an account about itself, or at the desk from a person with a document.

    At the desk `person_key` identifies the person in every account, and `evidence` says which
    document the officer checked. What the account page can do at once has no office: it is answered
    in the transaction that makes it.
    """

    class Kind(models.TextChoices):
        EXPORT = "export", _("salinan data")
        CORRECT = "correct", _("perbaikan data")
        DELETE = "delete", _("penghapusan data")
        RESTRICT = "restrict", _("pembatasan pemrosesan")
        RESUME = "resume", _("pengakhiran pembatasan pemrosesan")
        OBJECT = "object", _("penolakan pengingat")

    class Way(models.TextChoices):
        ACCOUNT = "account", _("halaman akun")
        DESK = "desk", _("loket")

    machine = REQUEST_MOVES

    kind = models.CharField(_("permintaan"), max_length=10, choices=Kind.choices)
    way = models.CharField(_("melalui"), max_length=10, choices=Way.choices)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="data_requests",
        verbose_name=_("akun"),
    )
    person_key = models.CharField(
        max_length=64, blank=True, editable=False, verbose_name=_("kunci orang")
    )
    office = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="data_requests",
        verbose_name=_("kantor"),
    )
    text = EncryptedTextField(_("penjelasan"), blank=True)
    evidence = models.CharField(_("dokumen yang dilihat"), max_length=200, blank=True)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=RequestStatus.choices,
        default=RequestStatus.OPEN,
    )
    made_at = models.DateTimeField(_("diajukan"))
    due_at = models.DateTimeField(_("dijawab paling lambat"))
    reminded_at = models.DateTimeField(_("supervisor diingatkan"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("diteruskan"), null=True, blank=True)
    answer = EncryptedTextField(_("jawaban"), blank=True)
    answered_at = models.DateTimeField(_("dijawab"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dijawab oleh"),
    )

    class Meta:
        verbose_name = _("permintaan data pribadi")
        verbose_name_plural = pgettext_lazy("jamak", "permintaan data pribadi")
        ordering: ClassVar = ["-made_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(account__isnull=False, person_key="", way="account")
                | (Q(account__isnull=True, way="desk") & ~Q(person_key="")),
                name="data_request_of_an_account_or_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(way="desk") | ~Q(evidence=""), name="data_request_at_desk_on_evidence"
            ),
            models.CheckConstraint(
                condition=Q(due_at__gt=F("made_at")), name="data_request_due_after_it_is_made"
            ),
            models.CheckConstraint(
                condition=~Q(status="open") | Q(answered_at__isnull=True, answer=""),
                name="data_request_open_without_an_answer",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["done", "refused"]) | Q(answered_at__isnull=False),
                name="data_request_answered_at_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], condition=Q(status="open"), name="data_request_open_by_due"
            ),
            models.Index(fields=["office", "-made_at"], name="data_request_by_office"),
        ]
        triggers: ClassVar = REQUEST_MOVES.triggers()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"


class DataRequestEvent(HistoryLine):
    """One line of a request's history."""

    data_request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="history")
    old = models.CharField(_("dari"), max_length=10, choices=RequestStatus.choices, blank=True)
    new = models.CharField(_("menjadi"), max_length=10, choices=RequestStatus.choices)

    class Meta(HistoryLine.Meta):
        verbose_name = _("riwayat permintaan data pribadi")
        verbose_name_plural = pgettext_lazy("jamak", "riwayat permintaan data pribadi")
