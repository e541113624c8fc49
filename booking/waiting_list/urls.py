"""URLs of the waiting list."""

from django.urls import path

from booking.waiting_list import api, returns, views
from booking.waiting_list.selectors import OFFER_LINK, STOP_LINK
from notices.views import entrance

urlpatterns = [
    path("offices/<slug:code>/waiting/", views.join, name="waiting_join"),
    path("waiting/", views.waiting, name="waiting"),
    path("waiting/<id:entry_id>/leave/", views.leave, name="waiting_leave"),
    path("waiting/<id:entry_id>/stop/", views.stop, name="waiting_stop"),
    path("waiting/stop/<str:token>/", entrance(STOP_LINK), name="waiting_stop_link"),
    path("offers/<uuid:offer_id>/", views.offer, name="offer"),
    path("offers/<str:token>/", entrance(OFFER_LINK), name="offer_link"),
]
# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("rules/returns/", returns.returns, name="rules_returns"),
]
# Under /api/v1/.
api_urlpatterns = [
    path("waiting-list/", api.WaitingListView.as_view(), name="waiting_list"),
    path(
        "waiting-list/<id:entry_id>/",
        api.WaitingEntryView.as_view(),
        name="waiting_entry",
    ),
    path(
        "offers/<uuid:offer_id>/accept/",
        api.OfferAcceptView.as_view(),
        name="offer_accept",
    ),
    path(
        "offers/<uuid:offer_id>/decline/",
        api.OfferDeclineView.as_view(),
        name="offer_decline",
    ),
]
