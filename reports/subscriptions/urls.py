"""URLs of subscriptions."""

from django.urls import path

from reports.subscriptions import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("reports/subscriptions/", views.subscriptions, name="subscriptions"),
    path("reports/sent/<str:token>/", views.sent, name="sent"),
]
