"""The API, version 1: each app has its own URLs."""

from django.urls import include, path

urlpatterns = [
    path("", include("accounts.api_urls")),
    path("", include("offices.api_urls")),
    path("", include("quotas.api_urls")),
    path("", include("booking.api_urls")),
    path("", include("counters.api_urls")),
    path("", include("reports.api_urls")),
]
