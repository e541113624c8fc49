"""Officers' screens, under /admin/."""

from django.urls import path, re_path

from counters.views import (
    capacity,
    counter,
    gate,
    outages,
    paper,
    passports,
    returns,
    rosters,
    rules,
    switch,
    today,
)

app_name = "counters"
VISIT_VERBS = "start|recall|skip|leave|incomplete|pass_on|rework|refuse"

urlpatterns = [
    path("gate/", gate.gate, name="gate"),
    path("gate/walk-in/", gate.gate_walk_in, name="gate_walk_in"),
    path("gate/<uuid:booking_id>/", gate.gate_card, name="gate_card"),
    path("gate/<uuid:booking_id>/check-in/", gate.gate_check_in, name="gate_check_in"),
    path("gate/<uuid:booking_id>/paper/", paper.from_paper, name="from_paper"),
    path("gate/<uuid:booking_id>/application/", gate.gate_application, name="gate_application"),
    path("gate/<uuid:booking_id>/refuse/", gate.gate_refuse, name="gate_refuse"),
    path("gate/visits/<int:visit_id>/leave/", gate.gate_leave, name="gate_leave"),
    path("counter/", counter.counter, name="counter"),
    path("counter/take/<int:counter_id>/", counter.counter_take, name="counter_take"),
    path("counter/out-of-order/", counter.counter_out_of_order, name="counter_out_of_order"),
    re_path(r"^counter/(?P<verb>pause|resume|leave|next)/$", counter.counter_do, name="counter_do"),
    path("counter/visits/<int:visit_id>/work/", counter.counter_work, name="counter_work"),
    re_path(
        rf"^counter/visits/(?P<visit_id>\d+)/(?P<verb>{VISIT_VERBS})/$",
        counter.counter_visit,
        name="counter_visit",
    ),
    path("counter/outage/", outages.outage, name="outage"),
    path("counter/outage/<int:outage_id>/end/", outages.outage_end, name="outage_end"),
    path("production/", passports.production, name="production"),
    re_path(
        r"^production/(?P<book_id>\d+)/(?P<verb>printed|checked|ready|misprinted)/$",
        passports.production_do,
        name="production_do",
    ),
    path("pickup/", passports.pickup, name="pickup"),
    path("pickup/<int:book_id>/", passports.hand_over, name="hand_over"),
    path("today/", today.today, name="today"),
    path("today/bookings/", switch.switch, name="switch"),
    path("today/paper/", paper.paper, name="paper"),
    path("today/sessions/<int:session_id>/free/", today.free_counter, name="free_counter"),
    path("today/visits/<int:visit_id>/end/", today.end_left_over, name="end_left_over"),
    path("capacity/", capacity.capacity, name="capacity"),
    path("capacity/evening/", capacity.evening, name="evening"),
    path("capacity/roster/", rosters.roster, name="roster"),
    re_path(
        r"^capacity/shifts/(?P<shift_id>\d+)/(?P<verb>absent|present)/$",
        rosters.shift_do,
        name="shift_do",
    ),
    path("rules/", rules.rules, name="rules"),
    path("rules/places/", rules.add_places, name="rules_places"),
    path("rules/roll-over/", rules.roll_over, name="rules_roll_over"),
    path("rules/returns/", returns.returns, name="rules_returns"),
    path("rules/ledger/", rules.ledger, name="rules_ledger"),
    path("rules/quota/<slug:lane>/<slug:group>/", rules.change_quota, name="rules_quota"),
    path("rules/opening/<slug:lane>/<slug:group>/", rules.change_release, name="rules_release"),
]
