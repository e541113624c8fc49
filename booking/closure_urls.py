"""The supervisor's screens of this room, under /admin/."""

from django.urls import path

from booking.views import closures

app_name = "closures"
urlpatterns = [
    path("closures/", closures.closures, name="closures"),
    path("closures/new/", closures.closure_new, name="closure_new"),
    path("closures/<int:closure_id>/", closures.closure, name="closure"),
    path("closures/<int:closure_id>/told/<int:displacement_id>/", closures.told, name="told"),
]
