"""The last satisfaction index, on the public page of an office."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from booking.public.office_parts import OfficePart
from core.db import shared_read
from core.formats import month_year, number
from counters.survey.selectors import Satisfaction, satisfaction_by_month
from offices.directory.models import Office

MONTHS_BACK = 12


def satisfaction_part(office: Office, now: dt.datetime) -> OfficePart:
    """Return the index of the last complete month that has one, or say that there is none yet."""
    title = _("Indeks kepuasan")
    url = reverse("transparency:office", args=[office.code])
    row = last_index(office, office.local_day(now).replace(day=1))
    if row is None or row.index is None:
        text = _("belum ada bulan dengan cukup jawaban survei")
        return OfficePart(title=title, text=text, icon="heart", url=url)
    text = _("%(index)s (%(grade)s), dari %(answers)s jawaban survei pada %(month)s") % {
        "index": number(row.index, 2),
        "grade": row.grade,
        "answers": number(row.answers),
        "month": month_year(row.month),
    }
    return OfficePart(title=title, text=text, icon="heart", url=f"{url}?month={row.month:%Y-%m}")


@shared_read(times=300, has_text=False)
def last_index(office: Office, this_month: dt.date) -> Satisfaction | None:
    """Return the last month before this one with an index, of the last twelve."""
    first = (this_month - dt.timedelta(days=MONTHS_BACK * 30)).replace(day=1)
    rows = satisfaction_by_month([office], first, this_month - dt.timedelta(days=1))[office.pk]
    return next((row for row in reversed(rows) if row.index is not None), None)
