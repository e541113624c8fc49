"""URLs of rosters."""

from django.urls import path, re_path

from offices.rosters import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("capacity/roster/", views.roster, name="roster"),
    re_path(
        r"^capacity/shifts/(?P<shift_id>[0-9]{1,18})/(?P<verb>absent|present)/$",
        views.shift_do,
        name="shift_do",
    ),
]
