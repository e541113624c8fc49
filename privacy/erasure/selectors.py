"""Which people and accounts are no longer needed, and what prevents an erasure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.bookings.models import Booking
from booking.integrity.models import Contest, ContestStatus
from booking.lottery.models import DrawMember
from booking.payments.models import PaymentCase
from booking.people.models import Applicant
from booking.restrictions.models import Restriction
from booking.statuses import LIVE
from booking.waiting_list.models import WaitingMember
from core.clock import machine_time
from counters.production.models import BookStatus, PassportBook
from counters.visits.models import UNFINISHED, Visit

IN_PRODUCTION: Final = (
    BookStatus.ORDERED,
    BookStatus.PRINTED,
    BookStatus.CHECKED,
    BookStatus.READY,
)
# What must end before a person can be erased, as a sentence for that person.
OBSTACLES: Final = {
    "booking": _(
        "Masih ada jadwal yang berlaku. Batalkan jadwalnya, atau tunggu sampai kunjungan selesai."
    ),
    "passport": _("Masih ada paspor yang sedang dikerjakan atau belum diambil."),
    "waiting": _("Masih ada yang menunggu di daftar tunggu. Berhentilah menunggu lebih dulu."),
    "draw": _("Masih ada keikutsertaan dalam undian yang belum diadakan. Batalkan lebih dulu."),
    "restriction": _(
        "Masih ada pembatasan karena tidak hadir. Data dapat dihapus setelah pembatasan berakhir."
    ),
    "payment": _("Masih ada pembayaran yang belum diputuskan petugas."),
    "contest": _("Masih ada sengketa nomor identitas yang belum diputus."),
}


def unused_people(before: datetime) -> QuerySet[Any]:
    """People added before a time, not used since, with nothing unfinished, and not yet erased."""
    rows = Applicant.objects.filter(
        erased_at__isnull=True, restricted_at__isnull=True, created_at__lt=before
    )
    for needed in (*_unfinished(OuterRef("pk"), now=before).values(), *_used_since(before)):
        rows = rows.filter(~Exists(needed))
    return rows


def unused_identity_numbers(before: datetime) -> QuerySet[Any]:
    """People in nobody's list, unused since a time, whose number is still stored."""
    unlisted = Q(removed_at__lt=before) | Q(account__isnull=True)
    return unused_people(before).filter(unlisted).exclude(identity_number="")


def unused_accounts(before: datetime) -> QuerySet[Any]:
    """Applicants' accounts without a sign-in since a time, and without a person that is still stored."""
    people = Applicant.objects.filter(account=OuterRef("pk"), erased_at__isnull=True)
    rows = User.objects.filter(~Exists(people), is_staff=False, is_superuser=False)
    rows = rows.annotate(used_at=Coalesce(F("last_login"), F("joined_at")))
    return rows.filter(used_at__lt=machine_time(before), erased_at__isnull=True)


def obstacles(applicant_ids: Sequence[int], *, now: datetime) -> list[str]:
    """Return the codes of what must end before these people can be erased."""
    of_people = Applicant.objects.filter(pk__in=applicant_ids).values("pk")
    return [code for code, rows in _unfinished(of_people, now=now).items() if rows.exists()]


def _unfinished(people: Any, *, now: datetime) -> dict[str, QuerySet[Any]]:
    """Rows of these people that are not finished, by obstacle."""
    return {
        "booking": Booking.objects.filter(
            Q(status__in=LIVE) | Q(visits__status__in=UNFINISHED), applicant__in=people
        ),
        "passport": PassportBook.objects.filter(status__in=IN_PRODUCTION, applicant__in=people),
        "payment": PaymentCase.objects.filter(
            resolved_at__isnull=True, bill__booking__applicant__in=people
        ),
        "waiting": WaitingMember.objects.filter(left_at__isnull=True, applicant__in=people),
        "draw": DrawMember.objects.filter(
            left_at__isnull=True, draw__drawn_at__isnull=True, applicant__in=people
        ),
        "restriction": Restriction.objects.filter(
            lifted_at__isnull=True, until_at__gte=now, applicant__in=people
        ),
        "contest": Contest.objects.filter(status=ContestStatus.OPEN, applicant__in=people),
    }


def _used_since(moment: datetime) -> list[QuerySet[Any]]:
    """Rows of an outer person that show a use since a time."""
    person = OuterRef("pk")
    return [
        Booking.objects.filter(
            Q(placed_at__gte=moment) | Q(slot__ends_at__gte=moment), applicant=person
        ),
        Visit.objects.filter(ended_at__gte=moment, booking__applicant=person),
        PassportBook.objects.filter(pickup__at__gte=moment, applicant=person),
        Contest.objects.filter(decided_at__gte=moment, applicant=person),
    ]
