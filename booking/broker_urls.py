"""The officers' screens about brokers and contested numbers, under /admin/."""

from django.urls import path

from booking.views import broker_desk

app_name = "brokers"
urlpatterns = [
    path("contests/", broker_desk.contests, name="contests"),
    path("contests/desk/", broker_desk.contest_at_desk, name="contest_at_desk"),
    path("contests/<int:contest_id>/", broker_desk.contest, name="contest"),
    path("restrictions/", broker_desk.restrictions, name="restrictions"),
    path("restrictions/<int:restriction_id>/", broker_desk.restriction, name="restriction"),
    path("signals/", broker_desk.signals, name="signals"),
    path("signals/<int:signal_id>/seen/", broker_desk.signal_seen, name="signal_seen"),
]
