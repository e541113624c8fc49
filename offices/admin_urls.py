"""The supervisor's screens of officers, under /admin/."""

from django.urls import path, re_path

from offices import views

app_name = "officers"
urlpatterns = [
    path("officers/", views.officers, name="officers"),
    path("officers/<int:officer_id>/", views.officer_page, name="officer"),
    re_path(
        r"^officers/(?P<officer_id>\d+)/(?P<verb>suspend|reset)/$",
        views.officer_do,
        name="officer_do",
    ),
]
