"""The pages of no-shows and contested numbers, and who can open the officers' screens."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from booking.bookings.changes import mark_no_show
from booking.bookings.models import Booking
from booking.integrity.broker_signals import find_broker_signals
from booking.integrity.models import BrokerSignal, Contest
from booking.integrity.urls import officer_urlpatterns
from booking.restrictions.models import Restriction
from offices.directory.models import Office, Region
from offices.limits.models import NoShowRule
from offices.staff.models import Role
from tests.booking.integrity.test_contests import Squatted
from tests.builders import (
    INSTRUMENT,
    SINCE,
    make_booking,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
    make_user,
)
from tests.clients import page_text

pytestmark = pytest.mark.django_db
READS = {"supervisor", "regional", "national"}
DESK = {"counter", "supervisor"}
# Each screen: its address, who can read it, who can act on it.
DOORS: dict[str, tuple[str, set[str], set[str]]] = {
    "contests": ("get", READS | DESK, set()),
    "contest_at_desk": ("get", DESK, set()),
    "contest": ("get", READS | DESK, set()),
    "restrictions": ("get", READS, set()),
    "restriction": ("get", READS, set()),
    "signals": ("get", READS, set()),
    "signal_seen": ("post", set(), {"supervisor"}),
}


class Town:
    """An office with a contest, a restriction and a signal, and a user in every role."""

    def __init__(self, region: str) -> None:
        self.office = make_open_office(places=40, region=region)
        area = Region.objects.get(code=region)
        self.people: dict[str, User] = {
            "gate": make_officer(self.office, Role.GATE),
            "counter": make_officer(self.office, Role.COUNTER),
            "pickup": make_officer(self.office, Role.PICKUP),
            "supervisor": make_officer(self.office, Role.SUPERVISOR),
            "regional": make_officer(None, Role.REGIONAL, region=area),
            "national": make_officer(None, Role.NATIONAL),
            "applicant": make_user(),
        }
        slot = make_open_slot(office=self.office)
        case = Squatted(slot)
        case.owner_office = self.office
        self.contest = case.contest()
        NoShowRule.objects.create(
            office=self.office, restricted_days=14, valid_from=SINCE, instrument=INSTRUMENT
        )
        missed = make_booking(slot)
        mark_no_show(booking_id=missed.pk, now=slot.ends_at)
        self.missed = missed
        for _account in range(4):
            make_booking(slot, person=make_person(phone="0813 5555 7777"))
        find_broker_signals(now=slot.ends_at)
        self.names: dict[str, dict[str, Any]] = {
            "contest": {"contest_id": self.contest.pk},
            "restriction": {"restriction_id": Restriction.objects.get(office=self.office).pk},
            "signal_seen": {
                "signal_id": BrokerSignal.objects.get(office=self.office, kind="phone").pk
            },
        }

    def open(self, door: str, role: str, whose: "Town | None" = None) -> int:
        client = Client(raise_request_exception=False)
        client.force_login(self.people[role])
        path = reverse(f"brokers:{door}", kwargs=(whose or self).names.get(door, {}))
        return int(getattr(client, DOORS[door][0])(path).status_code)


@pytest.fixture
def town(set_clock: Any) -> Town:
    made = Town("sumsel")
    set_clock(made.missed.slot.ends_at)
    return made


def test_every_officer_address_is_covered() -> None:
    # The file of an appeal: tests/booking/restrictions/test_excuses.py.
    assert {pattern.name for pattern in officer_urlpatterns} == {*DOORS, "evidence"}


def test_every_screen_opens_to_its_roles_only(town: Town) -> None:
    for door, (_method, looks, acts) in DOORS.items():
        for role in town.people:
            may = (200, 302) if role in looks | acts else (403, 404)
            assert town.open(door, role) in may, (door, role)


def test_other_offices_data_cannot_be_read_or_changed(town: Town) -> None:
    other = Town("kaltim")
    before = list(BrokerSignal.objects.order_by("pk").values())
    for door in other.names:
        for role in town.people:
            if role == "national":
                continue
            assert town.open(door, role, whose=other) in (403, 404), (door, role)
    assert before == list(BrokerSignal.objects.order_by("pk").values())


def signed_in(user: User | None) -> Client:
    assert user is not None
    client = Client()
    client.force_login(user)
    return client


def test_the_refusal_links_to_the_contest_form(db: None, set_clock: Any) -> None:
    from tests.builders import NOW

    set_clock(NOW)
    case = Squatted()
    client = signed_in(case.account)
    page = reverse("booking:book", args=[make_open_slot().pk])
    sent = {"applicants": [case.owner.pk], "service_type": "new", "key": "a"}
    refused = client.post(page, sent)
    assert refused.status_code == 409
    way = reverse("booking:contest_new", args=[case.owner.pk])
    assert way in page_text(refused)
    assert client.get(way).status_code == 200
    assert client.post(way, {"office": "tidak-ada"}).status_code == 400
    assert client.post(way, {"office": case.owner_office.code}).status_code == 302
    again = client.post(way, {"office": case.owner_office.code})
    assert again.status_code == 400
    mine = page_text(client.get(reverse("booking:contests")))
    assert case.owner_office.name in mine
    assert case.booking.code not in mine
    contest = Contest.objects.get()
    other_client = signed_in(case.booking.account)
    withdraw = reverse("booking:contest_withdraw", args=[contest.pk])
    assert other_client.post(withdraw).status_code == 404
    assert client.post(withdraw).status_code == 302
    contest.refresh_from_db()
    assert contest.status == "withdrawn"


def test_a_release_on_the_screen_requires_a_document(town: Town) -> None:
    client = signed_in(town.people["counter"])
    page = reverse("brokers:contest", args=[town.contest.pk])
    assert client.post(page, {"release": "1", "release-evidence": ""}).status_code == 400
    done = client.post(page, {"release": "1", "release-evidence": "KTP asli"})
    assert done.status_code == 302
    town.contest.refresh_from_db()
    assert town.contest.status == "released"
    assert Booking.objects.get(pk=town.contest.booking_id).status == "cancelled"
    assert client.post(page, {"release": "1", "release-evidence": "KTP"}).status_code == 400


def test_a_dismissal_requires_a_reason(town: Town) -> None:
    client = signed_in(town.people["supervisor"])
    page = reverse("brokers:contest", args=[town.contest.pk])
    done = client.post(page, {"dismiss": "1", "dismiss-reason": "KTP orang lain"})
    assert done.status_code == 302
    town.contest.refresh_from_db()
    assert town.contest.status == "dismissed"


def test_at_the_desk_the_identity_number_is_sufficient(town: Town) -> None:
    client = signed_in(town.people["counter"])
    page = reverse("brokers:contest_at_desk")
    number = town.contest.applicant.identity_number
    sent = {"identity_kind": "nik", "identity_number": "123", "evidence": "KTP asli"}
    assert client.post(page, sent).status_code == 400
    assert client.post(page, sent | {"identity_number": number}).status_code == 302
    assert Booking.objects.get(pk=town.contest.booking_id).status == "cancelled"


def test_a_restricted_person_appeals_and_the_supervisor_lifts(town: Town) -> None:
    client = signed_in(town.missed.account)
    mine = reverse("booking:restrictions")
    restriction = Restriction.objects.get()
    appeal = reverse("booking:appeal", args=[restriction.pk])
    assert appeal in page_text(client.get(mine))
    assert client.get(appeal).status_code == 200
    assert client.post(appeal, {"text": ""}).status_code == 400
    assert client.post(appeal, {"reason": "disaster", "text": "Jalan banjir"}).status_code == 302
    assert signed_in(town.people["applicant"]).get(appeal).status_code == 404
    officer = signed_in(town.people["supervisor"])
    desk = reverse("brokers:restriction", args=[restriction.pk])
    assert "Jalan banjir" in page_text(officer.get(desk))
    assert officer.post(desk, {"lift": "1", "reason": ""}).status_code == 400
    assert officer.post(desk, {"lift": "1", "reason": "Banjir benar"}).status_code == 302
    restriction.refresh_from_db()
    assert restriction.lifted_at is not None
    assert "Banjir benar" in page_text(client.get(mine))


def test_the_office_sets_its_products_and_gate_checks(db: None, set_clock: Any) -> None:
    from offices.limits.models import ProductRule, Protocol
    from tests.builders import NOW

    set_clock(NOW)
    office: Office = make_open_office()
    ProductRule.objects.create(
        office=office,
        products=["electronic_5", "electronic_10"],
        valid_from=SINCE,
        instrument=INSTRUMENT,
    )
    Protocol.objects.create(
        office=office,
        name="Protokol kesehatan",
        name_en="Health protocol",
        valid_from=SINCE,
        items=[{"name": "Masker", "name_en": "Mask"}],
        instrument=INSTRUMENT,
    )
    page = page_text(Client().get(reverse("booking:office", args=[office.code])))
    assert "Hanya melayani paspor elektronik 5 tahun" in page
    assert "Protokol kesehatan: masker" in page
    gate = page_text(signed_in(make_officer(office, Role.GATE)).get("/admin/gate/"))
    assert "Protokol kesehatan: masker" in gate


def test_a_report_requires_a_choice_of_office(db: None, set_clock: Any) -> None:
    from tests.builders import NOW

    set_clock(NOW)
    squatted = Squatted()
    url = reverse("booking:contest_new", args=[squatted.owner.pk])
    client = signed_in(squatted.owner.account)
    assert '<option value="" selected>' in page_text(client.get(url))
    answer = client.post(url, {"office": ""})
    assert answer.status_code == 400
    assert "Pilih kantornya." in page_text(answer)
    assert not Contest.objects.exists()
