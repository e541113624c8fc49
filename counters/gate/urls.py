"""URLs of the gate."""

from django.urls import path

from counters.gate import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("gate/", views.gate, name="gate"),
    path("gate/<uuid:booking_id>/", views.gate_card, name="gate_card"),
    path("gate/<uuid:booking_id>/check-in/", views.gate_check_in, name="gate_check_in"),
    path("gate/<uuid:booking_id>/application/", views.gate_application, name="gate_application"),
    path("gate/hours/", views.gate_hours, name="gate_hours"),
    path("gate/turn-away/", views.gate_turn_away, name="gate_turn_away"),
    path("gate/<uuid:booking_id>/next-hour/", views.gate_next_hour, name="gate_next_hour"),
    path("gate/<uuid:booking_id>/refuse/", views.gate_refuse, name="gate_refuse"),
    path("gate/visits/<id:visit_id>/undo/", views.gate_undo, name="gate_undo"),
    path("gate/visits/<id:visit_id>/priority/", views.gate_priority, name="gate_priority"),
    path("gate/visits/<id:visit_id>/leave/", views.gate_leave, name="gate_leave"),
]
