"""URLs of closures."""

from django.urls import path

from booking.closures import officer_views, views

urlpatterns = [
    path("moves/<str:token>/", views.move, name="move"),
]
# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("closures/", officer_views.closures, name="closures"),
    path("closures/new/", officer_views.closure_new, name="closure_new"),
    path("closures/<id:closure_id>/", officer_views.closure, name="closure"),
    path(
        "closures/<id:closure_id>/told/<id:displacement_id>/",
        officer_views.mark_notified,
        name="told",
    ),
]
