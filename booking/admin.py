"""Imports the admin classes of every feature for Django."""

from booking.bookings import admin as bookings
from booking.reminders import admin as reminders
from booking.waiting_list import admin as waiting_list
