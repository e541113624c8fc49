"""URLs of the officer's handbook, below /admin/; for staff only."""

from django.contrib import admin
from django.urls import path

from pages import handbook

app_name = "handbook"
urlpatterns = [
    path("handbook/", admin.site.admin_view(handbook.contents), name="contents"),
    path("handbook/<slug:slug>/", admin.site.admin_view(handbook.page), name="page"),
]
