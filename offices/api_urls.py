"""The API of offices."""

from django.urls import path

from core.public_pages import public_page
from offices import api

urlpatterns = [
    path("offices/", public_page()(api.OfficesView.as_view()), name="offices"),
    path("offices/<slug:code>/", public_page()(api.OfficeView.as_view()), name="office"),
]
