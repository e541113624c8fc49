"""Law 2: no person has two live bookings."""

from typing import Final

from ops.verification.law import Law

# Law 2: nobody is on the waiting list of an office twice.
WAITS_TWICE: Final = """
SELECT 'waiting entry ' || min(entry_id) FROM booking_waitingmember WHERE left_at IS NULL
 GROUP BY office_id, person_key HAVING count(*) > 1
"""
LAW_2: Final = Law(
    2,
    "No person has two live bookings",
    "SELECT count(*) FROM booking_booking",
    (
        """
            SELECT 'booking ' || min(id::text) FROM booking_booking WHERE status = ANY(%(live)s)
             GROUP BY person_key HAVING count(*) > 1
            """,
        """
            SELECT 'booking ' || b.id FROM booking_booking b JOIN booking_applicant a ON a.id = b.applicant_id
             WHERE b.status = ANY(%(live)s) AND a.person_key <> b.person_key
            """,
        WAITS_TWICE,
    ),
)
