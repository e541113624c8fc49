"""What closures leave to some services is taken for them alone, and what they close is not offered."""

from typing import Final

from quotas.models import is_free, place_sql

# An hour that a closure leaves to some services is never anybody else's, whatever the way to it.
TAKEN_FOR_ANOTHER: Final = """
SELECT 'booking ' || b.id FROM booking_booking b JOIN quotas_slot s ON s.id = b.slot_id
 WHERE s.only_services <> '{}' AND b.service_type_id <> ALL(s.only_services)
"""
# The database looks at marked places only, so the mark has to be true.
MARKED_WRONGLY: Final = """
SELECT 'place ' || p.id FROM quotas_place p JOIN quotas_slot s ON s.id = p.slot_id
 WHERE p.is_limited <> (s.only_services <> '{}')
"""
# Whole days of a whole office. An hour that was over before the closure was written is not its own, nor is the evening
# that is added after closing for those whom the day could not serve.
OFFERED_WHILE_CLOSED: Final = f"""
SELECT 'place ' || p.id
  FROM offices_closure c
  JOIN quotas_slot s ON s.office_id = c.office_id AND s.day >= c.first_day AND s.day <= coalesce(c.last_day, s.day)
  JOIN quotas_place p ON p.slot_id = s.id AND {place_sql(is_free(), table="p")}
 WHERE c.lifted_at IS NULL AND c.from_time IS NULL AND c.hall_id IS NULL AND c.lane_id IS NULL
   AND s.ends_at > c.made_at
   AND EXISTS (SELECT FROM offices_openinghours h JOIN offices_office o ON o.id = h.office_id
                WHERE h.office_id = c.office_id AND h.weekday = extract(isodow FROM s.day)
                  AND h.valid_from <= s.day AND (h.valid_until IS NULL OR h.valid_until >= s.day)
                  AND (s.starts_at AT TIME ZONE o.time_zone)::time < h.closes)
   AND NOT EXISTS (SELECT FROM offices_closure_open_lanes l WHERE l.closure_id = c.id AND l.lane_id = s.lane_id)
   AND (s.only_services = '{{}}' OR EXISTS (
         SELECT FROM unnest(s.only_services) AS own (id)
          WHERE NOT EXISTS (SELECT FROM offices_closure_open_services o
                             WHERE o.closure_id = c.id AND o.servicetype_id = own.id)))
"""  # noqa: S608 - no input in it
LAWS: Final = (TAKEN_FOR_ANOTHER, MARKED_WRONGLY, OFFERED_WHILE_CLOSED)
