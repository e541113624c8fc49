"""Counter sessions, visits, tickets and stages."""

from typing import ClassVar, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.bookings.models import Booking
from core.status import HistoryLine, StateMachine, StatusModel
from counters.visits.errors import VisitChanged
from offices.dated import MomentRange
from offices.directory.models import Counter, Lane, Office, ServiceGroup, Stage
from offices.reasons.models import Reason

# The counter's lock lets a session and the end of the counter's use follow each other.
COUNTER_IN_USE = """
SELECT counter.retired_on, (NEW.opened_at AT TIME ZONE office.time_zone)::date
  INTO counter_retired_on, opened_on
  FROM offices_counter counter JOIN offices_office office ON office.id = NEW.office_id
 WHERE counter.id = NEW.counter_id FOR SHARE OF counter;
IF counter_retired_on <= opened_on THEN
    RAISE EXCEPTION 'the counter is out of use on the day of the session'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'counter_session_counter_in_use';
END IF;
RETURN NEW;
"""


class CounterSession(models.Model):
    """An officer's session at a counter, from opening to closing it.

    `is_from_paper`: the session of one line of a paper list. It may overlap a session that could not
    be closed while the system was unavailable, but not another line's session.
    """

    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="counter_sessions",
        verbose_name=_("petugas"),
    )
    counter = models.ForeignKey(
        Counter,
        on_delete=models.PROTECT,
        related_name="sessions",
        verbose_name=_("loket"),
    )
    office = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        related_name="counter_sessions",
        verbose_name=_("kantor"),
    )
    opened_at = models.DateTimeField(_("dibuka"))
    paused_at = models.DateTimeField(_("jeda sejak"), null=True, blank=True)
    closed_at = models.DateTimeField(_("ditutup"), null=True, blank=True)
    is_from_paper = models.BooleanField(_("dari daftar cetak"), default=False, db_default=False)

    class Meta:
        verbose_name = _("tugas loket")
        verbose_name_plural = pgettext_lazy("jamak", "tugas loket")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["officer"],
                condition=Q(closed_at__isnull=True),
                name="counter_session_one_an_officer",
            ),
            models.UniqueConstraint(
                fields=["counter"],
                condition=Q(closed_at__isnull=True),
                name="counter_session_one_a_counter",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="counter_session_ends_after_it_begins",
            ),
            ExclusionConstraint(
                name="counter_session_one_paper_line_at_a_time",
                expressions=[
                    ("counter", RangeOperators.EQUAL),
                    (MomentRange(F("opened_at"), F("closed_at")), RangeOperators.OVERLAPS),
                ],
                condition=Q(is_from_paper=True),
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="counter_session_counter_in_use",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("counter_id", "opened_at"),  # type: ignore[no-untyped-call]
                declare=[("counter_retired_on", "date"), ("opened_on", "date")],
                func=COUNTER_IN_USE,
            )
        ]

    def __str__(self) -> str:
        return f"{self.counter} #{self.pk}"


class VisitStatus(models.TextChoices):
    WAITING = "waiting", _("Menunggu")
    CALLED = "called", _("Dipanggil")
    SERVING = "serving", _("Dilayani")
    PARKED = "parked", _("Ditunda di loket")
    FINISHED = "finished", _("Selesai")
    INCOMPLETE = "incomplete", _("Berkas kurang")
    LEFT = "left", _("Pergi sebelum dilayani")
    UNSERVED = "unserved", _("Belum sempat dilayani")
    REFUSED = "refused", _("Ditolak, nama tidak cocok")
    UNDONE = "undone", _("Daftar ulang dibatalkan")


VISIT_MOVES = StateMachine(
    initial=(VisitStatus.WAITING,),
    error=VisitChanged,
    moves={
        VisitStatus.WAITING: frozenset(
            {
                VisitStatus.CALLED,
                VisitStatus.LEFT,
                VisitStatus.REFUSED,
                VisitStatus.UNSERVED,
                VisitStatus.UNDONE,
            }
        ),
        VisitStatus.CALLED: frozenset(
            {
                VisitStatus.SERVING,
                VisitStatus.WAITING,
                VisitStatus.LEFT,
                VisitStatus.REFUSED,
                VisitStatus.UNSERVED,
            }
        ),
        VisitStatus.SERVING: frozenset(
            {
                VisitStatus.FINISHED,
                VisitStatus.INCOMPLETE,
                VisitStatus.WAITING,
                VisitStatus.REFUSED,
                VisitStatus.UNSERVED,
                VisitStatus.PARKED,
            }
        ),
        VisitStatus.PARKED: frozenset(
            {
                VisitStatus.SERVING,
                VisitStatus.WAITING,
                VisitStatus.INCOMPLETE,
                VisitStatus.LEFT,
                VisitStatus.REFUSED,
                VisitStatus.UNSERVED,
            }
        ),
        VisitStatus.FINISHED: frozenset(),
        VisitStatus.INCOMPLETE: frozenset(),
        VisitStatus.LEFT: frozenset({VisitStatus.WAITING, VisitStatus.UNSERVED}),
        # The office moved the booking: the person's next arrival is a new visit.
        VisitStatus.UNSERVED: frozenset(),
        # The person whose name is on the ticket may still come.
        VisitStatus.REFUSED: frozenset({VisitStatus.WAITING}),
        # A later check-in makes a new visit with a new number.
        VisitStatus.UNDONE: frozenset(),
    },
)
ENDED = (
    VisitStatus.FINISHED,
    VisitStatus.INCOMPLETE,
    VisitStatus.LEFT,
    VisitStatus.UNSERVED,
    VisitStatus.REFUSED,
    VisitStatus.UNDONE,
)
UNFINISHED = (
    VisitStatus.WAITING,
    VisitStatus.CALLED,
    VisitStatus.SERVING,
    VisitStatus.PARKED,
)
AT_A_COUNTER = (VisitStatus.CALLED, VisitStatus.SERVING)
# A parked visit belongs to its counter, which meanwhile serves another person.
IN_SERVICE = (*AT_A_COUNTER, VisitStatus.PARKED)
# Our own limit: a parked person has been called and waits without a place in the queue.
MOST_PARKED = 2


class VisitQuerySet(models.QuerySet["Visit"]):
    def counted(self) -> Self:
        """Visits that took place: without check-ins that were undone."""
        return self.exclude(status=VisitStatus.UNDONE)


class Visit(StatusModel):
    """One visit to the office, from arrival to leaving. Belongs to exactly one booking.

    `clock_from` is when the two-hour promise begins: at the arrival, but for a person who came
    before the booked hour at that hour.
    """

    class Kind(models.TextChoices):
        FIRST = "first", _("pertama")
        RETURN = "return", _("kembali melengkapi berkas")

    machine = VISIT_MOVES

    booking = models.ForeignKey(
        Booking,
        on_delete=models.PROTECT,
        related_name="visits",
        verbose_name=_("booking"),
    )
    office = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        related_name="visits",
        verbose_name=_("kantor"),
    )
    group = models.ForeignKey(
        ServiceGroup,
        on_delete=models.PROTECT,
        verbose_name=_("kelompok"),
    )
    lane = models.ForeignKey(
        Lane,
        on_delete=models.PROTECT,
        verbose_name=_("jalur"),
    )
    kind = models.CharField(_("kunjungan"), max_length=10, choices=Kind.choices)
    day = models.DateField(_("tanggal"))
    status = models.CharField(
        _("status"), max_length=12, choices=VisitStatus.choices, default=VisitStatus.WAITING
    )
    arrived_at = models.DateTimeField(_("tiba"))
    queue_at = models.DateTimeField(_("urutan sejak"))
    clock_from = models.DateTimeField(_("waktu pelayanan dihitung sejak"))
    session = models.ForeignKey(
        CounterSession,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="visits",
        verbose_name=_("tugas loket"),
    )
    first_called_at = models.DateTimeField(_("panggilan pertama"), null=True, blank=True)
    called_at = models.DateTimeField(_("dipanggil"), null=True, blank=True)
    calls = models.PositiveSmallIntegerField(_("kali dipanggil"), default=0)
    started_at = models.DateTimeField(_("mulai dilayani"), null=True, blank=True)
    ended_at = models.DateTimeField(_("selesai"), null=True, blank=True)
    notes = models.TextField(_("catatan wawancara"), blank=True)
    missing = models.CharField(_("yang kurang"), max_length=300, blank=True)
    # Codes of the service's documents that an officer has checked.
    documents_checked = models.JSONField(_("berkas yang dilihat"), default=list, blank=True)
    # What an officer has typed and not yet recorded: {"reason": ..., "text_incomplete": ...}.
    draft = models.JSONField(_("isian sementara"), default=dict, blank=True, editable=False)
    # Grows with each change at a counter; a form that names an older version changes nothing.
    version = models.PositiveIntegerField(_("versi"), default=0, db_default=0, editable=False)
    next_counter = models.ForeignKey(
        Counter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("loket tujuan"),
    )
    handed_on_by = models.ForeignKey(
        Counter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dialihkan oleh loket"),
    )
    # 1 or 2: which of the counter's places for parked visits.
    parked_place = models.PositiveSmallIntegerField(
        _("tempat tunda"), null=True, blank=True, editable=False
    )
    parked_at = models.DateTimeField(_("ditunda sejak"), null=True, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("kunjungan")
        verbose_name_plural = pgettext_lazy("jamak", "kunjungan")
        ordering: ClassVar = ["-arrived_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["booking"],
                condition=Q(kind="first") & ~Q(status__in=["undone", "unserved"]),
                name="visit_first_once_a_booking",
            ),
            models.UniqueConstraint(
                fields=["booking"],
                condition=Q(status__in=[str(s) for s in UNFINISHED]),
                name="visit_one_unfinished_a_booking",
            ),
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(status__in=[str(s) for s in AT_A_COUNTER]),
                name="visit_one_at_a_counter",
            ),
            models.CheckConstraint(
                name="visit_session_as_status_claims",
                condition=~Q(status__in=[str(s) for s in IN_SERVICE]) | Q(session__isnull=False),
            ),
            models.CheckConstraint(
                name="visit_parked_as_status_claims",
                condition=Q(
                    status="parked",
                    parked_at__isnull=False,
                    parked_place__gte=1,
                    parked_place__lte=MOST_PARKED,
                )
                | (~Q(status="parked") & Q(parked_at__isnull=True, parked_place__isnull=True)),
            ),
            models.UniqueConstraint(
                fields=["session", "parked_place"],
                condition=Q(status="parked"),
                name="visit_parked_place_once_a_counter",
            ),
            models.CheckConstraint(
                name="visit_ended_as_status_claims",
                condition=Q(status__in=[str(s) for s in ENDED], ended_at__isnull=False)
                | (~Q(status__in=[str(s) for s in ENDED]) & Q(ended_at__isnull=True)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["office", "queue_at"], condition=Q(status="waiting"), name="visit_waiting"
            ),
            models.Index(fields=["office", "day"], name="visit_by_office_and_day"),
        ]
        triggers: ClassVar = VISIT_MOVES.triggers()

    def __str__(self) -> str:
        return f"#{self.pk}"


class VisitEvent(HistoryLine):
    """One event in a visit's history.

    A call out of order has a reason from the list; `reason` is then the note. Calls of the time
    before the list have only a text.
    """

    class Kind(models.TextChoices):
        ARRIVED = "arrived", _("tiba")
        RETURNED = "returned", _("datang lagi")
        CALLED = "called", _("dipanggil menurut urutan")
        CALLED_OUT_OF_ORDER = "called_out_of_order", _("dipanggil di luar urutan")
        RECALLED = "recalled", _("dipanggil ulang")
        SKIPPED = "skipped", _("dilewati")
        STARTED = "started", _("mulai dilayani")
        REWORK = "rework", _("tahap diulang")
        PASSED_ON = "passed_on", _("dialihkan")
        PUT_BACK = "put_back", _("kembali ke antrean")
        PARKED = "parked", _("ditunda di loket")
        RESUMED = "resumed", _("dilanjutkan")
        CONVERTED = "converted", _("layanan diganti")
        INCOMPLETE = "incomplete", _("berkas kurang")
        FINISHED = "finished", _("selesai")
        LEFT = "left", _("pergi")
        DID_NOT_ANSWER = "did_not_answer", _("tidak menjawab panggilan")
        LEFT_OVER = "left_over", _("sisa hari sebelumnya")
        OVERTIME = "overtime", _("diselesaikan dalam lembur")
        EVENING = "evening", _("mendapat tempat malam")
        UNSERVED = "unserved", _("belum terlayani sampai tutup")
        REFUSED = "refused", _("nama tidak cocok")
        UNDONE = "undone", _("daftar ulang dibatalkan")
        MOVED_LANE = "moved_lane", _("dipindah ke jalur prioritas")

    visit = models.ForeignKey(
        Visit,
        on_delete=models.PROTECT,
        related_name="history",
        verbose_name=_("kunjungan"),
    )
    kind = models.CharField(_("kejadian"), max_length=20, choices=Kind.choices)
    old = models.CharField(_("dari"), max_length=12, choices=VisitStatus.choices, blank=True)
    new = models.CharField(_("menjadi"), max_length=12, choices=VisitStatus.choices)
    session = models.ForeignKey(
        CounterSession,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("tugas loket"),
    )
    listed_reason = models.ForeignKey(
        Reason,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("alasan dari daftar"),
    )

    class Meta(HistoryLine.Meta):
        verbose_name = _("riwayat kunjungan")
        verbose_name_plural = pgettext_lazy("jamak", "riwayat kunjungan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="visit_event_reason_out_of_order",
                condition=~Q(kind="called_out_of_order") | Q(listed_reason__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            # Officers' exceptions are few among a million lines; reports count them by month.
            models.Index(
                fields=["visit"],
                name="visit_event_exceptions",
                condition=Q(kind__in=("called_out_of_order", "moved_lane")),
            ),
        ]

    @property
    def reason_text(self) -> str:
        """The reason from the list and the note, in the reader's language."""
        return ": ".join(part for part in (str(self.listed_reason or ""), self.reason) if part)


class TicketSeries(models.Model):
    """The last ticket number of a series on an office's day. Locked to take the next number."""

    office = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        verbose_name=_("kantor"),
    )
    day = models.DateField(_("tanggal"))
    letter = models.CharField(_("seri"), max_length=1)
    last_number = models.PositiveIntegerField(_("nomor terakhir"), default=0)

    class Meta:
        verbose_name = _("seri nomor antrean")
        verbose_name_plural = pgettext_lazy("jamak", "seri nomor antrean")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["office", "day", "letter"], name="ticket_series_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} {self.day}"


class Ticket(models.Model):
    """A visit's number in its series: A-041."""

    visit = models.OneToOneField(
        Visit,
        on_delete=models.PROTECT,
        related_name="ticket",
        verbose_name=_("kunjungan"),
    )
    office = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        verbose_name=_("kantor"),
    )
    day = models.DateField(_("tanggal"))
    letter = models.CharField(_("seri"), max_length=1)
    number = models.PositiveIntegerField(_("nomor"))

    class Meta:
        verbose_name = _("nomor antrean")
        verbose_name_plural = pgettext_lazy("jamak", "nomor antrean")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["office", "day", "letter", "number"], name="ticket_number_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter}-{self.number:03d}"


class StageRun(models.Model):
    """One stage of a visit: session, start, end and result."""

    class Result(models.TextChoices):
        DONE = "done", _("selesai")
        INCOMPLETE = "incomplete", _("berkas kurang")
        ABANDONED = "abandoned", _("terhenti")

    visit = models.ForeignKey(
        Visit,
        on_delete=models.PROTECT,
        related_name="stage_runs",
        verbose_name=_("kunjungan"),
    )
    stage = models.CharField(_("tahap"), max_length=20, choices=Stage.choices)
    session = models.ForeignKey(
        CounterSession,
        on_delete=models.PROTECT,
        related_name="stage_runs",
        verbose_name=_("tugas loket"),
    )
    started_at = models.DateTimeField(_("mulai"))
    ended_at = models.DateTimeField(_("selesai"), null=True, blank=True)
    result = models.CharField(_("hasil"), max_length=12, choices=Result.choices, blank=True)
    is_rework = models.BooleanField(_("diulang"), default=False)

    class Meta:
        verbose_name = _("tahap kunjungan")
        verbose_name_plural = pgettext_lazy("jamak", "tahap kunjungan")
        ordering: ClassVar = ["started_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["visit"], condition=Q(ended_at__isnull=True), name="stage_run_one_at_a_time"
            ),
            models.CheckConstraint(
                name="stage_run_ends_with_a_result",
                condition=Q(ended_at__isnull=True, result="")
                | (Q(ended_at__isnull=False) & ~Q(result="")),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
