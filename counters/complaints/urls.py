"""URLs of complaints."""

from django.urls import path

from counters.complaints import officer_views, views

urlpatterns = [
    path("complaints/new/", views.complain, name="complain"),
    path("complaints/answer/", views.follow, name="complaint_follow"),
]
# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("complaints/", officer_views.complaints, name="complaints"),
    path("complaints/<id:complaint_id>/", officer_views.complaint, name="complaint"),
]
