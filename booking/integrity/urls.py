"""URLs of contests, restrictions and broker signals."""

from django.urls import path

from booking.integrity import api, officer_views, views

urlpatterns = [
    path("contests/", views.contests, name="contests"),
    path(
        "contests/<id:contest_id>/withdraw/",
        views.contest_withdraw,
        name="contest_withdraw",
    ),
    path("people/<id:applicant_id>/contest/", views.contest_new, name="contest_new"),
]
# Under /api/v1/.
api_urlpatterns = [
    path("contests/", api.ContestsView.as_view(), name="contests"),
    path("contests/<id:contest_id>/", api.ContestView.as_view(), name="contest"),
    path(
        "contests/<id:contest_id>/withdraw/",
        api.ContestWithdrawView.as_view(),
        name="contest_withdraw",
    ),
]
# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("contests/", officer_views.contests, name="contests"),
    path("contests/desk/", officer_views.contest_at_desk, name="contest_at_desk"),
    path("contests/<id:contest_id>/", officer_views.contest, name="contest"),
    path("restrictions/", officer_views.restrictions, name="restrictions"),
    path("restrictions/<id:restriction_id>/", officer_views.restriction, name="restriction"),
    path("restrictions/<id:restriction_id>/evidence/", officer_views.evidence, name="evidence"),
    path("signals/", officer_views.signals, name="signals"),
    path("signals/<id:signal_id>/seen/", officer_views.review_signal, name="signal_seen"),
]
