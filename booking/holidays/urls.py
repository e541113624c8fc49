"""URLs of holidays and opening hours."""

from django.urls import path

from booking.holidays import hours_views, officer_views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("hours/", hours_views.hours, name="hours"),
    path("holidays/", officer_views.holiday_list, name="holidays"),
    path("holidays/new/", officer_views.holiday_new, name="holiday_new"),
    path(
        "holidays/<id:holiday_id>/withdraw/",
        officer_views.holiday_withdraw,
        name="holiday_withdraw",
    ),
]
