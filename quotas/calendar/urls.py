"""URLs of the public calendar."""

from django.urls import path

from core.public_pages import public_page
from quotas.calendar import api, views

urlpatterns = [
    path("offices/<slug:code>/releases.ics", views.feed, name="office_feed"),
    path("releases/", views.releases, name="releases"),
    path("releases.ics", views.feed, name="feed"),
]
# Under /api/v1/.
api_urlpatterns = [
    path("releases/", public_page()(api.ReleasesView.as_view()), name="releases"),
    path(
        "offices/<slug:code>/windows/",
        public_page()(api.WindowsView.as_view()),
        name="office_windows",
    ),
    path(
        "offices/<slug:code>/calendar/",
        public_page("from", "to", "service_type")(api.CalendarView.as_view()),
        name="office_calendar",
    ),
    path(
        "offices/<slug:code>/slots/",
        public_page("date", "service_type")(api.SlotsView.as_view()),
        name="office_slots",
    ),
]
