"""Law 1 in the database: a booking and the place it names as held name each other."""

from typing import ClassVar

from django.db import migrations

TIE = """
ALTER TABLE booking_booking
  ADD CONSTRAINT booking_holds_its_place FOREIGN KEY (place_id, id)
  REFERENCES quotas_place (id, holder) DEFERRABLE INITIALLY DEFERRED
"""
UNTIE = "ALTER TABLE booking_booking DROP CONSTRAINT booking_holds_its_place"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("booking", "0001_initial"), ("quotas", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(TIE, UNTIE)]
