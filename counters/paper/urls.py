"""URLs of the paper list."""

from django.urls import path

from counters.paper import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("gate/<uuid:booking_id>/paper/", views.from_paper, name="from_paper"),
    path("today/paper/", views.paper, name="paper"),
]
