"""URLs of account pages that allauth does not provide."""

from django.urls import path

from accounts import confirmation, views

app_name = "accounts"
urlpatterns = [
    path("pengingat/", views.reminders, name="reminders"),
    path("kode-verifikasi/", confirmation.address_code, name="address_code"),
]
