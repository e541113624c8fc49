"""What the laws say of the waiting list, as statements that return what breaks them. See `verification`."""

from typing import Final

# The right of the waiting list: an offer of this place, accepted at this moment.
BY_OFFER: Final = """EXISTS (
  SELECT FROM booking_offerplace op JOIN booking_offer o ON o.id = op.offer_id
   WHERE op.place_id = e.place_to_id AND o.status = 'accepted' AND o.answered_at = e.at)"""

# Law 1: whose place is no booking's is an open offer's; it has one for each of its people, all of one hour.
HELD_BY_OFFER: Final = """EXISTS (
  SELECT FROM booking_offerplace op JOIN booking_offer o ON o.id = op.offer_id
   WHERE op.place_id = p.id AND o.id = p.holder AND o.status = 'open')"""
HOLDS: Final = """
SELECT 'offer ' || o.id FROM booking_offer o JOIN booking_waitinglistentry w ON w.id = o.entry_id
 WHERE (SELECT count(*) FROM booking_offerplace op JOIN quotas_place p ON p.id = op.place_id
         WHERE op.offer_id = o.id AND op.holder = o.id AND p.holder = o.id AND p.slot_id = o.slot_id)
       <> CASE WHEN o.status = 'open' THEN w.size ELSE 0 END
"""
# Law 2: nobody waits twice at an office.
WAITS_TWICE: Final = """
SELECT 'waiting entry ' || min(entry_id) FROM booking_waitingmember WHERE left_at IS NULL
 GROUP BY office_id, person_key HAVING count(*) > 1
"""
# Law 3: whoever has an hour by the waiting list accepted an offer of that very place.
WITHOUT_RIGHT: Final = f"""
SELECT 'booking ' || b.id FROM booking_booking b
 WHERE b.via = 'waiting_list' AND NOT EXISTS (
   SELECT FROM booking_bookingevent e WHERE e.booking_id = b.id AND {BY_OFFER})
"""  # noqa: S608 - our own text
# Law 6: an offer ends unanswered only after it was told, and an end that nobody chose is told.
UNTOLD: Final = (
    """
    SELECT 'offer ' || o.id FROM booking_offer o
     WHERE o.status = 'expired' AND NOT EXISTS (
       SELECT FROM notices_message m WHERE m.dedupe_key = 'waiting_offer:' || o.id)
    """,
    """
    SELECT 'offer ' || o.id FROM booking_offer o
     WHERE o.status IN ('expired', 'withdrawn') AND o.told_at IS NOT NULL AND NOT EXISTS (
       SELECT FROM notices_message m WHERE m.about_type = 'waiting_entry' AND m.about_id = o.entry_id::text
          AND m.created_at >= o.answered_at)
    """,
    """
    SELECT 'waiting entry ' || w.id FROM booking_waitinglistentry w
     WHERE w.status IN ('used_up', 'booked', 'changed', 'lapsed') AND NOT EXISTS (
       SELECT FROM notices_message m WHERE m.dedupe_key = 'waiting_ended:' || w.id)
    """,
)
