"""Bookings: who may book, and the only code that inserts a booking.

The first feature of this app in the layout by feature. Modules of `booking.services` import `booking.bookings.services`
as a module, not names from it: it imports one of theirs, and `booking/services/__init__.py` imports them all.
"""
