"""URLs of bookings."""

from django.urls import path

from booking.bookings import api, views

urlpatterns = [
    path("book/<id:slot_id>/", views.book, name="book"),
]
# Under /api/v1/.
api_urlpatterns = [
    path("parties/<str:code>/", api.PartyView.as_view(), name="party"),
    path("parties/<str:code>/cancel/", api.PartyCancelView.as_view(), name="party_cancel"),
    path(
        "parties/<str:code>/reschedule/",
        api.PartyRescheduleView.as_view(),
        name="party_reschedule",
    ),
    path("bookings/", api.BookingsView.as_view(), name="bookings"),
    path("bookings/<str:code>/", api.BookingView.as_view(), name="booking"),
    path("bookings/<str:code>/cancel/", api.CancelView.as_view(), name="booking_cancel"),
    path(
        "bookings/<str:code>/reschedule/",
        api.RescheduleView.as_view(),
        name="booking_reschedule",
    ),
]
