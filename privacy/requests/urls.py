"""URLs of requests about personal data."""

from django.urls import path, re_path

from privacy.requests import officer_views, views

# Under /akun/data/.
urlpatterns = [
    path("", views.home, name="home"),
    path("unduh/", views.download, name="download"),
    path("hapus/", views.delete, name="delete"),
    path("perbaikan/", views.correct, name="correct"),
    re_path(r"^(?P<verb>restrict|resume|object)/$", views.switch, name="switch"),
    path("<id:request_id>/tarik/", views.withdraw, name="withdraw"),
]
# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("data-requests/", officer_views.requests, name="requests"),
    path("data-requests/desk/", officer_views.at_desk, name="at_desk"),
    path("data-requests/<id:request_id>/", officer_views.request_page, name="request"),
    path("data-requests/<id:request_id>/file/", officer_views.request_file, name="request_file"),
    path(
        "data-requests/<id:request_id>/people/<id:applicant_id>/",
        officer_views.correct_person,
        name="correct_person",
    ),
]
