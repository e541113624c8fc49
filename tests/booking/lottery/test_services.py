"""A lottery from its commitment to the tickets: entries, closing, the public value, the result, claims, unclaimed places."""

from collections import Counter
from datetime import timedelta

import pytest

from booking.bookings.errors import AlreadyBooked, NotBookable
from booking.bookings.models import Booking
from booking.lottery import selectors, services
from booking.lottery.errors import (
    AlreadyEntered,
    ClaimOver,
    DrawClosed,
    DrawNotReady,
    NeedsAnother,
    ValuesDiffer,
)
from booking.lottery.models import Draw, DrawEntry, DrawLoss
from booking.lottery.proof import check_proof
from booking.lottery.results import claim_entry, hold_due_draws, run_draw
from booking.statuses import Status
from core.errors import InvalidInput, NotAllowed, NotFound
from notices.models import Message
from offices.staff.models import Role
from ops.verification.services import verify
from quotas.places.errors import NotYetOpen
from quotas.places.models import Place
from tests.booking.lottery.lottery_world import (
    CLOSES,
    LOTTERY_TIME,
    draw_in,
    enter,
    enter_family,
    fix_value,
    hold,
    make_draw_office,
)
from tests.builders import (
    NOW,
    make_booking,
    make_officer,
    make_open_slot,
    make_person,
    make_user,
)
from tests.outbox import text_of

pytestmark = pytest.mark.django_db
CLAIM_OVER = LOTTERY_TIME + timedelta(hours=24)  # thirteen hours by day, plus a night


@pytest.fixture
def draw() -> Draw:
    return draw_in(make_draw_office())


def outcomes(draw: Draw) -> Counter[str]:
    return Counter(draw.entries.values_list("outcome", flat=True))


def laws_hold() -> bool:
    """Check all laws except the ninth: no worker delivers here."""
    return not any(finding.breaches for finding in verify(now=CLAIM_OVER) if finding.law != 9)


# --- Entries -------------------------------------------------------------------------------------
def test_the_commitment_is_public_and_the_seed_is_secret(draw: Draw) -> None:
    proof = selectors.proof_of(draw)
    assert proof["seed_hash"] == draw.seed_hash
    assert "seed" not in proof
    assert draw.seed not in str(proof)
    with pytest.raises(Exception, match="draw"):
        Draw.objects.filter(pk=draw.pk).update(seed_hash="0" * 64)


def test_preparing_again_keeps_the_seed(draw: Draw) -> None:
    services.prepare_draws(now=NOW)
    assert Draw.objects.get(pk=draw.pk).seed == draw.seed


def test_lottery_places_cannot_be_booked_first_come(draw: Draw) -> None:
    slot = selectors.slots_of_draw(draw.window)[0]
    for moment in (CLOSES, LOTTERY_TIME):
        with pytest.raises(NotYetOpen, match="Sedang diundi"):
            make_booking(slot, now=moment)


def test_a_lottery_without_entries_opens_its_places_at_once(draw: Draw) -> None:
    withdrawn = enter(draw)
    services.withdraw_entry(account_id=withdrawn.account_id, code=withdrawn.code, now=NOW)
    services.close_entries(draw_id=draw.pk, now=CLOSES)
    assert make_booking(selectors.slots_of_draw(draw.window)[0], now=CLOSES).status == "booked"
    assert not Message.objects.filter(kind="draw_needs_value").exists()
    assert not selectors.draws_waiting_for_value(draw.office).exists()
    officer = make_officer(draw.office, Role.SUPERVISOR)
    with pytest.raises(DrawNotReady):
        services.type_public_value(draw_id=draw.pk, value="16234", by=officer, now=LOTTERY_TIME)
    services.close_entries(draw_id=draw.pk, now=LOTTERY_TIME)
    hold_due_draws(now=LOTTERY_TIME)
    assert laws_hold()


def test_supervisors_are_reminded_to_type_the_public_value(draw: Draw) -> None:
    make_officer(draw.office, Role.SUPERVISOR)
    enter(draw)
    services.close_entries(draw_id=draw.pk, now=CLOSES)
    requests = Message.objects.filter(kind="draw_needs_value")
    hours = {2: 1, 3: 2, 20: 2, 27: 3, 28: 3}
    for hour, emails in hours.items():
        hold_due_draws(now=CLOSES + timedelta(hours=hour))
        assert requests.count() == emails
    assert "tidak seorang pun mendapat tempat" in text_of(requests.latest("created_at"))
    fix_value(draw)
    hold_due_draws(now=draw.window.closes_at - timedelta(hours=1))
    assert requests.count() == 3


def test_entering_is_confirmed_with_the_commitment(draw: Draw) -> None:
    entry = enter(draw)
    email = Message.objects.get(kind="draw_entered")
    assert draw.seed_hash in text_of(email)
    assert entry.code in text_of(email)


def test_a_person_enters_once_across_accounts(draw: Draw) -> None:
    person = make_person()
    enter(draw, person)
    with pytest.raises(NotBookable):
        enter(draw, make_person(identity_number=person.identity_number))
    # The same person with somebody else of the account: the account may know about its own entry.
    with pytest.raises(AlreadyEntered):
        enter(draw, person, make_person(person.account))


def test_entering_again_changes_the_choice(draw: Draw) -> None:
    person = make_person()
    slot = selectors.slots_of_draw(draw.window)[2]
    first = enter(draw, person)
    again = enter(draw, person, choices=[slot.pk], takes_any=False)
    assert (again.pk, again.choices, again.takes_any) == (first.pk, [slot.pk], False)
    assert draw.entries.count() == 1


def test_a_withdrawn_person_can_enter_again(draw: Draw) -> None:
    person = make_person()
    entry = enter(draw, person)
    services.withdraw_entry(account_id=person.account_id, code=entry.code, now=NOW)
    assert enter(draw, person).pk != entry.pk
    services.close_entries(draw_id=draw.pk, now=CLOSES)
    assert selectors.listed_entries(Draw.objects.get(pk=draw.pk)).count() == 1


def test_entering_ends_with_the_deadline(draw: Draw) -> None:
    with pytest.raises(DrawClosed):
        enter(draw, now=CLOSES)
    with pytest.raises(DrawNotReady):
        services.close_entries(draw_id=draw.pk, now=CLOSES - timedelta(seconds=1))


def test_invalid_input_is_reported_at_its_field(draw: Draw) -> None:
    person = make_person()
    strange = make_open_slot()
    for preferences, field in (
        ({"choices": [], "takes_any": False}, "choices"),
        ({"choices": [strange.pk]}, "choices"),
        ({"choices": [1] * 2}, "choices"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            enter(draw, person, **preferences)
        assert field in refusal.value.fields
    with pytest.raises(InvalidInput):
        services.enter_draw(
            account_id=make_user().pk,
            window_id=draw.window_id,
            applicant_ids=[person.pk],
            service_type="new",
            choices=[],
            takes_any=True,
            now=NOW,
        )
    with pytest.raises(NotFound):
        services.withdraw_entry(account_id=make_user().pk, code=enter(draw).code, now=NOW)


def test_a_booked_person_cannot_enter(draw: Draw) -> None:
    booking = make_booking()
    with pytest.raises(AlreadyBooked):
        enter(draw, booking.applicant)


# --- The public value ----------------------------------------------------------------------------
def test_the_public_value_needs_a_closed_list_and_two_accounts(draw: Draw) -> None:
    one, other = (make_officer(draw.office, Role.SUPERVISOR) for _each in range(2))
    type_it = services.type_public_value
    enter(draw)
    with pytest.raises(DrawNotReady):
        type_it(draw_id=draw.pk, value="1", by=one, now=NOW)
    services.close_entries(draw_id=draw.pk, now=CLOSES)
    assert Message.objects.filter(kind="draw_needs_value").count() == 2
    with pytest.raises(NotAllowed):
        type_it(
            draw_id=draw.pk, value="1", by=make_officer(draw.office, Role.COUNTER), now=LOTTERY_TIME
        )
    with pytest.raises(InvalidInput):
        type_it(draw_id=draw.pk, value=" ", by=one, now=LOTTERY_TIME)
    type_it(draw_id=draw.pk, value="16324", by=one, now=LOTTERY_TIME)
    type_it(draw_id=draw.pk, value="16234", by=one, now=LOTTERY_TIME)
    with pytest.raises(NeedsAnother):
        type_it(draw_id=draw.pk, value="16234", by=one, now=LOTTERY_TIME)
    with pytest.raises(ValuesDiffer):
        type_it(draw_id=draw.pk, value="16243", by=other, now=LOTTERY_TIME)
    with pytest.raises(DrawNotReady):
        run_draw(window_id=draw.window_id, now=LOTTERY_TIME)
    type_it(draw_id=draw.pk, value=" 16234 ", by=other, now=LOTTERY_TIME)
    with pytest.raises(DrawNotReady):
        type_it(draw_id=draw.pk, value="16235", by=one, now=LOTTERY_TIME)


# --- The result ----------------------------------------------------------------------------------
def test_winners_get_places_losers_get_messages_and_the_proof_is_valid(draw: Draw) -> None:
    for _each in range(30):
        enter(draw)
    held = hold(draw)
    assert outcomes(draw) == {"won": 20, "lost": 10}
    bookings = Booking.objects.filter(via="draw", status=Status.HELD)
    assert bookings.count() == 20
    assert {row.expires_at for row in bookings} == {CLAIM_OVER}
    assert Message.objects.filter(kind="draw_won").count() == 20
    assert Message.objects.filter(kind="draw_lost").count() == 10
    proof = selectors.proof_of(Draw.objects.get(pk=held.pk))
    assert check_proof(proof) == []
    assert laws_hold()


def test_a_second_run_changes_nothing(draw: Draw) -> None:
    enter(draw)
    first = hold(draw)
    again = run_draw(window_id=draw.window_id, now=LOTTERY_TIME + timedelta(hours=1))
    assert again.drawn_at == first.drawn_at
    assert draw.rounds.count() == 1
    draw.window.refresh_from_db()
    assert draw.window.drawn_at == LOTTERY_TIME


def test_excess_families_are_never_split(draw: Draw) -> None:
    for _each in range(8):
        enter_family(draw, 3)
    hold(draw)
    assert outcomes(draw) == {"won": 5, "lost": 3}
    for entry in draw.entries.filter(outcome="won"):
        assert entry.party is not None
        assert entry.party.bookings.filter(slot=entry.slot).count() == 3
    # One place a day fits no family: it is open to everybody.
    assert Place.objects.free().filter(window=draw.window, cooldown_until=None).count() == 5


def test_an_entrant_booked_elsewhere_is_void(draw: Draw) -> None:
    person = make_person()
    entry = enter(draw, person)
    booking = make_booking(person=person)
    hold(draw)
    entry.refresh_from_db()
    assert entry.outcome == "void"
    assert draw.rounds.get().voids == {entry.code: "not_bookable"}
    booking.refresh_from_db()
    assert booking.status == Status.BOOKED
    assert Message.objects.filter(kind="draw_void").count() == 1
    assert check_proof(selectors.proof_of(Draw.objects.get(pk=draw.pk))) == []


def test_a_manipulated_list_is_refused(draw: Draw) -> None:
    entry = enter(draw)
    fix_value(draw)
    DrawEntry.objects.filter(pk=entry.pk).update(weight=5)
    with pytest.raises(DrawNotReady):
        run_draw(window_id=draw.window_id, now=LOTTERY_TIME)
    assert not Booking.objects.filter(via="draw").exists()


def test_losers_gain_weight_and_families_use_their_lightest_member(draw: Draw) -> None:
    account = make_user()
    once, never = make_person(account), make_person(account)
    DrawLoss.objects.create(office=draw.office, person_key=once.person_key, losses=1)
    alone = make_person()
    DrawLoss.objects.create(office=draw.office, person_key=alone.person_key, losses=2)
    family, single = enter(draw, once, never), enter(draw, alone)
    services.close_entries(draw_id=draw.pk, now=CLOSES)
    family.refresh_from_db()
    single.refresh_from_db()
    assert (family.weight, single.weight) == (1, 3)


def test_a_loss_adds_weight_and_a_win_resets_it() -> None:
    draw = draw_in(make_draw_office(places=1))
    people = [make_person() for _each in range(8)]
    for person in people:
        DrawLoss.objects.create(office=draw.office, person_key=person.person_key, losses=1)
        enter(draw, person)
    hold(draw)
    assert Counter(DrawLoss.objects.values_list("losses", flat=True)) == {0: 5, 2: 3}


# --- Claims --------------------------------------------------------------------------------------
def test_a_claimed_win_becomes_a_booking(draw: Draw) -> None:
    entry = enter_family(draw, 2)
    hold(draw)
    for _twice in range(2):
        claim_entry(account_id=entry.account_id, code=entry.code, now=LOTTERY_TIME)
    entry.refresh_from_db()
    assert entry.outcome == "claimed"
    assert set(Booking.objects.values_list("status", flat=True)) == {Status.BOOKED}
    assert Message.objects.filter(kind="booking_confirmed").count() == 1
    assert laws_hold()


def test_unclaimed_places_pass_on_by_rank() -> None:
    draw = draw_in(make_draw_office(places=1))
    for _each in range(8):
        enter(draw)
    hold(draw)
    claim_entry(
        account_id=(keeps := draw.entries.get(rank=1)).account_id, code=keeps.code, now=LOTTERY_TIME
    )
    hold_due_draws(now=CLAIM_OVER)
    assert outcomes(draw) == {"claimed": 1, "lapsed": 4, "won": 3}
    assert Message.objects.filter(kind="draw_lapsed").count() == 4
    late = draw.entries.get(rank=2)
    with pytest.raises(ClaimOver):
        claim_entry(account_id=late.account_id, code=late.code, now=CLAIM_OVER)
    # Three entries waited for four places: the fourth is offered like any returned place.
    fourth = Place.objects.free().get(window=draw.window)
    assert CLAIM_OVER < fourth.cooldown_until <= CLAIM_OVER + timedelta(hours=1)
    assert check_proof(selectors.proof_of(Draw.objects.get(pk=draw.pk))) == []
    assert laws_hold()


def test_a_declined_win_passes_on_at_once() -> None:
    draw = draw_in(make_draw_office(places=1))
    for _each in range(6):
        enter(draw)
    hold(draw)
    winner = draw.entries.get(rank=3)
    services.withdraw_entry(account_id=winner.account_id, code=winner.code, now=LOTTERY_TIME)
    hold_due_draws(now=LOTTERY_TIME)
    assert outcomes(draw) == {"won": 5, "lapsed": 1}


def test_entrants_who_declined_late_places_are_skipped() -> None:
    draw = draw_in(make_draw_office(places=1))
    for _each in range(7):
        enter(draw)
    hold(draw)
    shy = draw.entries.get(rank=6)
    services.withdraw_entry(account_id=shy.account_id, code=shy.code, now=LOTTERY_TIME)
    hold_due_draws(now=CLAIM_OVER)
    shy.refresh_from_db()
    assert shy.outcome == "void"
    assert draw.entries.get(rank=7).outcome == "won"


def test_beat_runs_a_lottery_from_start_to_end() -> None:
    office = make_draw_office(places=1)
    draw = draw_in(office)
    entry = enter(draw)
    hold_due_draws(now=CLOSES - timedelta(seconds=1))
    assert Draw.objects.get(pk=draw.pk).closed_at is None
    done = hold_due_draws(now=CLOSES)
    assert (done.closed, done.held) == (1, 0)
    fix_value(draw)
    assert hold_due_draws(now=LOTTERY_TIME).held == 1
    entry.refresh_from_db()
    assert entry.outcome == "won"
