"""The API of windows, days and slots."""

from django.urls import path

from core.public_pages import same_for_everyone
from quotas import api

urlpatterns = [
    path("releases/", same_for_everyone(api.ReleasesView.as_view()), name="releases"),
    path(
        "offices/<slug:code>/windows/",
        same_for_everyone(api.WindowsView.as_view()),
        name="office_windows",
    ),
    path(
        "offices/<slug:code>/calendar/",
        same_for_everyone(api.CalendarView.as_view()),
        name="office_calendar",
    ),
    path(
        "offices/<slug:code>/slots/",
        same_for_everyone(api.SlotsView.as_view()),
        name="office_slots",
    ),
]
