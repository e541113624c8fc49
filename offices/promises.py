"""What the service promises, and the grace periods around a visit. Pure: no database, no clock."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

# A visit is finished this long after check-in (ISO 9001 standard of the offices).
VISIT_TIME: Final = timedelta(hours=2)
# From here a running visit is shown as at risk.
AT_RISK_FROM: Final = timedelta(minutes=90)
# The share of visits that must be finished in time.
SHARE_IN_TIME: Final = 0.95
# An applicant may arrive this long before the booked time; who comes earlier is called after the others.
EARLY_ARRIVAL: Final = timedelta(minutes=15)
# A supervisor answers an objection or an appeal within this time, as for requests about personal data (UU 27/2022).
ANSWER_OBJECTION: Final = timedelta(hours=72)
# An office answers a complaint within this time (UU 25/2009, section 44).
ANSWER_COMPLAINT: Final = timedelta(days=14)
# A signal of brokers is reviewed within this time. It changes nothing by itself.
REVIEW_SIGNAL: Final = timedelta(days=7)


class Outcome(StrEnum):
    """What became of one visit or passport. The first three decide how often a promise was kept."""

    KEPT = "kept"
    LATE = "late"
    UNSERVED = "unserved"
    OPEN = "open"
    LEFT = "left"
    SENT_HOME = "sent_home"
    REFUSED = "refused"
