"""A passport is followed by code and birth date, without an account."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from core.errors import NotFound
from core.pictures import read_picture
from counters.authority.errors import LetterNotNeeded, LetterNotValid, WrongCollector
from counters.authority.models import AuthorityLetter
from counters.authority.services import erase_letters, make_letter, withdraw_letter
from counters.drive_thru.forms import key_of
from counters.drive_thru.models import DriveThruRule, PickupPlace
from counters.drive_thru.selectors import hours_of, live_visit, offered_hours
from counters.drive_thru.services import book_hour
from counters.pickup.models import Pickup
from counters.production.models import PassportBook
from counters.survey.models import SurveyAnswer, SurveyInvitation
from counters.tracking.errors import NotMatched, TooManyTries
from notices.models import Message
from tests.builders import make_nik, make_user
from tests.counters.drive_thru.world import open_lane
from tests.counters.pickup.test_services import hand_over, picture
from tests.counters.survey.test_survey import ALL_FOUR
from tests.counters.world import DAY, World

SetClock = Callable[[datetime], None]
TOMORROW = DAY + timedelta(days=1)
COLLECTOR = "Budi Santoso"


@pytest.fixture
def book(world: World, set_clock: SetClock) -> PassportBook:
    open_lane(world)
    DriveThruRule.objects.update(desk_places=1)
    book = world.ready_book()
    set_clock(world.at(15))
    return book


def typed(book: PassportBook, **changes: Any) -> dict[str, Any]:
    born = book.applicant.birth_date
    values = {
        "code": book.visit.booking.code,
        "birth_date_day": born.day,
        "birth_date_month": born.month,
        "birth_date_year": born.year,
    }
    return values | changes


def follow(client: Client, book: PassportBook, **changes: Any) -> Any:
    return client.post("/passport/", typed(book, **changes), follow=True)


def letter_of(book: PassportBook, world: World, **changes: Any) -> AuthorityLetter:
    values: dict[str, Any] = {
        "collector_name": COLLECTOR,
        "collector_identity": make_nik(),
        "by": book.visit.booking.account,
        **changes,
    }
    return make_letter(book_id=book.pk, now=world.at(15), **values)


# --- Code and birth date ----------------------------------------------------------------------------
def test_code_and_birth_date_show_the_status_and_nothing_personal(
    client: Client, book: PassportBook
) -> None:
    answer = client.post("/passport/", typed(book, code=book.visit.booking.code.lower()))
    assert (answer.status_code, answer["Location"]) == (303, "/passport/status/")
    page = client.get("/passport/status/").content.decode()
    assert "Siap diambil sejak" in page
    assert book.applicant.full_name not in page
    assert book.applicant.identity_number not in page


def test_an_unknown_code_and_a_wrong_date_get_the_same_answer(
    client: Client, book: PassportBook
) -> None:
    wrong = [typed(book, birth_date_year=1950), typed(book, code="ACDEFGHJKM")]
    for form in wrong:
        page = client.post("/passport/", form)
        assert page.status_code == 400
        assert str(NotMatched.message) in page.content.decode()
    assert client.get("/passport/status/")["Location"] == "/passport/"


@pytest.mark.parametrize("code", ["", "ACDEFGHJKM"])
def test_guesses_are_limited_for_known_and_unknown_codes(
    client: Client, book: PassportBook, code: str
) -> None:
    form = typed(book, birth_date_year=1950, **({"code": code} if code else {}))
    for _try in range(10):
        assert str(NotMatched.message) in client.post("/passport/", form).content.decode()
    assert str(TooManyTries.message) in client.post("/passport/", form).content.decode()
    right = client.post("/passport/", typed(book))
    assert (right.status_code == 303) == bool(code)


def test_the_page_closes_by_itself_and_by_its_button(
    client: Client, book: PassportBook, world: World, set_clock: SetClock
) -> None:
    follow(client, book)
    set_clock(world.at(15, 31))
    assert client.get("/passport/status/")["Location"] == "/passport/"
    assert client.get("/passport/letter/").status_code == 404
    follow(client, book)
    client.post("/passport/leave/")
    assert client.get("/passport/hour/").status_code == 404


def test_a_visit_that_is_not_over_has_no_passport(
    client: Client, world: World, set_clock: SetClock
) -> None:
    booking = world.book(9)
    set_clock(world.at(8))
    born = booking.applicant.birth_date
    page = client.post(
        "/passport/",
        {
            "code": booking.code,
            "birth_date_day": born.day,
            "birth_date_month": born.month,
            "birth_date_year": born.year,
        },
        follow=True,
    )
    assert "Kunjungan belum dimulai" in page.content.decode()
    assert client.get("/passport/letter/").status_code == 404
    world.check_in(booking)
    assert "Kunjungan belum selesai" in client.get("/passport/status/").content.decode()


def test_a_promised_date_that_has_passed_is_called_late(
    client: Client, world: World, set_clock: SetClock
) -> None:
    book = world.book_of_someone()
    assert book.due_on is not None
    set_clock(world.at(10, day=book.due_on))
    follow(client, book)
    assert "Sedang dikerjakan, dijanjikan" in client.get("/passport/status/").content.decode()
    set_clock(world.at(10, day=book.due_on + timedelta(days=1)))
    follow(client, book)
    assert "Sedang dikerjakan, terlambat" in client.get("/passport/status/").content.decode()


def test_the_owner_opens_it_from_the_ticket(client: Client, book: PassportBook) -> None:
    code = book.visit.booking.code
    client.force_login(make_user())
    assert client.get(f"/passport/open/{code}/").status_code == 404
    client.force_login(book.visit.booking.account)
    assert f"/passport/open/{code}/" in client.get(f"/bookings/{code}/").content.decode()
    assert client.get(f"/passport/open/{code}/")["Location"] == "/passport/status/"
    assert "Siap diambil" in client.get("/passport/status/").content.decode()


# --- The hour ---------------------------------------------------------------------------------------
def test_an_hour_is_booked_without_an_account(
    client: Client, book: PassportBook, world: World
) -> None:
    follow(client, book)
    for where in PickupPlace:
        form = {"hour": key_of(world.at(10, day=TOMORROW), where), "plate": ""}
        answer = client.post("/passport/hour/", form)
        assert (answer.status_code, answer["Location"]) == (303, "/passport/hour/")
        visit = live_visit(book)
        assert visit is not None
        assert (visit.hour.where, visit.hour.starts_at) == (where, world.at(10, day=TOMORROW))
    # The hour of the place that was left is free again.
    left = {where: hours_of(world.office, TOMORROW, where)[1].left for where in PickupPlace}
    assert left == {PickupPlace.DESK: 1, PickupPlace.DRIVE_THRU: 1}
    client.post("/passport/hour/", {"go": "cancel"})
    assert live_visit(book) is None


def test_without_desk_places_only_the_lane_has_hours(book: PassportBook, world: World) -> None:
    DriveThruRule.objects.update(desk_places=0)
    places = {hour.where for hour in offered_hours(book, now=world.at(15))}
    assert places == {PickupPlace.DRIVE_THRU}


def test_another_passport_cannot_be_changed(book: PassportBook, world: World) -> None:
    other = world.book(9)
    values: dict[str, Any] = {"book_id": book.pk, "by": None, "follows": other.pk}
    with pytest.raises(NotFound):
        book_hour(starts_at=world.at(10, day=TOMORROW), now=world.at(15), **values)
    with pytest.raises(NotFound):
        letter_of(book, world, by=make_user())


# --- The letter of authority ------------------------------------------------------------------------
def test_a_letter_is_made_printed_and_checked_at_the_desk(
    client: Client, book: PassportBook, world: World
) -> None:
    follow(client, book)
    nik = make_nik()
    form = {"collector_name": COLLECTOR, "collector_identity": nik}
    page = client.post("/passport/letter/", form, follow=True)
    letter = AuthorityLetter.objects.get()
    text = page.content.decode()
    assert page.redirect_chain == [("/passport/letter/print/", 303)]
    assert all(part in text for part in (letter.number, COLLECTOR, nik))
    paper = read_picture(picture())
    desk: dict[str, Any] = {"right": "letter", "letter": paper, "evidence": "Surat dan KTP"}
    with pytest.raises(LetterNotValid):
        hand_over(world, book, collector_name=COLLECTOR, letter_number="ACDEFGHJKM", **desk)
    with pytest.raises(LetterNotValid):
        hand_over(world, book, collector_name=COLLECTOR, **desk)
    with pytest.raises(WrongCollector):
        hand_over(world, book, collector_name="Orang Lain", letter_number=letter.number, **desk)
    pickup = hand_over(
        world, book, collector_name="budi santoso", letter_number=letter.number, **desk
    )
    assert pickup.authority == letter
    with pytest.raises(LetterNotNeeded):
        letter_of(book, world)


def test_a_new_letter_replaces_the_old_one_and_tells_the_owner(
    book: PassportBook, world: World
) -> None:
    first, second = letter_of(book, world), letter_of(book, world)
    first.refresh_from_db()
    assert (first.withdrawn_at, second.withdrawn_at) == (world.at(15), None)
    assert Message.objects.filter(kind="letter_made").count() == 2
    withdraw_letter(book_id=book.pk, by=book.visit.booking.account, now=world.at(16))
    assert not AuthorityLetter.objects.filter(withdrawn_at=None).exists()
    # A paper that was not made here is still accepted.
    paper = {"right": "letter", "letter": read_picture(picture()), "evidence": "Surat dan KTP"}
    assert hand_over(world, book, collector_name=COLLECTOR, **paper).authority is None


def test_a_wrong_nik_is_refused_and_the_letter_is_erased_by_rule(
    client: Client, book: PassportBook, world: World
) -> None:
    follow(client, book)
    page = client.post(
        "/passport/letter/", {"collector_name": COLLECTOR, "collector_identity": "123"}
    )
    assert page.status_code == 400
    letter = letter_of(book, world)
    erase_letters(letter_ids=[letter.pk], now=world.at(16))
    letter.refresh_from_db()
    assert (letter.collector_name, letter.collector_identity) == ("", "")
    assert Pickup.objects.count() == 0


# --- The survey -------------------------------------------------------------------------------------
def test_the_survey_opens_without_its_message_once(client: Client, book: PassportBook) -> None:
    follow(client, book)
    page = client.post("/passport/survey/", follow=True)
    invitation = SurveyInvitation.objects.get()
    assert page.request["PATH_INFO"] == f"/survey/{invitation.pk}/"
    client.post(f"/survey/{invitation.pk}/", ALL_FOUR)
    assert SurveyAnswer.objects.count() == 1
    assert client.post("/passport/survey/")["Location"] == "/passport/status/"
