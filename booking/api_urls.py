"""The API of booking."""

from django.urls import path

from booking.api import bookings as api
from booking.api import draws, rooms, waiting

urlpatterns = [
    path("applicants/", api.ApplicantsView.as_view(), name="applicants"),
    path("applicants/<int:applicant_id>/", api.ApplicantView.as_view(), name="applicant"),
    path("bookings/", api.BookingsView.as_view(), name="bookings"),
    path("bookings/<str:code>/", api.BookingView.as_view(), name="booking"),
    path("bookings/<str:code>/cancel/", api.CancelView.as_view(), name="booking_cancel"),
    path(
        "bookings/<str:code>/reschedule/", api.RescheduleView.as_view(), name="booking_reschedule"
    ),
    path("windows/<int:window>/room/", rooms.RoomView.as_view(), name="window_room"),
    path("draws/<int:window>/entries/", draws.DrawEntriesView.as_view(), name="draw_entries"),
    path("draws/<int:window>/proof/", draws.DrawProofView.as_view(), name="draw_proof"),
    path("waiting-list/", waiting.WaitingListView.as_view(), name="waiting_list"),
    path("waiting-list/<int:entry_id>/", waiting.WaitingEntryView.as_view(), name="waiting_entry"),
    path("offers/<uuid:offer_id>/accept/", waiting.OfferAcceptView.as_view(), name="offer_accept"),
    path(
        "offers/<uuid:offer_id>/decline/", waiting.OfferDeclineView.as_view(), name="offer_decline"
    ),
]
