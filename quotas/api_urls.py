"""The API of windows, days and slots."""

from django.urls import path

from quotas import api

urlpatterns = [
    path("offices/<slug:code>/windows/", api.WindowsView.as_view(), name="office_windows"),
    path("offices/<slug:code>/calendar/", api.CalendarView.as_view(), name="office_calendar"),
    path("offices/<slug:code>/slots/", api.SlotsView.as_view(), name="office_slots"),
]
