"""The applicant's addresses. No name, number or birth date ever stands in one."""

import datetime as dt

from django.urls import path, register_converter

from booking.views import (
    book,
    contests,
    draws,
    moves,
    offices,
    people,
    releases,
    rooms,
    tickets,
    waiting,
)


class DayConverter:
    """A date as 2026-12-04; what is no date is no address."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


register_converter(DayConverter, "day")

app_name = "booking"
urlpatterns = [
    # What a release minute asks for stands first: addresses are tried in turn.
    path("book/<int:slot_id>/", book.book, name="book"),
    path("bookings/<slug:code>/", tickets.ticket, name="ticket"),
    path("", offices.home, name="home"),
    path("offices/", offices.office_list, name="offices"),
    path("offices/<slug:code>/", offices.office, name="office"),
    path("offices/<slug:code>/watch/", releases.watch, name="watch"),
    path("offices/<slug:code>/waiting/", waiting.join, name="waiting_join"),
    path("waiting/", waiting.waiting, name="waiting"),
    path("waiting/<int:entry_id>/leave/", waiting.leave, name="waiting_leave"),
    path("waiting/stop/<str:token>/", waiting.stop_by_link, name="waiting_stop"),
    path("offers/<str:token>/", waiting.offer, name="offer"),
    path("offices/<slug:code>/releases.ics", releases.feed, name="office_feed"),
    path("releases/", releases.releases, name="releases"),
    path("releases.ics", releases.feed, name="feed"),
    path("watch/<str:token>/confirm/", releases.watch_confirm, name="watch_confirm"),
    path("watch/<str:token>/stop/", releases.watch_stop, name="watch_stop"),
    path("offices/<slug:code>/<day:day>/", offices.day, name="day"),
    path("bookings/", tickets.bookings, name="bookings"),
    path("bookings/<slug:code>/ticket.ics", tickets.ticket_calendar, name="ticket_calendar"),
    path("bookings/<slug:code>/cancel/", tickets.cancel, name="cancel"),
    path("bookings/<slug:code>/reschedule/", tickets.reschedule, name="reschedule"),
    path("rooms/<int:window_id>/", rooms.room, name="room"),
    path("rooms/<int:window_id>/join/", rooms.join, name="room_join"),
    path("rooms/<int:window_id>/status/", rooms.status, name="room_status"),
    path("rooms/<int:window_id>/proof.json", rooms.proof, name="room_proof"),
    path("draws/how/", draws.how, name="draw_how"),
    path("draws/<int:window_id>/", draws.draw, name="draw"),
    path("draws/<int:window_id>/proof.json", draws.proof, name="draw_proof"),
    path("draws/<int:window_id>/enter/", draws.enter, name="draw_enter"),
    path("draws/mine/<slug:code>/", draws.entry, name="draw_entry"),
    path("draws/mine/<slug:code>/claim/", draws.claim, name="draw_claim"),
    path("draws/mine/<slug:code>/withdraw/", draws.withdraw, name="draw_withdraw"),
    path("moves/<str:token>/", moves.move, name="move"),
    path("restrictions/", contests.restrictions, name="restrictions"),
    path("restrictions/<int:restriction_id>/appeal/", contests.appeal, name="appeal"),
    path("contests/", contests.contests, name="contests"),
    path("contests/<int:contest_id>/withdraw/", contests.contest_withdraw, name="contest_withdraw"),
    path("people/<int:applicant_id>/contest/", contests.contest_new, name="contest_new"),
    path("people/", people.people, name="people"),
    path("people/add/", people.person_add, name="person_add"),
    path("people/<int:applicant_id>/", people.person, name="person"),
    path("people/<int:applicant_id>/remove/", people.person_remove, name="person_remove"),
    path("people/<int:applicant_id>/application/", people.application, name="application"),
    path(
        "people/<int:applicant_id>/application/<slug:code>/",
        people.application_for,
        name="application_for",
    ),
]
