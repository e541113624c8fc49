"""URLs of messages that no account page owns."""

from django.urls import path

from notices import views

app_name = "notices"
urlpatterns = [
    path("gateway/reports/", views.gateway_report, name="gateway_report"),
]
