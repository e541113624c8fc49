"""Everything that writes in this room, a file for each noun."""

from offices.services.days import ensure_holidays, seed_holidays
from offices.services.switches import resume_bookings, stop_bookings

__all__ = ["ensure_holidays", "resume_bookings", "seed_holidays", "stop_bookings"]
