"""URLs of capacity screens."""

from django.urls import path

from counters.capacity import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("capacity/", views.capacity, name="capacity"),
    path("capacity/evening/", views.evening, name="evening"),
]
