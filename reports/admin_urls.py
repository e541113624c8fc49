"""Addresses of the reports, below /admin/."""

from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("today/paper.pdf", views.paper_list, name="paper_list"),
    path("reports/daily-load/", views.daily_load_page, name="daily_load"),
]
