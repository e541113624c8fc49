"""URLs of the advice."""

from django.urls import path

from reports.advice import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("reports/advice/", views.advice_page, name="advice"),
]
