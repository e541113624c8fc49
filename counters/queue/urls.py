"""URLs of the calls in the API."""

from django.urls import path

from core.public_pages import public_page
from counters.queue import api

api_urlpatterns = [
    path("offices/<slug:code>/calls/", public_page()(api.CallsView.as_view()), name="office_calls"),
]
