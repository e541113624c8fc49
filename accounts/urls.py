"""The account's pages that are ours; allauth's lie beside them."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [path("pengingat/", views.reminders, name="reminders")]
