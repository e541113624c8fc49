"""Law 7: one officer serves one visit at a time."""

from typing import Final

from ops.verification.law import Law

LAW_7: Final = Law(
    7,
    "One officer serves one visit at a time, and a ticket is given once",
    "SELECT (SELECT count(*) FROM counters_visit) + (SELECT count(*) FROM counters_stagerun)",
    (
        """
            SELECT 'session ' || session_id FROM counters_visit
             WHERE status = ANY(%(at_a_counter)s) GROUP BY session_id HAVING count(*) > 1 OR session_id IS NULL
            """,
        """
            SELECT 'visit ' || v.id FROM counters_visit v JOIN counters_countersession c ON c.id = v.session_id
             WHERE v.status = ANY(%(at_a_counter)s) AND c.closed_at IS NOT NULL
            """,
        """
            SELECT 'session ' || min(id) FROM counters_countersession WHERE closed_at IS NULL
             GROUP BY officer_id HAVING count(*) > 1
            """,
        """
            SELECT 'session ' || min(id) FROM counters_countersession WHERE closed_at IS NULL
             GROUP BY counter_id HAVING count(*) > 1
            """,
        """
            SELECT 'stage run ' || x.id FROM (
              SELECT id, started_at,
                     max(coalesce(ended_at, 'infinity')) OVER (PARTITION BY session_id ORDER BY started_at, id
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS officer_busy_until,
                     max(coalesce(ended_at, 'infinity')) OVER (PARTITION BY visit_id ORDER BY started_at, id
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS visit_busy_until
                FROM counters_stagerun) x
             WHERE x.started_at < x.officer_busy_until OR x.started_at < x.visit_busy_until
            """,
        """
            SELECT 'ticket ' || min(id) FROM counters_ticket
             GROUP BY office_id, day, letter, number HAVING count(*) > 1
            """,
        """
            SELECT 'visit ' || v.id FROM counters_visit v
             WHERE (SELECT count(*) FROM counters_ticket t WHERE t.visit_id = v.id) <> 1
            """,
    ),
)
