"""URLs of managing officers."""

from django.urls import path, re_path

from offices.officers import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("officers/", views.officers, name="officers"),
    path("officers/<id:officer_id>/", views.officer_page, name="officer"),
    re_path(
        r"^officers/(?P<officer_id>[0-9]{1,18})/(?P<verb>suspend|reset)/$",
        views.officer_do,
        name="officer_do",
    ),
]
