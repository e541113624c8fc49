"""Officers' screens of this room, under /admin/."""

from django.urls import path

from booking.views import draw_desk

app_name = "draws"
urlpatterns = [
    path("draws/", draw_desk.desk, name="desk"),
    path("draws/<int:draw_id>/value/", draw_desk.value, name="value"),
]
