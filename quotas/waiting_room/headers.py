"""Request headers of bookings."""

from typing import Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

KEY_HEADER: Final = "Idempotency-Key"
KEY_PARAMETER: Final = OpenApiParameter(
    KEY_HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="1 to 64 signs of your choice. The same key with the same body gives the same answer.",
)
ROOM_HEADER: Final = "Room-Ticket"
ROOM_PARAMETER: Final = OpenApiParameter(
    ROOM_HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ticket of `windows/{window}/room/`, where the slot's window opens through a waiting room.",
)


def room_tickets(request: Request) -> list[str]:
    """Return the waiting-room ticket of the request, or an empty list."""
    ticket = request.headers.get(ROOM_HEADER, "")
    return [ticket] if ticket else []
