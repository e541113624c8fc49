"""URLs of people without a booking."""

from django.urls import path

from counters.walk_in import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("gate/walk-in/", views.gate_walk_in, name="gate_walk_in"),
]
