"""The API of reports."""

from django.urls import path

from reports import api

urlpatterns = [
    path("reports/daily-load/", api.DailyLoadView.as_view(), name="reports_daily_load"),
]
