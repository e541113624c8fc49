"""URLs of inspections."""

from django.urls import path

from offices.inspections import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("inspections/", views.inspections, name="inspections"),
    path("inspections/<id:finding_id>/answer/", views.answer, name="inspection_answer"),
    path("inspections/<id:finding_id>/judge/", views.judge, name="inspection_judge"),
]
