"""URLs of waiting rooms."""

from django.urls import path

from quotas.waiting_room import api, views

urlpatterns = [
    path("rooms/<int:window_id>/", views.room, name="room"),
    path("rooms/<int:window_id>/join/", views.join, name="room_join"),
    path("rooms/<int:window_id>/status/", views.status, name="room_status"),
    path("rooms/<int:window_id>/proof.json", views.proof, name="room_proof"),
]
# Under /api/v1/.
api_urlpatterns = [
    path("windows/<int:window>/room/", api.RoomView.as_view(), name="window_room"),
]
