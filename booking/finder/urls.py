"""URLs of the requirements finder."""

from django.urls import path

from booking.finder import views

urlpatterns = [
    path("syarat/cek/", views.finder, name="finder"),
    path("syarat/mulai/", views.finder_start, name="finder_start"),
]
