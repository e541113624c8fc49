"""URLs of the paper list."""

from django.urls import path

from reports.paper_list import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("today/paper.pdf", views.paper_list, name="paper_list"),
]
