"""What the laws say of missed hours and contested numbers, as statements that return what breaks them."""

from typing import Final

# Law 3: whoever is restricted after a missed hour books nothing online.
BOOKED_WHILE_RESTRICTED: Final = """
SELECT 'booking ' || b.id FROM booking_restriction r
  JOIN booking_booking b ON b.person_key = r.person_key AND b.via = 'first_come'
  JOIN booking_bookingevent e ON e.booking_id = b.id AND e.kind = 'made'
 WHERE e.at > r.made_at AND e.at < least(r.until_at, coalesce(r.lifted_at, r.until_at))
"""
# Law 5: nothing but a document that somebody saw takes a booking from its holder.
RELEASED_WITHOUT_EVIDENCE: Final = """
SELECT 'contest ' || c.id FROM booking_contest c JOIN booking_booking b ON b.id = c.booking_id
 WHERE c.status = 'released' AND (b.status <> 'cancelled' OR btrim(c.evidence) = '')
"""
