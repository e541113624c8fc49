"""URLs of the check at the gate."""

from django.urls import path

from counters.screening import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("screening/", views.screening, name="screening"),
    path("screening/<uuid:booking_id>/", views.screening_person, name="screening_person"),
    path("screening/<id:screening_id>/decide/", views.screening_decide, name="screening_decide"),
]
