"""Law 4: a window is released once."""

from typing import Final

from ops.verification.law import Law

LAW_4: Final = Law(
    4,
    "A window is released once",
    "SELECT count(*) FROM quotas_releasewindow",
    (
        """
            SELECT 'window ' || min(id) FROM quotas_releasewindow
             GROUP BY rule_id, office_id, first_day, tranche HAVING count(*) > 1
            """,
        "SELECT 'window ' || id FROM quotas_releasewindow WHERE announced_at < opens_at",
        # Admission only moves forward, and never faster than its rate.
        """
            SELECT 'room ' || x.room_id FROM (
              SELECT mark.room_id, mark.watermark, lag(mark.watermark) OVER marks AS before,
                     lag(mark.rate) OVER marks AS rate, lag(mark.since) OVER marks AS since_before, mark.since
                FROM quotas_roommark mark WINDOW marks AS (PARTITION BY mark.room_id ORDER BY mark.since)) x
             WHERE x.watermark < x.before
                OR x.watermark > x.before + x.rate * extract(epoch FROM x.since - x.since_before) + 1
            """,
        """
            SELECT 'room ' || room.id FROM quotas_waitingroom room JOIN quotas_releasewindow win ON win.id = room.window_id
             WHERE room.prepared_at >= win.opens_at OR room.ended_at < win.opens_at
            """,
        """
            SELECT 'window ' || about_id FROM notices_message WHERE kind = 'window_opened'
             GROUP BY about_id, address HAVING count(*) > 1
            """,
        """
            SELECT 'place ' || min(id) FROM quotas_place
             GROUP BY made_in_slot_id, number HAVING count(*) > 1
            """,
        """
            SELECT 'slot ' || min(id) FROM quotas_slot
             GROUP BY office_id, lane_id, group_id, starts_at, ends_at, only_services HAVING count(*) > 1
            """,
    ),
)
