"""URLs of applications."""

from django.urls import path

from booking.applications import api, views

urlpatterns = [
    path("people/<id:applicant_id>/application/", views.application, name="application"),
    path(
        "people/<id:applicant_id>/application/<slug:code>/",
        views.application_for,
        name="application_for",
    ),
]
# Under /api/v1/.
api_urlpatterns = [
    path(
        "applicants/<id:applicant_id>/applications/",
        api.ApplicationsView.as_view(),
        name="applications",
    ),
    path(
        "applicants/<id:applicant_id>/applications/<slug:service_type>/",
        api.ApplicationView.as_view(),
        name="application",
    ),
]
