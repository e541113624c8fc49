"""URLs of closures."""

from django.urls import path

from booking.closures import absence_views, holiday_views, officer_views, views

urlpatterns = [
    path("moves/<str:token>/", views.move, name="move"),
]
# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("holidays/", holiday_views.holiday_list, name="holidays"),
    path("holidays/new/", holiday_views.holiday_new, name="holiday_new"),
    path(
        "holidays/<int:holiday_id>/withdraw/",
        holiday_views.holiday_withdraw,
        name="holiday_withdraw",
    ),
    path("absences/", absence_views.absences, name="absences"),
    path("absences/<int:review_id>/", absence_views.absence, name="absence"),
    path("closures/", officer_views.closures, name="closures"),
    path("closures/new/", officer_views.closure_new, name="closure_new"),
    path("closures/<int:closure_id>/", officer_views.closure, name="closure"),
    path(
        "closures/<int:closure_id>/told/<int:displacement_id>/",
        officer_views.mark_notified,
        name="told",
    ),
]
