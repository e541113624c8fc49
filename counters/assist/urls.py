"""URLs of appointments that an officer books for a person at the desk."""

from django.urls import path

from counters.assist import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("assist/", views.assist, name="assist"),
    path("assist/<uuid:booking_id>/", views.assist_ticket, name="assist_ticket"),
    path("assist/<uuid:booking_id>/cancel/", views.assist_cancel, name="assist_cancel"),
]
