"""Law 8: a passport is handed over once, to someone with a right to it."""

from typing import Final

from ops.verification.law import Law

LAW_8: Final = Law(
    8,
    "A passport is handed over once, to someone with a recorded right to it",
    "SELECT count(*) FROM counters_passportbook",
    (
        """
            SELECT 'book ' || b.id FROM counters_passportbook b
             WHERE (SELECT count(*) FROM counters_pickup p WHERE p.book_id = b.id)
                   <> CASE WHEN b.status = 'handed_over' THEN 1 ELSE 0 END
            """,
        """
            SELECT 'book ' || book_id FROM counters_bookevent WHERE new = 'handed_over'
             GROUP BY book_id HAVING count(*) > 1
            """,
        """
            SELECT 'book ' || book_id FROM counters_pickup
             WHERE btrim(collector_name) = '' OR btrim(evidence) = '' OR "right" <> ALL(%(rights)s)
            """,
        # The booklet that was scanned is the one that was printed for this person.
        """
            SELECT 'book ' || p.book_id FROM counters_pickup p
              JOIN counters_passportbook b ON b.id = p.book_id
             WHERE p.book_number <> b.book_number
            """,
    ),
)
