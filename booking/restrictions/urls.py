"""URLs of restrictions."""

from django.urls import path

from booking.restrictions import views

urlpatterns = [
    path("restrictions/", views.restrictions, name="restrictions"),
    path("restrictions/<id:restriction_id>/appeal/", views.appeal, name="appeal"),
    path("restrictions/<id:restriction_id>/evidence/", views.evidence, name="appeal_evidence"),
]
