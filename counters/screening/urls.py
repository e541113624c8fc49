"""URLs of the check at the gate."""

from django.urls import path

from counters.screening import officer_views, views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("screening/", views.screening, name="screening"),
    path("screening/<uuid:booking_id>/", views.screening_person, name="screening_person"),
    path("rules/protocol/", officer_views.protocol, name="protocol"),
    path("rules/protocol/off/", officer_views.protocol_off, name="protocol_off"),
    path("screening/<id:screening_id>/decide/", views.screening_decide, name="screening_decide"),
]
