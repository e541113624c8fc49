"""Law 3 in the database: an hour that a closure leaves to some services is taken for none but them."""

from typing import ClassVar

from django.db import migrations

# At the end of the transaction, for a place is taken before the booking that holds it is written. Places that
# everyone may have are not looked at: the condition costs them nothing.
WATCH = r"""
CREATE FUNCTION place_is_for_the_service() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM quotas_slot slot
     WHERE slot.id = NEW.slot_id
       AND (EXISTS (SELECT FROM booking_booking taker
                     WHERE taker.id = NEW.holder AND taker.service_type_id <> ALL (slot.only_services))
         OR EXISTS (SELECT FROM booking_offer offer JOIN booking_waitinglistentry entry ON entry.id = offer.entry_id
                     WHERE offer.id = NEW.holder AND entry.service_type_id <> ALL (slot.only_services)))) THEN
    RAISE EXCEPTION 'place % is for other services', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'place_is_for_the_service';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER place_is_for_the_service AFTER INSERT OR UPDATE OF holder, slot_id ON quotas_place
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.is_limited AND NEW.holder IS NOT NULL)
  EXECUTE FUNCTION place_is_for_the_service();
"""
FORGET = """
DROP TRIGGER place_is_for_the_service ON quotas_place;
DROP FUNCTION place_is_for_the_service;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("booking", "0090_ids_in_order_of_time"),
        ("quotas", "0095_limited_hours"),
    ]

    operations: ClassVar = [migrations.RunSQL(WATCH, FORGET)]
