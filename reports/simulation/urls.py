"""URLs of the simulation."""

from django.urls import path

from reports.simulation import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("reports/simulation/", views.simulation_page, name="simulation"),
]
