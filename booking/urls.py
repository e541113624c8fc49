"""The public pages. URLs never contain a name, identity number or birth date."""

from booking.applications import urls as applications_urls
from booking.bookings import urls as bookings_urls
from booking.closures import urls as closures_urls
from booking.finder import urls as finder_urls
from booking.integrity import urls as integrity_urls
from booking.lottery import urls as lottery_urls
from booking.objections import urls as objections_urls
from booking.people import urls as people_urls
from booking.photos import urls as photos_urls
from booking.public import urls as public_urls
from booking.refusals import urls as refusals_urls
from booking.restrictions import urls as restrictions_urls
from booking.settlement import urls as settlement_urls
from booking.waiting_list import urls as waiting_list_urls
from quotas.calendar import urls as quotas_calendar_urls
from quotas.waiting_room import urls as quotas_waiting_room_urls
from quotas.watches import urls as quotas_watches_urls

app_name = "booking"
urlpatterns = [
    # The pages with the most traffic during a release come first: Django tries URLs in order.
    *bookings_urls.urlpatterns,
    *public_urls.urlpatterns,
    *quotas_watches_urls.urlpatterns,
    *waiting_list_urls.urlpatterns,
    *quotas_calendar_urls.urlpatterns,
    *quotas_waiting_room_urls.urlpatterns,
    *lottery_urls.urlpatterns,
    *closures_urls.urlpatterns,
    *restrictions_urls.urlpatterns,
    *objections_urls.urlpatterns,
    *refusals_urls.urlpatterns,
    *settlement_urls.urlpatterns,
    *integrity_urls.urlpatterns,
    *finder_urls.urlpatterns,
    *people_urls.urlpatterns,
    *applications_urls.urlpatterns,
    *photos_urls.urlpatterns,
]
