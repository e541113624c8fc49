"""URLs of the comparison of reminders."""

from django.urls import path

from reports.reminders import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("reports/reminders/", views.reminders_page, name="reminders"),
]
