"""URLs of people."""

from django.urls import path

from booking.people import api, views

urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/add/", views.person_add, name="person_add"),
    path("people/<id:applicant_id>/", views.person, name="person"),
    path("people/<id:applicant_id>/remove/", views.person_remove, name="person_remove"),
]
# Under /api/v1/.
api_urlpatterns = [
    path("applicants/", api.ApplicantsView.as_view(), name="applicants"),
    path("applicants/<id:applicant_id>/", api.ApplicantView.as_view(), name="applicant"),
]
