"""The app's part of the API."""

from quotas.calendar import urls as calendar_urls
from quotas.waiting_room import urls as waiting_room_urls

urlpatterns = [
    *calendar_urls.api_urlpatterns,
    *waiting_room_urls.api_urlpatterns,
]
