"""URLs of subscriptions."""

from django.urls import path

from notices.views import entrance
from reports.subscriptions import views
from reports.subscriptions.messages import REPORT_LINK

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("reports/subscriptions/", views.subscriptions, name="subscriptions"),
    path("reports/subscriptions/<id:subscription_id>/stop/", views.stop, name="subscription_stop"),
    path("reports/sent/<id:delivery_id>/", views.sent, name="sent"),
    path("reports/sent/<str:token>/", entrance(REPORT_LINK), name="sent_link"),
]
