"""Law 1: a place has one holder."""

from typing import Final

from ops.verification.law import Law

# Law 1: the holder of a place is a booking or an open offer; an offer has one place for each person, all in one slot.
HELD_BY_OFFER: Final = """EXISTS (
  SELECT FROM booking_offerplace op JOIN booking_offer o ON o.id = op.offer_id
   WHERE op.place_id = p.id AND o.id = p.holder AND o.status = 'open')"""
HOLDS: Final = """
SELECT 'offer ' || o.id FROM booking_offer o JOIN booking_waitinglistentry w ON w.id = o.entry_id
 WHERE (SELECT count(*) FROM booking_offerplace op JOIN quotas_place p ON p.id = op.place_id
         WHERE op.offer_id = o.id AND op.holder = o.id AND p.holder = o.id AND p.slot_id = o.slot_id)
       <> CASE WHEN o.status = 'open' THEN w.size ELSE 0 END
"""


LAW_1: Final = Law(
    1,
    "A place has one holder, and a booking the place its status claims",
    "SELECT (SELECT count(*) FROM booking_booking)"
    " + (SELECT count(*) FROM quotas_place WHERE holder IS NOT NULL)",
    (
        """
            SELECT 'booking ' || b.id FROM booking_booking b LEFT JOIN quotas_place p ON p.id = b.place_id
             WHERE CASE WHEN b.status = ANY(%(with_place)s) THEN p.holder IS DISTINCT FROM b.id
                        ELSE b.place_id IS NOT NULL END
            """,
        f"""
            SELECT 'place ' || p.id FROM quotas_place p
             WHERE p.holder IS NOT NULL AND NOT {HELD_BY_OFFER}
               AND NOT EXISTS (SELECT FROM booking_booking b WHERE b.id = p.holder AND b.place_id = p.id)
            """,  # noqa: S608
        HOLDS,
        """
            SELECT 'place ' || place_id FROM booking_booking
             WHERE place_id IS NOT NULL GROUP BY place_id HAVING count(*) > 1
            """,
        """
            SELECT 'booking ' || b.id FROM booking_booking b JOIN quotas_place p ON p.id = b.place_id
             WHERE p.slot_id <> b.slot_id
            """,
    ),
)
