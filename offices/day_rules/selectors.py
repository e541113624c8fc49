"""The day rule and hall limits in force."""

from datetime import date

from core.db import shared_read
from offices.day_rules.models import DayRule
from offices.directory.models import Office
from offices.ordered import from_far_to_near


@shared_read(times=10, has_text=False)
def day_rule_on(office: Office, day: date) -> DayRule:
    """Return the office's rule of the day; without a row one with the default values."""
    rows = from_far_to_near(DayRule, office, day)
    return rows[-1] if rows else DayRule()
