"""URLs of refused bookings."""

from django.urls import path

from booking.refusals import officer_views, views

urlpatterns = [path("refusals/", views.refusals, name="refusals")]
# Officers' screens, under /admin/.
officer_urlpatterns = [path("refusals/", officer_views.refusals, name="refusals")]
