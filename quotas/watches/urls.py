"""URLs of the subscriptions to openings."""

from django.urls import path

from notices.views import entrance
from quotas.watches import services, views

urlpatterns = [
    path("offices/<slug:code>/watch/", views.watch, name="watch"),
    path("watch/<id:watch_id>/confirm/", views.watch_confirm, name="watch_confirm"),
    path("watch/<id:watch_id>/stop/", views.watch_stop, name="watch_stop"),
    path(
        "watch/<str:token>/confirm/",
        entrance(services.CONFIRM_LINK),
        name="watch_confirm_link",
    ),
    path(
        "watch/<str:token>/stop/",
        entrance(services.STOP_LINK, one_click=services.stop_by_mail_program),
        name="watch_stop_link",
    ),
]
