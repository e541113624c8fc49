"""URLs of lotteries."""

from django.urls import path

from booking.lottery import api, officer_views, views

urlpatterns = [
    path("draws/how/", views.how, name="draw_how"),
    path("draws/<id:window_id>/", views.draw, name="draw"),
    path("draws/<id:window_id>/proof.json", views.proof, name="draw_proof"),
    path("draws/<id:window_id>/enter/", views.enter, name="draw_enter"),
    path("draws/mine/<slug:code>/", views.entry, name="draw_entry"),
    path("draws/mine/<slug:code>/claim/", views.claim, name="draw_claim"),
    path("draws/mine/<slug:code>/withdraw/", views.withdraw, name="draw_withdraw"),
]
# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("draws/", officer_views.desk, name="desk"),
    path("draws/<id:draw_id>/value/", officer_views.value, name="value"),
    path("draws/<id:draw_id>/round/", officer_views.beacon_round, name="round"),
]
# Under /api/v1/.
api_urlpatterns = [
    path("draws/entries/", api.OwnEntriesView.as_view(), name="own_entries"),
    path("draws/entries/<str:code>/", api.OwnEntryView.as_view(), name="own_entry"),
    path(
        "draws/entries/<str:code>/withdraw/",
        api.WithdrawEntryView.as_view(),
        name="own_entry_withdraw",
    ),
    path("draws/entries/<str:code>/claim/", api.ClaimEntryView.as_view(), name="own_entry_claim"),
    path("draws/<id:window>/entries/", api.DrawEntriesView.as_view(), name="draw_entries"),
    path("draws/<id:window>/proof/", api.DrawProofView.as_view(), name="draw_proof"),
]
