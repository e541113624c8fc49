"""URLs of the supervisor's page of the day."""

from django.urls import path

from counters.today import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("today/", views.today, name="today"),
    path("today/offices/", views.offices, name="today_offices"),
    path("today/sessions/<id:session_id>/free/", views.free_counter, name="free_counter"),
]
