"""URLs of applications."""

from django.urls import path

from booking.applications import views

urlpatterns = [
    path("people/<id:applicant_id>/application/", views.application, name="application"),
    path(
        "people/<id:applicant_id>/application/<slug:code>/",
        views.application_for,
        name="application_for",
    ),
]
