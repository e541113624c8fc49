"""URLs of the officers' screens, under /admin/."""

from django.urls import include, path

from booking.absences import urls as absences_urls
from booking.closures import urls as closures_urls
from booking.holidays import urls as holidays_urls
from booking.integrity import urls as integrity_urls
from booking.lottery import urls as lottery_urls
from booking.objections import urls as objections_urls
from booking.photos import urls as photos_urls
from booking.refusals import urls as refusals_urls
from booking.settlement import urls as settlement_urls

urlpatterns = [
    path("", include(([*lottery_urls.officer_urlpatterns], "draws"))),
    path("", include(([*closures_urls.officer_urlpatterns], "closures"))),
    path("", include(([*holidays_urls.officer_urlpatterns], "holidays"))),
    path("", include(([*absences_urls.officer_urlpatterns], "absences"))),
    path("", include(([*integrity_urls.officer_urlpatterns], "brokers"))),
    path("", include(([*objections_urls.officer_urlpatterns], "objections"))),
    path("", include(([*refusals_urls.officer_urlpatterns], "refusals"))),
    path("", include(([*photos_urls.officer_urlpatterns], "photos"))),
    path("", include(([*settlement_urls.officer_urlpatterns], "payments"))),
]
