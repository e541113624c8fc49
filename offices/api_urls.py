"""The API of offices."""

from django.urls import path

from offices import api

urlpatterns = [
    path("offices/", api.OfficesView.as_view(), name="offices"),
    path("offices/<slug:code>/", api.OfficeView.as_view(), name="office"),
]
