"""URLs of the booking switch."""

from django.urls import path

from offices.switch import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("today/bookings/", views.switch, name="switch"),
]
