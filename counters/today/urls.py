"""URLs of the supervisor's page of the day."""

from django.urls import path

from counters.today import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("today/", views.today, name="today"),
    path("today/sessions/<id:session_id>/free/", views.free_counter, name="free_counter"),
    path("today/visits/<id:visit_id>/end/", views.end_left_over, name="end_left_over"),
]
