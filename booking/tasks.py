"""Imports the tasks of every feature for Celery."""

from booking.bookings import tasks as bookings
from booking.closures import tasks as closures
from booking.holidays import tasks as holidays
from booking.integrity import tasks as integrity
from booking.lottery import tasks as lottery
from booking.settlement import tasks as settlement
