"""Requests about personal data in the evidence report: numbers only."""

from datetime import date, datetime

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from offices.directory.models import Office
from privacy.requests.models import DataRequest, RequestStatus
from reports.evidence.sections import SECTIONS, Section, plain


def requests_section(office: Office, first: date, last: date, now: datetime) -> Section:
    """Count the requests that an office received in a span of days, and how they were answered."""
    begins = office.at(first, datetime.min.time())
    ends = office.at(last, datetime.max.time())
    in_time = Q(answered_at__isnull=False, answered_at__lte=F("due_at"))
    late = Q(answered_at__gt=F("due_at")) | Q(
        answered_at__isnull=True, status=RequestStatus.OPEN, due_at__lt=now
    )
    rows = (
        DataRequest.objects.filter(office=office, made_at__range=(begins, ends))
        .values("kind")
        .annotate(
            n=Count("pk"),
            done=Count("pk", filter=Q(status=RequestStatus.DONE)),
            refused=Count("pk", filter=Q(status=RequestStatus.REFUSED)),
            in_time=Count("pk", filter=in_time),
            late=Count("pk", filter=late),
        )
        .order_by("kind")
    )
    return Section(
        code="data_requests",
        title=_("Permintaan tentang data pribadi"),
        columns=[
            _("Permintaan"),
            _("Diterima"),
            _("Dipenuhi"),
            _("Ditolak"),
            _("Dijawab tepat waktu"),
            _("Terlambat"),
        ],
        rows=[
            [
                str(DataRequest.Kind(row["kind"]).label).capitalize(),
                *(plain(row[name]) for name in ("n", "done", "refused", "in_time", "late")),
            ]
            for row in rows
        ],
        note=_("Jawaban paling lambat 3 × 24 jam (UU 27/2022)."),
    )


SECTIONS["data_requests"] = requests_section
