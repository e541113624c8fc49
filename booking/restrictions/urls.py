"""URLs of restrictions."""

from django.urls import path

from booking.restrictions import api, views

urlpatterns = [
    path("restrictions/", views.restrictions, name="restrictions"),
    path("restrictions/<id:restriction_id>/appeal/", views.appeal, name="appeal"),
    path("restrictions/<id:restriction_id>/evidence/", views.evidence, name="appeal_evidence"),
]
# Under /api/v1/.
api_urlpatterns = [
    path("restrictions/", api.RestrictionsView.as_view(), name="restrictions"),
    path(
        "restrictions/<id:restriction_id>/appeal/",
        api.AppealView.as_view(),
        name="restriction_appeal",
    ),
]
