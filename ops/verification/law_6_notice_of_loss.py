"""Law 6: nobody loses a place without a notice and alternatives."""

from typing import Final

from ops.verification.law import Law

# Law 6: an expired offer had a message, and so has every end that the person did not choose.
UNNOTIFIED: Final = (
    """
    SELECT 'offer ' || o.id FROM booking_offer o
     WHERE o.status = 'expired' AND NOT EXISTS (
       SELECT FROM notices_message m WHERE m.dedupe_key = 'waiting_offer:' || o.id)
    """,
    """
    SELECT 'offer ' || o.id FROM booking_offer o
     WHERE o.status IN ('expired', 'withdrawn') AND o.notified_at IS NOT NULL AND NOT EXISTS (
       SELECT FROM notices_message m WHERE m.about_type = 'waiting_entry' AND m.about_id = o.entry_id::text
          AND m.created_at >= o.answered_at)
    """,
    """
    SELECT 'waiting entry ' || w.id FROM booking_waitinglistentry w
     WHERE w.status IN ('used_up', 'booked', 'changed', 'lapsed') AND NOT EXISTS (
       SELECT FROM notices_message m WHERE m.dedupe_key = 'waiting_ended:' || w.id)
    """,
)
LAW_6: Final = Law(
    6,
    "Nobody loses a place without a notice and a way on",
    "SELECT count(*) FROM booking_bookingevent WHERE new IN ('cancelled', 'displaced')",
    (
        """
            SELECT 'booking ' || b.id
              FROM booking_bookingevent e JOIN booking_booking b ON b.id = e.booking_id
             WHERE e.new = 'cancelled' AND e.old <> e.new
               AND b.account_id IS NOT NULL AND e.by_id IS DISTINCT FROM b.account_id
               AND NOT EXISTS (SELECT FROM notices_message m
                                WHERE m.about_type = 'booking' AND m.about_id = b.id::text
                                  AND m.kind IN ('booking_cancelled', 'booking_released') AND m.created_at >= e.at)
            """,
        # One message is for a whole party, so it may be about another of its bookings.
        """
            SELECT 'booking ' || b.id
              FROM booking_bookingevent e JOIN booking_booking b ON b.id = e.booking_id
             WHERE e.new = 'displaced' AND e.old <> e.new AND b.account_id IS NOT NULL
               AND NOT EXISTS (SELECT FROM notices_message m
                                 JOIN booking_booking member ON member.id::text = m.about_id
                                WHERE m.about_type = 'booking' AND member.party_id = b.party_id
                                  AND m.kind IN ('booking_moved', 'booking_displaced') AND m.created_at >= e.at)
            """,
        *UNNOTIFIED,
        # Alternatives: a move by the office that waits for an answer or for a place.
        """
            SELECT 'booking ' || b.id FROM booking_booking b
             WHERE (b.status = 'displaced' OR b.via = 'moved_by_office')
               AND NOT EXISTS (SELECT FROM booking_displacedbooking d WHERE d.booking_id = b.id)
            """,
        """
            SELECT 'booking ' || b.id FROM booking_booking b
             WHERE b.status = 'displaced'
               AND NOT EXISTS (SELECT FROM booking_displacedbooking d
                                 JOIN booking_displacement m ON m.id = d.displacement_id
                                WHERE d.booking_id = b.id AND d.answered_at IS NULL AND m.placed_at IS NULL)
            """,
        """
            SELECT 'closure ' || c.id FROM offices_closure c JOIN booking_booking b ON b.office_id = c.office_id
              JOIN quotas_place p ON p.id = b.place_id AND p.closure_id = c.id
             WHERE c.moved_at IS NOT NULL AND b.status = 'booked'
               AND NOT EXISTS (SELECT FROM offices_closure_open_services s
                                WHERE s.closure_id = c.id AND s.servicetype_id = b.service_type_id)
            """,
    ),
)
