"""URLs of objections."""

from django.urls import path

from booking.objections import officer_views, views

urlpatterns = [
    path("objections/", views.objections, name="objections"),
    path("draws/mine/<slug:code>/objection/", views.object_to_lottery, name="object_to_lottery"),
    path("bookings/<slug:code>/objection/", views.object_to_move, name="object_to_move"),
]
# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("objections/", officer_views.objections, name="objections"),
    path("objections/<id:objection_id>/", officer_views.objection, name="objection"),
]
