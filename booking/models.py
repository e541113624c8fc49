"""Imports the models of every feature for Django."""

from booking.applications import models as applications
from booking.bookings import models as bookings
from booking.files import models as files
from booking.integrity import models as integrity
from booking.lottery import models as lottery
from booking.objections import models as objections
from booking.payments import models as payments
from booking.people import models as people
from booking.photos import models as photos
from booking.refusals import models as refusals
from booking.reminders import models as reminders
from booking.restrictions import models as restrictions
from booking.waiting_list import models as waiting_list
