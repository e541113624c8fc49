"""Bookings are inserted by `booking.bookings.services` only; the functions that also did, and their rules, go."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("booking", "0098_parents_unlocked")]
    operations: ClassVar = [
        migrations.RunSQL("DROP FUNCTION booking_book_one", migrations.RunSQL.noop),
        migrations.RunSQL("DROP FUNCTION booking_take_one", migrations.RunSQL.noop),
    ]
