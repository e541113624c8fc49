"""The app's part of the API."""

from booking.applications import urls as applications_urls
from booking.bookings import urls as bookings_urls
from booking.closures import urls as closures_urls
from booking.integrity import urls as integrity_urls
from booking.lottery import urls as lottery_urls
from booking.people import urls as people_urls
from booking.restrictions import urls as restrictions_urls
from booking.settlement import urls as settlement_urls
from booking.waiting_list import urls as waiting_list_urls

urlpatterns = [
    *people_urls.api_urlpatterns,
    *applications_urls.api_urlpatterns,
    *bookings_urls.api_urlpatterns,
    *lottery_urls.api_urlpatterns,
    *closures_urls.api_urlpatterns,
    *waiting_list_urls.api_urlpatterns,
    *restrictions_urls.api_urlpatterns,
    *integrity_urls.api_urlpatterns,
    *settlement_urls.api_urlpatterns,
]
