"""The applicant's page of the drive-thru lane, and the officers' screen of the lane."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.test import Client

from counters.drive_thru.forms import key_of
from counters.drive_thru.models import DriveThruVisit
from tests.builders import make_user
from tests.clients import page_text
from tests.counters.drive_thru.world import make_drive_thru_visit, open_lane
from tests.counters.test_screens import sign_in
from tests.counters.world import DAY, World


def test_an_applicant_books_changes_and_cancels_an_hour(
    world: World, set_clock: Callable[[datetime], None]
) -> None:
    open_lane(world)
    book = world.ready_book()
    set_clock(world.at(14, 30))
    booking = book.visit.booking
    assert booking.account is not None
    applicant, address = sign_in(booking.account), f"/pickup/{booking.code}/"
    assert address in page_text(applicant.get(f"/bookings/{booking.code}/"))
    for hour in (9, 10):
        moment = key_of(world.at(hour, day=DAY + timedelta(days=1)))
        answer = applicant.post(address, {"hour": moment, "plate": "KT 1234 AB"})
        assert answer.status_code == 303
    assert "KT1234AB" in page_text(applicant.get(address))
    wrong = applicant.post(address, {"hour": "x", "plate": "<b>"})
    assert (wrong.status_code, "KT1234AB" in page_text(wrong)) == (400, True)
    applicant.post(address, {"go": "cancel"})
    assert DriveThruVisit.objects.get().status == "cancelled"


def test_nobody_else_opens_the_page(world: World) -> None:
    visit = make_drive_thru_visit()
    address = f"/pickup/{visit.book.visit.booking.code}/"
    assert sign_in(make_user()).get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_the_lane_answers_garbage_with_a_sentence(
    world: World, set_clock: Callable[[datetime], None]
) -> None:
    open_lane(world)
    set_clock(world.at(9))
    answer = sign_in(world.pickup).post("/admin/pickup/drive-thru/", {"words": "]d2%%garbage"})
    assert answer.status_code == 400
    assert "Pindai lagi" in page_text(answer)
