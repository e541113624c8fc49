"""URLs of absences that are not certain."""

from django.urls import path

from booking.absences import officer_views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("absences/", officer_views.absences, name="absences"),
    path("absences/<id:review_id>/", officer_views.absence, name="absence"),
]
