"""The API, version 1: each room brings its own addresses."""

from importlib.util import find_spec

from django.urls import include, path

ROOMS = ("accounts", "offices", "quotas", "booking", "counters", "reports")

urlpatterns = [
    path("", include(f"{room}.api_urls")) for room in ROOMS if find_spec(f"{room}.api_urls")
]
