"""URLs of the daily load."""

from django.urls import path

from reports.load import api, views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("reports/daily-load/", views.daily_load_page, name="daily_load"),
    path("reports/daily-load/people/", views.people_page, name="daily_load_people"),
]
# Under /api/v1/.
api_urlpatterns = [
    path("reports/daily-load/", api.DailyLoadView.as_view(), name="reports_daily_load"),
]
