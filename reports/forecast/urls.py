"""URLs of the forecast."""

from django.urls import path

from reports.forecast import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("reports/forecast/", views.forecast_page, name="forecast"),
]
