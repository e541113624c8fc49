"""URLs of waiting rooms."""

from django.urls import path

from quotas.waiting_room import api, views

urlpatterns = [
    path("rooms/<id:window_id>/", views.room, name="room"),
    path("rooms/<id:window_id>/join/", views.join, name="room_join"),
    path("rooms/<id:window_id>/status/", views.status, name="room_status"),
    path("rooms/<id:window_id>/proof.json", views.proof, name="room_proof"),
]
# Under /api/v1/.
api_urlpatterns = [
    path("windows/<id:window>/room/", api.RoomView.as_view(), name="window_room"),
]
