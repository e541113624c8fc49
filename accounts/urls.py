"""URLs of account pages that allauth does not provide, or that ours replace."""

from django.urls import path, re_path

from accounts import confirmation, message_views, services, views
from notices.views import entrance

app_name = "accounts"
urlpatterns = [
    path("pesan/", message_views.message_page, name="messages"),
    path("pengingat/", views.reminders, name="reminders"),
    path("pengingat/<id:user_id>/berhenti/", views.stop_reminders, name="stop_reminders"),
    path(
        "pengingat/<str:token>/",
        entrance(services.REMINDERS_LINK, one_click=services.stop_reminders),
        name="stop_reminders_link",
    ),
    # The addresses of allauth's links: the first GET leads to a page without the key.
    re_path(
        r"^confirm-email/(?P<key>[-:\w]+)/$",
        views.confirm_address_link,
        name="confirm_address_link",
    ),
    path("verifikasi/", views.confirm_address, name="confirm_address"),
    re_path(
        r"^password/reset/key/(?P<key>[0-9A-Za-z]+-.+)/$",
        views.new_password_link,
        name="new_password_link",
    ),
    path("kata-sandi-baru/", views.new_password, name="new_password"),
    path("kode-verifikasi/", confirmation.address_code, name="address_code"),
]
