"""URLs of waiting times and late visits."""

from django.urls import path

from counters.estimates import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("counter/visits/<id:visit_id>/late/", views.late_reason, name="late_reason"),
    path("today/waits/", views.waits, name="waits"),
    path("today/waits/<id:visit_id>/", views.late_visit, name="late_visit"),
]
