"""Law 3: a place is taken by a right, while its window is open."""

from typing import Final

from offices.limits.models import RebookingRule
from ops.verification.law import Law
from quotas.places.models import is_free, place_sql

# By the waiting list: an offer of this place, accepted at this time.
BY_OFFER: Final = """EXISTS (
  SELECT FROM booking_offerplace op JOIN booking_offer o ON o.id = op.offer_id
   WHERE op.place_id = e.place_to_id AND o.status = 'accepted' AND o.answered_at = e.at)"""
# By an officer, for a person at the office: also after the window closed, never before it opened.
# The applicant may have changed the booking since, so its way of booking says nothing; only an assisted booking has
# not been moved, and was made while its window was open.
AT_OFFICE: Final = "(b.via NOT IN ('desk', 'assisted') AND e.by_id IS DISTINCT FROM b.account_id)"
# Law 3: a booking from the waiting list accepted an offer of its place.
WITHOUT_RIGHT: Final = f"""
SELECT 'booking ' || b.id FROM booking_booking b
 WHERE b.via = 'waiting_list' AND NOT EXISTS (
   SELECT FROM booking_bookingevent e WHERE e.booking_id = b.id AND {BY_OFFER})
"""  # noqa: S608 - our own text

# A slot limited to some services by a closure has bookings of no other.
TAKEN_FOR_ANOTHER: Final = """
SELECT 'booking ' || b.id FROM booking_booking b JOIN quotas_slot s ON s.id = b.slot_id
 WHERE s.only_services <> '{}' AND b.service_type_id <> ALL(s.only_services)
"""
# The trigger checks marked places only, so the mark must be right.
MARKED_WRONGLY: Final = """
SELECT 'place ' || p.id FROM quotas_place p JOIN quotas_slot s ON s.id = p.slot_id
 WHERE p.is_limited <> (s.only_services <> '{}')
"""
# Whole days of a whole office. Excludes slots that were over before the closure was written, and evening
# slots added after closing time for people not served that day.
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
CLOSURES: Final = (TAKEN_FOR_ANOTHER, MARKED_WRONGLY, OFFERED_WHILE_CLOSED)

# Law 3: people who are restricted after a no-show book nothing online, and nobody does it for them.
BOOKED_WHILE_RESTRICTED: Final = """
SELECT 'booking ' || b.id FROM booking_restriction r
  JOIN booking_booking b ON b.person_key = r.person_key AND b.via IN ('first_come', 'assisted')
  JOIN booking_bookingevent e ON e.booking_id = b.id AND e.kind = 'made'
 WHERE e.at > r.made_at AND e.at < least(r.until_at, coalesce(r.lifted_at, r.until_at))
"""
# Law 3: nobody books again more often than the rebooking rule allows. Each counted booking is marked when it is
# made. Bookings of the rule's first day are left out: a rule may have come into force during that day.
REBOOKED_TOO_OFTEN: Final = """
SELECT 'booking ' || b.id
  FROM booking_booking b
  JOIN booking_party made ON made.id = b.party_id
  JOIN booking_bookingevent e ON e.booking_id = b.id AND e.kind = 'made'
  JOIN quotas_place p ON p.id = e.place_to_id
  JOIN quotas_slot s ON s.id = p.slot_id
  JOIN offices_office o ON o.id = s.office_id
  LEFT JOIN LATERAL (
    SELECT r.* FROM offices_rebookingrule r
     WHERE (r.office_id = o.id OR (r.office_id IS NULL AND (r.region_id = o.region_id OR r.region_id IS NULL)))
       AND (e.at AT TIME ZONE o.time_zone)::date BETWEEN r.valid_from AND coalesce(r.valid_until, 'infinity')
     ORDER BY r.office_id IS NULL, r.region_id IS NULL LIMIT 1) rule ON true
 WHERE b.{mark} AND (rule.id IS NULL OR (e.at AT TIME ZONE o.time_zone)::date > rule.valid_from)
   AND (SELECT count(*) FROM booking_booking other JOIN booking_party before ON before.id = other.party_id
         WHERE other.{subject} = b.{subject} AND other.{mark}
           AND (other.status <> 'cancelled' OR other.own_cancelled_at IS NOT NULL)
           AND before.created_at <= made.created_at
           AND before.created_at > made.created_at - make_interval(hours => coalesce(rule.within_hours, {hours})))
       > CASE WHEN rule.id IS NULL THEN {default} ELSE rule.{limit} END
"""
DEFAULT: Final = RebookingRule()
REBOOKED: Final = tuple(
    REBOOKED_TOO_OFTEN.format(
        mark=mark, subject=subject, limit=limit, default=default, hours=DEFAULT.within_hours
    )
    for mark, subject, limit, default in (
        ("after_person_cancelled", "person_key", "per_person", DEFAULT.per_person),
        ("after_account_cancelled", "account_id", "per_account", DEFAULT.per_account),
    )
)
LAW_3: Final = Law(
    3,
    "Places are taken only while their window is open, and by who has a right to",
    "SELECT count(*) FROM booking_bookingevent WHERE kind IN ('made', 'rescheduled')",
    (
        f"""
            SELECT 'booking ' || b.id
              FROM booking_bookingevent e
              JOIN booking_booking b ON b.id = e.booking_id
              JOIN quotas_place p ON p.id = e.place_to_id
             WHERE e.kind IN ('made', 'rescheduled') AND b.via <> 'moved_by_office'
               AND (e.at < p.opens_at OR (e.at >= p.closes_at AND NOT {BY_OFFER} AND NOT {AT_OFFICE}))
            """,  # noqa: S608
        WITHOUT_RIGHT,
        *CLOSURES,
        """
            SELECT 'booking ' || b.id
              FROM booking_booking b
              JOIN quotas_slot s ON s.id = b.slot_id
              JOIN offices_lane l ON l.code = s.lane_id
             WHERE (l.booked_at = 'desk' AND b.via <> 'desk') OR (l.booked_at = 'online' AND b.via = 'desk')
            """,
        """
            SELECT 'booking ' || b.id FROM booking_bookingevent e JOIN booking_booking b ON b.id = e.booking_id
             WHERE e.kind = 'made' AND e.by_id IS NULL
            """,
        BOOKED_WHILE_RESTRICTED,
        *REBOOKED,
    ),
)
