"""URLs of a passport after the visit. None of them names a code, except for the signed-in owner."""

from django.urls import path

from counters.tracking import views

app_name = "passport"
urlpatterns = [
    path("passport/", views.follow, name="follow"),
    path("passport/status/", views.status, name="status"),
    path("passport/hour/", views.hour, name="hour"),
    path("passport/letter/", views.letter, name="letter"),
    path("passport/letter/print/", views.letter_print, name="letter_print"),
    path("passport/survey/", views.survey, name="survey"),
    path("passport/leave/", views.leave, name="leave"),
    path("passport/open/<slug:code>/", views.open_own, name="open"),
]
