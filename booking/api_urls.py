"""The app's part of the API."""

from booking.bookings import urls as bookings_urls
from booking.lottery import urls as lottery_urls
from booking.people import urls as people_urls
from booking.waiting_list import urls as waiting_list_urls

urlpatterns = [
    *people_urls.api_urlpatterns,
    *bookings_urls.api_urlpatterns,
    *lottery_urls.api_urlpatterns,
    *waiting_list_urls.api_urlpatterns,
]
