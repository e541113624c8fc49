"""What every booking of a release minute names is no longer locked by each of them; the laws stay in the database.

A foreign key locks the row it refers to until its transaction ends, and where several lock one row at a time,
PostgreSQL has to note who they are. All bookings of the nation name the same few services, all of an office its row.

* The slot and the office are one key: a booking is of the office of its slot, which nothing held before.
* The place is held by `booking_holds_its_place` already; the plain key beside it said less.
* The service is looked for without a lock, and whoever would delete one waits for all who are booking, and looks
  for bookings.
"""

from typing import ClassVar

from django.db import migrations, models
from django.db.models.deletion import PROTECT

SLOT_AND_OFFICE = """
ALTER TABLE booking_booking
  ADD CONSTRAINT booking_is_of_its_slots_office FOREIGN KEY (slot_id, office_id)
  REFERENCES quotas_slot (id, office_id) DEFERRABLE INITIALLY DEFERRED
"""
SLOT_ALONE = "ALTER TABLE booking_booking DROP CONSTRAINT booking_is_of_its_slots_office"

SERVICE = """
CREATE FUNCTION booking_service_is_there() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM offices_servicetype WHERE id = NEW.service_type_id) THEN
    RAISE foreign_key_violation USING MESSAGE = 'a booking is for a service that is not there',
      CONSTRAINT = 'booking_service_is_there', TABLE = 'booking_booking';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER booking_service_is_there AFTER INSERT OR UPDATE OF service_type_id ON booking_booking
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION booking_service_is_there();

CREATE FUNCTION service_has_no_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Whoever is booking ends first, whoever begins waits: nobody's booking is overlooked.
  LOCK TABLE booking_booking IN SHARE ROW EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM booking_booking WHERE service_type_id = OLD.id) THEN
    RAISE foreign_key_violation USING MESSAGE = 'a service that has bookings cannot go',
      CONSTRAINT = 'service_has_no_bookings', TABLE = 'offices_servicetype';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER service_has_no_bookings AFTER DELETE OR UPDATE OF id ON offices_servicetype
  FOR EACH ROW EXECUTE FUNCTION service_has_no_bookings();
"""
NO_SERVICE = """
DROP TRIGGER service_has_no_bookings ON offices_servicetype;
DROP FUNCTION service_has_no_bookings();
DROP TRIGGER booking_service_is_there ON booking_booking;
DROP FUNCTION booking_service_is_there();
"""


def key(to: str, name: str, **given: object) -> models.ForeignKey:
    return models.ForeignKey(to, on_delete=PROTECT, db_constraint=False, verbose_name=name, **given)


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("booking", "0097_full_is_an_answer"),
        ("offices", "0060_staffing"),
        ("quotas", "0097_slot_and_its_office"),
    ]
    operations: ClassVar = [
        migrations.RunSQL(SLOT_AND_OFFICE, SLOT_ALONE),
        migrations.RunSQL(SERVICE, NO_SERVICE),
        migrations.AlterField(
            "booking",
            "office",
            key("offices.office", "kantor", db_index=False, related_name="bookings"),
        ),
        migrations.AlterField(
            "booking",
            "place",
            key("quotas.place", "tempat", blank=True, null=True, related_name="bookings"),
        ),
        migrations.AlterField(
            "booking", "service_type", key("offices.servicetype", "jenis layanan", db_index=False)
        ),
        migrations.AlterField(
            "booking", "slot", key("quotas.slot", "sesi", related_name="bookings")
        ),
    ]
