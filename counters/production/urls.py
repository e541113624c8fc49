"""URLs of passport production."""

from django.urls import path, re_path

from counters.production import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("production/", views.production, name="production"),
    path("production/batch/", views.new_batch, name="production_batch"),
    re_path(
        r"^production/(?P<book_id>[0-9]{1,18})/(?P<verb>printed|checked|ready|taken_back|reprint)/$",
        views.production_do,
        name="production_do",
    ),
]
