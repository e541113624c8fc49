"""URLs of the drive-thru lane."""

from django.urls import path

from counters.drive_thru import officer_views, views

app_name = "drive_thru"
# For applicants.
urlpatterns = [
    path("pickup/<slug:code>/", views.hour, name="hour"),
]
# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("pickup/drive-thru/", officer_views.lane, name="drive_thru"),
]
