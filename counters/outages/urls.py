"""URLs of outages."""

from django.urls import path

from counters.outages import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("counter/outage/", views.outage, name="outage"),
    path("counter/outage/<id:outage_id>/confirm/", views.outage_confirm, name="outage_confirm"),
    path("counter/outage/<id:outage_id>/end/", views.outage_end, name="outage_end"),
]
