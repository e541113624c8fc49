"""URLs of closures."""

from django.urls import path

from booking.bookings.selectors import MOVE_LINK
from booking.closures import api, officer_views, views
from notices.views import entrance

urlpatterns = [
    path("moves/<id:displacement_id>/", views.move, name="move"),
    path("moves/<str:token>/", entrance(MOVE_LINK), name="move_link"),
]
# Under /api/v1/.
api_urlpatterns = [
    path("moves/", api.MovesView.as_view(), name="moves"),
    path("moves/<id:move_id>/accept/", api.MoveAcceptView.as_view(), name="move_accept"),
    path("moves/<id:move_id>/choose/", api.MoveChooseView.as_view(), name="move_choose"),
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
