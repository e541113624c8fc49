"""URLs of account pages that allauth does not provide."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [path("pengingat/", views.reminders, name="reminders")]
