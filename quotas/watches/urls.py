"""URLs of the subscriptions to openings."""

from django.urls import path

from quotas.watches import views

urlpatterns = [
    path("offices/<slug:code>/watch/", views.watch, name="watch"),
    path("watch/<str:token>/confirm/", views.watch_confirm, name="watch_confirm"),
    path("watch/<str:token>/stop/", views.watch_stop, name="watch_stop"),
]
