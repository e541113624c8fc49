"""URLs of the promises."""

from django.urls import path

from reports.promises import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("reports/promises/", views.promises_page, name="promises"),
]
