"""The API of offices."""

from django.urls import path

from core.public_pages import same_for_everyone
from offices import api

urlpatterns = [
    path("offices/", same_for_everyone(api.OfficesView.as_view()), name="offices"),
    path("offices/<slug:code>/", same_for_everyone(api.OfficeView.as_view()), name="office"),
]
