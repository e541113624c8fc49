"""URLs of the evidence report."""

from django.urls import path

from reports.evidence import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("reports/evidence/", views.evidence_page, name="evidence"),
]
