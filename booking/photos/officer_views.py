"""The officer's view of a document's photo."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from booking.bookings.models import Booking
from booking.files.views import download
from booking.photos.selectors import photo_file_of_booking
from offices.officer import OfficerContext, officer_view, owned_by
from offices.permissions import Right


@officer_view(reads=Right.SERVE_COUNTER, owner=owned_by(Booking, "booking_id"))
def photo(
    request: HttpRequest, officer: OfficerContext, booking_id: UUID, document: str
) -> HttpResponse:
    """Return the photo of a document that the person of a booking sent. Raises NotFound."""
    file = photo_file_of_booking(booking_id, document, now=officer.now)
    return download(file, shows_picture=True)
