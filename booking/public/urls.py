"""URLs of the public pages."""

from django.urls import path

from booking.public import party, search, tickets, views

urlpatterns = [
    path("bookings/<slug:code>/", tickets.ticket, name="ticket"),
    path("", views.home, name="home"),
    path("offices/", search.office_list, name="offices"),
    path("offices/<slug:code>/", views.office, name="office"),
    path("offices/<slug:code>/standar/", views.office_standard, name="office_standard"),
    path("offices/<slug:code>/<day:day>/", views.day, name="day"),
    path("bookings/", tickets.bookings, name="bookings"),
    path("bookings/<slug:code>/ticket.ics", tickets.ticket_calendar, name="ticket_calendar"),
    path("bookings/<slug:code>/cancel/", tickets.cancel, name="cancel"),
    path("bookings/<slug:code>/reschedule/", tickets.reschedule, name="reschedule"),
    path("parties/<slug:code>/", party.party, name="party"),
    path("parties/<slug:code>/ticket.ics", party.party_calendar, name="party_calendar"),
    path("parties/<slug:code>/cancel/", party.party_cancel, name="party_cancel"),
    path("parties/<slug:code>/move/", party.party_move, name="party_move"),
]
