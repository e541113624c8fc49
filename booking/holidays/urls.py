"""URLs of holidays and opening hours."""

from django.urls import path

from booking.holidays import hours_views, officer_views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("hours/", hours_views.hours, name="hours"),
    path("holidays/", officer_views.holiday_list, name="holidays"),
    path("holidays/new/", officer_views.holiday_new, name="holiday_new"),
    path("holidays/proposals/", officer_views.proposals, name="proposals"),
    path(
        "holidays/proposals/<id:proposal_id>/",
        officer_views.proposal_decide,
        name="proposal_decide",
    ),
    path(
        "holidays/<id:holiday_id>/withdraw/",
        officer_views.holiday_withdraw,
        name="holiday_withdraw",
    ),
]
