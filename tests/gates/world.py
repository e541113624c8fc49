"""A working morning in Balikpapan with data on every page."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from time import time as unix_time
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)
from knox.models import AuthToken

from accounts.models import User
from accounts.webhooks.services import create_endpoint
from booking.applications.services import ApplicationData, save_application
from booking.bookings.changes import cancel_booking, mark_no_show
from booking.bookings.errors import NotBookable
from booking.bookings.models import Booking, Party
from booking.integrity.broker_signals import find_broker_signals, note_signal
from booking.integrity.contests import open_contest
from booking.integrity.models import BrokerSignal, Contest
from booking.lottery.models import Draw
from booking.objections.models import Objection
from booking.objections.services import object_to_lottery
from booking.payments.models import BillingCode
from booking.people.models import Applicant
from booking.photos.services import keep_photo
from booking.refusals.services import Channel, record_refusal
from booking.restrictions.models import Restriction
from booking.restrictions.services import appeal_restriction
from booking.settlement.files import COLUMNS
from booking.settlement.services import bill_after_interview, import_settlement
from booking.waiting_list.models import Offer
from booking.waiting_list.offers import stop_waiting
from booking.waiting_list.selectors import STOP_LINK
from core.pictures import Picture
from counters.complaints.models import Complaint
from counters.complaints.services import make_complaint
from counters.drive_thru.services import book_hour
from counters.gate import services as gate_services
from counters.pickup import services as pickup_services
from counters.production.models import PassportBook
from counters.queue import services as queue_services
from counters.service import services as service_services
from counters.stations import services as stations_services
from counters.survey.models import SurveyInvitation
from counters.visits.models import CounterSession, Visit
from counters.walk_in.services import admit_at_desk
from notices import links
from notices.models import ChannelRule
from notices.services import deliver_due, queue_message
from offices.directory.models import Counter, Device, Office, ServiceGroup, ServiceType
from offices.inspections.services import record_finding
from offices.limits.models import PaymentRule, ProductRule
from offices.officers.services import invite_officer
from offices.outages.services import end_outage, record_outage
from offices.reads.services import record_read
from offices.rosters.models import RosterShift
from offices.rosters.services import fill_week, mark_absent
from offices.staff.models import Role
from privacy.reads.services import count_reading
from privacy.requests.services import DeskIdentity, ask_for_correction, record_at_desk
from privacy.retention.services import run_retention
from quotas.places.models import Slot
from quotas.policies.models import NoticeRule
from quotas.waiting_room.models import RoomSecond
from reports.advice.models import AcceptedAdvice
from reports.forecast.models import DemandDay
from reports.forecast.services import make_forecast
from tests.booking.lottery.lottery_world import draw_in, enter, hold, make_draw_office
from tests.booking.waiting_list.waiting_world import give_back, offer_to, serve, wait
from tests.builders import (
    book_online,
    make_application,
    make_booking,
    make_officer,
    make_open_slot,
    make_person,
    make_return_rule,
    make_user,
    person_data,
    produce,
)
from tests.counters.world import who
from tests.quotas.waiting_room.waiting_room_world import join, make_room_office, window_of

NOW = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)  # a Tuesday, 10.10 in Balikpapan
BEFORE = NOW - timedelta(days=5)
KEY_ID = b"kunci-sandi-uji-"
PASSWORD = "kata-sandi-uji-1"
LONG_NAME = "Raden Ajeng Siti Nurhaliza Kusumawardhani Tjokroaminoto binti Abdurrahman Wahid"


@dataclass
class World:
    """The users and their data."""

    office: Office
    applicant: User
    siti: Applicant
    budi: Applicant
    booking: Booking
    expected: Booking  # today, not arrived yet
    visits: dict[str, Visit]
    books: dict[str, PassportBook]
    email_name: str = ""
    draws: dict[str, Draw] = field(default_factory=dict)
    brokers: "Brokers | None" = None
    offer: Offer | None = None  # of the waiting list, for the applicant
    rooms: dict[str, tuple[int, str]] = field(default_factory=dict)  # window and ticket
    complaint: Complaint | None = None
    invitation: SurveyInvitation | None = None
    objection: Objection | None = None  # undecided, of the entrant
    data_requests: dict[str, int] = field(default_factory=dict)  # by kind
    family: Party | None = None  # two people of the entrant

    @cached_property
    def people(self) -> dict[str, User]:
        """The users who sign in."""
        office = self.office
        collector = self.books["ready"].visit.booking.account
        assert collector is not None
        return {
            "applicant": self.applicant,
            "collector": collector,
            "newcomer": make_user("baru@contoh.id"),
            "entrant": User.objects.get(email="undian@contoh.id"),
            "keyholder": _keyholder(make_user("kunci@contoh.id")),
            "guarded": _guarded(make_user("aman@contoh.id")),
            "gate": _on_duty(office, Role.GATE),
            "counter": _on_duty(office, Role.COUNTER),
            "idle": make_officer(office, Role.COUNTER),
            "pickup": _on_duty(office, Role.PICKUP),
            "supervisor": _on_duty(office, Role.SUPERVISOR),
            "regional": make_officer(None, Role.REGIONAL, region=office.region),
            "national": User.objects.filter(staff_roles__role=Role.NATIONAL)[0],
            "data_protection_officer": make_officer(None, Role.DATA_PROTECTION_OFFICER),
            "root": User.objects.create_superuser("akar@imigrasi.example", PASSWORD),
        }

    def session_of(self, name: str) -> dict[str, str]:
        """Sign a user in as if they had just typed their password; return their cookies."""
        if not name:
            return {}
        client, user = Client(), self.people[name]
        client.force_login(user)
        session = client.session
        # allauth reads the system clock; one more hour, so that it does not expire in a slow run.
        given = {"method": "password", "at": unix_time() + 3600, "reauthenticated": True}
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [given]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        return _cookies(client)

    def half_way(self) -> dict[str, str]:
        """The cookies of a user who has typed the password but not yet the second factor."""
        client = Client()
        client.post("/akun/login/", {"login": "aman@contoh.id", "password": PASSWORD})
        return _cookies(client)


def _cookies(client: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items() if name == "sessionid"}


def _guarded(user: User) -> User:
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    return user


def _keyholder(user: User) -> User:
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    kept = AttestedCredentialData.create(Aaguid(bytes(16)), KEY_ID, public)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    attestation = AttestationObject.create(
        "none", AuthenticatorData.create(bytes(32), flags, 0, kept), {}
    )
    client_data = CollectedClientData.create("webauthn.create", KEY_ID, "http://localhost")
    credential = {
        "id": websafe_encode(KEY_ID),
        "rawId": websafe_encode(KEY_ID),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(client_data),
            "attestationObject": websafe_encode(attestation),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": "Ponsel", "credential": credential},
    )
    return user


def _on_duty(office: Office, role: Role) -> User:
    return User.objects.filter(staff_roles__role=role, staff_roles__office=office).order_by("pk")[0]


def make_world(set_clock: Any, mailbox: Any) -> World:
    """Load the scenario five days earlier, book, and run the morning up to NOW."""
    set_clock(BEFORE)
    call_command("load_scenario", "scenarios/balikpapan.yaml", verbosity=0)
    office = Office.objects.get(code="balikpapan")
    applicant = make_user("siti@contoh.id")
    EmailAddress.objects.create(user=applicant, email=applicant.email, verified=True, primary=True)
    siti, budi = _people(applicant)
    booking = make_booking(slot_after(office, NOW + timedelta(days=3)), person=siti, now=BEFORE)
    expected = make_booking(slot_after(office, NOW - timedelta(minutes=9)), now=BEFORE)
    late = [
        make_booking(slot_after(office, NOW - timedelta(hours=2)), now=BEFORE) for _each in range(4)
    ]
    set_clock(NOW)
    visits, books = _morning(office, late)
    _odds_and_ends(office, applicant)
    _staffing(office)
    world = World(office, applicant, siti, budi, booking, expected, visits, books)
    deliver_due(now=NOW, limit=2)
    world.email_name = next(email.name for email in mailbox.emails if email.calendar)
    world.draws = _draws()
    world.brokers = _brokers(world)
    world.objection = _objection(world)
    _photos(siti, booking=books["ready"].visit.booking)
    _payments(world)
    world.complaint = make_complaint(
        office=office,
        about="waiting",
        text="Dilewati",
        address="lapor@contoh.id",
        language="id",
        now=NOW,
    )
    world.invitation = SurveyInvitation.objects.create(
        visit=next(iter(visits.values())), office=office, sent_at=NOW
    )
    world.offer = _waiting(siti, budi)
    world.rooms = _rooms()
    world.family = _family(world.people["entrant"])
    world.data_requests = _data_requests(world)
    record_finding(
        office_id=office.pk,
        inspected_on=office.local_day(NOW),
        text="Nomor antrean tidak dipanggil di ruang tunggu",
        due_on=office.local_day(NOW) + timedelta(days=14),
        by=world.people["regional"],
        now=NOW,
    )
    create_endpoint(
        account_id=applicant.pk,
        url="https://sistem.contoh.id/kejadian",
        event_kinds=["booking.confirmed"],
        now=NOW,
    )
    return world


def _photos(person: Applicant, *, booking: Booking) -> None:
    """A photo of the identity card, and the family card of a person who was served today."""
    for one, document in ((person, "ktp"), (booking.applicant, "kk")):
        assert one is not None
        assert one.account_id is not None
        keep_photo(
            application_id=one.applications.get().pk,
            document=document,
            picture=Picture("image/jpeg", b"foto uji"),
            account_id=one.account_id,
            now=NOW,
        )


def slot_after(office: Office, after: datetime) -> Slot:
    """Return the office's next online slot for citizens."""
    slots = Slot.objects.filter(
        office=office, lane="online", group__code="citizens", starts_at__gte=after
    )
    return slots.order_by("starts_at")[0]


def _people(account: User) -> tuple[Applicant, Applicant]:
    siti = make_person(account, now=BEFORE)
    budi = make_person(account, now=BEFORE, full_name=LONG_NAME, birth_date=date(1991, 2, 6))
    make_person(
        account,
        now=BEFORE,
        full_name="Anna Müller",
        sex="female",
        identity_kind="passport",
        identity_number="C01X00T47",
        nationality="DE",
    )
    for person in (siti, budi):
        data = ApplicationData(
            "replacement",
            "expired",
            "umrah",
            "electronic_10",
            {"ktp": True},
            issued="since_2009",
            is_declared=True,
        )
        save_application(applicant_id=person.pk, by=account, data=data, now=BEFORE)
    office = Office.objects.get(code="balikpapan")
    gone = make_booking(slot_after(office, NOW + timedelta(days=2)), person=budi, now=BEFORE)
    cancel_booking(booking_id=gone.pk, by=account, now=BEFORE)
    return siti, budi


def _morning(
    office: Office, booked: list[Booking]
) -> tuple[dict[str, Visit], dict[str, PassportBook]]:
    """Some wait, one is served, four passports are in production, and one of them is collected."""
    gate = _on_duty(office, Role.GATE)
    early = NOW - timedelta(hours=1, minutes=50)
    session = stations_services.take_counter(
        counter_id=Counter.objects.filter(hall__office=office).order_by("pk")[0].pk,
        by=_on_duty(office, Role.COUNTER),
        now=early,
    )
    books = []
    for number, booking in enumerate(booked):
        at = early + timedelta(minutes=15 * number)
        gate_services.check_in(office_id=office.pk, code=booking.code, by=gate, now=at)
        books.append(_serve(session, at + timedelta(minutes=1)))
    _produce_and_hand_over(office, books)
    _admit_and_refuse(office, booked[0])
    called = queue_services.call_next(session_id=session.pk, by=session.officer, now=NOW)
    assert called is not None
    service_services.start_service(**who(called, session), now=NOW)
    waiting = Visit.objects.filter(status="waiting").order_by("pk")[0]
    names = ("ordered", "checked", "ready", "handed_over")
    return {"serving": called, "waiting": waiting}, dict(zip(names, books, strict=True))


def _produce_and_hand_over(office: Office, books: list[PassportBook]) -> None:
    """Four passports in production: ordered, checked, ready with a drive-thru time, and handed over."""
    pickup, supervisor = _on_duty(office, Role.PICKUP), _on_duty(office, Role.SUPERVISOR)
    for book, how_far in zip(books, (0, 2, 3, 3), strict=True):
        produce(book, by=pickup, checker=supervisor, now=NOW, steps=how_far)
    books[3].refresh_from_db()
    pickup_services.hand_over(
        book_id=books[3].pk,
        book_number=books[3].book_number,
        collector_name="",
        right="self",
        evidence="KTP",
        where="desk",
        signature=Picture("image/png", b"\x89PNG"),
        by=pickup,
        now=NOW,
    )
    book_hour(
        book_id=books[2].pk,
        starts_at=NOW.replace(hour=6, minute=0),
        plate="KT 1234 AB",
        by=books[2].visit.booking.account,
        now=NOW,
    )


def _admit_and_refuse(office: Office, booking: Booking) -> None:
    """Four people without a booking wait; a companion is not let in."""
    gate = _on_duty(office, Role.GATE)
    service = ServiceType.objects.get(code="new")
    for _each in range(4):
        admit_at_desk(
            office_id=office.pk,
            applicant=person_data(),
            service_type_id=service.pk,
            by=gate,
            now=NOW - timedelta(minutes=20),
        )
    gate_services.refuse_at_gate(
        office_id=office.pk,
        kind="companion",
        reason="companion_off",
        booking_id=booking.pk,
        by=gate,
        now=NOW,
    )


def _serve(session: CounterSession, at: datetime) -> PassportBook:
    visit = queue_services.call_next(session_id=session.pk, by=session.officer, now=at)
    assert visit is not None
    make_application(visit.booking)
    service_services.start_service(**who(visit, session), now=at)
    codes = [row["code"] for row in visit.booking.service_type.documents]
    for minutes in (3, 6):
        service_services.finish_stage(
            **who(visit, session), documents_checked=codes, now=at + timedelta(minutes=minutes)
        )
    service_services.finish_visit(**who(visit, session), now=at + timedelta(minutes=10))
    return PassportBook.objects.get(visit=visit)


def _draws() -> dict[str, Draw]:
    """Three lotteries with the same entrant: one open, one lost with a family, one won."""
    account = make_user("undian@contoh.id")
    entrant = make_person(account, now=BEFORE)
    week, lottery_time = date(2026, 11, 23), NOW - timedelta(hours=90)
    draws = {"open": draw_in(make_draw_office("undian-buka", now=BEFORE))}
    enter(draws["open"], entrant, now=BEFORE)
    for name, people in (
        ("lost", [make_person(account, now=BEFORE) for _each in range(2)]),
        ("won", [entrant]),
    ):
        draw = draw_in(make_draw_office(f"undian-{name}", places=1, week=week, now=BEFORE))
        enter(draw, *people, now=BEFORE)
        draws[name] = hold(draw, now=lottery_time)
    return draws


def _objection(world: World) -> Objection:
    """An objection to the lost lottery, shown at the office of the world."""
    entry = world.draws["lost"].entries.get()
    made = object_to_lottery(code=entry.code, text="Hasilnya keliru", by=entry.account, now=NOW)
    Objection.objects.filter(pk=made.pk).update(office=world.office)
    return made


def _payments(world: World) -> None:
    """The applicant's booking was paid twice, the second time by a settlement file of the bank."""
    PaymentRule.objects.create(
        office=world.office,
        timing=PaymentRule.Timing.AFTER_INTERVIEW,
        hours=168,
        valid_from=world.booking.slot.day,
        valid_until=world.booking.slot.day,
        instrument="SK uji",
    )
    save_application(
        applicant_id=world.siti.pk,
        by=world.applicant,
        data=ApplicationData(
            "new", "first", "holiday", "electronic_10", {"ktp": True}, is_declared=True
        ),
        now=NOW,
    )
    bill_after_interview(booking_id=world.booking.pk, now=NOW)
    code = BillingCode.objects.get(bill__booking=world.booking)
    rows = [f"UJI-{number},{code.code},{code.amount},IDR,{NOW.isoformat()}" for number in (1, 2)]
    total = f"TOTAL,2,{2 * code.amount},IDR,"
    import_settlement(
        "\n".join([",".join(COLUMNS), *rows, total]).encode(),
        name="bank.csv",
        office=world.office,
        by=_on_duty(world.office, Role.SUPERVISOR),
        now=NOW,
    )


def _rooms() -> dict[str, tuple[int, str]]:
    """Waiting rooms with the entrant of the lotteries: before the opening, waiting, and admitted."""
    account = User.objects.get(email="undian@contoh.id").pk
    rooms = {}
    for name, opens, joins, others in (
        ("early", time(9, 25), NOW, 0),
        ("waiting", time(9, 9), NOW, 5_000),
        ("admitted", time(9, 8), NOW - timedelta(minutes=10), 0),
    ):
        office = make_room_office(f"tg-{name}", now=BEFORE, weekday=2, opens_time=opens)
        window = window_of(office)
        RoomSecond.objects.create(room=window.room, second=-1, arrived=others)
        rooms[name] = window.pk, join(window, account, now=joins)
    return rooms


def _staffing(office: Office) -> None:
    """A week's roster with an absence, a broken camera and a repaired one."""
    supervisor, officer = _on_duty(office, Role.SUPERVISOR), _on_duty(office, Role.COUNTER)
    fill_week(
        office_id=office.pk,
        monday=date(2026, 11, 23),
        like_last_week=False,
        by=supervisor,
        now=BEFORE,
    )
    shift = RosterShift.objects.filter(day=office.local_day(NOW)).exclude(officer=officer)[0]
    mark_absent(shift_id=shift.pk, reason="sakit", by=supervisor, now=NOW)
    for number, device in enumerate(Device.objects.filter(office=office, kind="camera")[:2]):
        outage = record_outage(
            office_id=office.pk,
            device_id=device.pk,
            reason="layar gelap",
            by=officer,
            now=NOW - timedelta(minutes=40 + number),
        )
        if number:
            end_outage(outage_id=outage.pk, by=officer, now=NOW - timedelta(minutes=20))


def _data_requests(world: World) -> dict[str, int]:
    """A correction requested by the account, a copy requested at the desk, and a day of reading records."""
    correction = ask_for_correction(
        account=world.applicant, office_id=world.office.pk, text="Nama saya salah.", now=NOW
    )
    person = world.expected.applicant
    copy = record_at_desk(
        office_id=world.office.pk,
        kind="export",
        identity=DeskIdentity("nik", person.identity_number, "", "KTP asli"),
        text="",
        by=world.people["gate"],
        now=NOW,
    )
    record_read(
        by=world.people["gate"],
        office=world.office,
        screen="counters:gate_card",
        applicant_ids=[world.siti.pk],
        now=NOW - timedelta(days=1),
    )
    count_reading(now=NOW)
    return {"correct": correction.pk, "export": copy.pk}


@dataclass
class Brokers:
    """A contested identity number, a no-show, a telephone in many accounts."""

    squatted: Applicant
    contest: Contest
    restriction: Restriction
    excused: Restriction  # with an appeal and its file
    signal: BrokerSignal


def _brokers(world: World) -> Brokers:
    account = User.objects.get(email="undian@contoh.id")
    number = world.expected.applicant.identity_number
    squatted = make_person(account, now=BEFORE, identity_number=number)
    contest = open_contest(applicant_id=squatted.pk, office_id=world.office.pk, by=account, now=NOW)
    slot = slot_after(world.office, NOW - timedelta(hours=2))
    gone, excused = (
        make_booking(slot, person=make_person(account, now=BEFORE), now=BEFORE) for _each in "ab"
    )
    for missed in (gone, excused):
        mark_no_show(booking_id=missed.pk, now=NOW)
    appeal_restriction(
        restriction_id=Restriction.objects.get(booking=excused).pk,
        text="Demam tinggi.",
        reason="ill",
        evidence=Picture("image/jpeg", b"foto uji"),
        by=account,
        now=NOW,
    )
    record_refusal(
        NotBookable(reason="already_booked"),
        channel=Channel.PAGE,
        account_id=account.pk,
        slot=gone.slot,
        now=NOW,
    )
    find_broker_signals(now=NOW)
    signal = BrokerSignal.objects.filter(office=world.office)[0]
    note_signal(
        signal_id=signal.pk,
        outcome="groundless",
        text="Sudah dicek",
        by=world.people["supervisor"],
        now=NOW,
    )
    ProductRule.objects.create(
        office=world.office,
        products=["electronic_5", "electronic_10"],
        valid_from=date(2027, 1, 1),
        instrument="SK uji",
    )
    bound = {row.booking_id: row for row in Restriction.objects.all()}
    return Brokers(squatted, contest, bound[gone.pk], bound[excused.pk], signal)


def _waiting(siti: Applicant, budi: Applicant) -> Offer:
    """The applicant has an offer of one office, waits at another with the family, and has left a third."""
    slots = [make_open_slot(places=1, now=NOW) for _each in range(3)]
    make_return_rule(slots[0].office)
    booking = make_booking(slots[0], now=NOW)
    entry = wait(slots[0], siti, now=NOW)
    wait(slots[1], siti, budi, now=NOW)
    left = wait(slots[2], budi, now=NOW)
    use = links.LinkUse(links.Link(STOP_LINK.name, str(left.pk)))
    stop_waiting(entry_id=left.pk, account_id=left.account_id, use=use, now=NOW)
    give_back(booking, now=NOW)
    serve(NOW)
    return offer_to(entry)


def _family(account: User) -> Party:
    """Two people with one appointment."""
    people = [make_person(account, full_name=LONG_NAME) for _each in range(2)]
    return book_online(
        account_id=account.pk,
        slot_id=make_open_slot(now=NOW).pk,
        applicant_ids=[person.pk for person in people],
        service_type="new",
        key="keluarga",
        now=NOW,
    )


def _forecast(office: Office) -> None:
    """Some weeks of demand above the quota, and the forecast made of them."""
    today = office.local_day(NOW)
    DemandDay.objects.bulk_create(
        DemandDay(
            office=office,
            day=today - timedelta(days=ago),
            booked=70,
            refused=ago % 13,
            no_shows=6,
            walk_ins=4,
            hours={"08": [40, 2], "09": [30 + ago % 13, 2]},
            counted_at=NOW,
        )
        for ago in range(1, 80)
        if (today - timedelta(days=ago)).weekday() < 5
    )
    make_forecast(office=office, now=NOW)
    AcceptedAdvice.objects.create(
        office=office,
        group=ServiceGroup.objects.get(code="citizens"),
        monday=today - timedelta(days=today.weekday() + 14),
        quota_before=60,
        quota=75,
        demand=80,
        promise=0.96,
        accepted_by=_on_duty(office, Role.SUPERVISOR),
        accepted_at=NOW,
    )


def _odds_and_ends(office: Office, applicant: User) -> None:
    """One row of each table that nothing above has written to."""
    NoticeRule.objects.create(
        office=office, opening_hours=48, valid_from=date(2026, 1, 1), instrument="SK uji"
    )
    _forecast(office)
    Group.objects.create(name="Semua")
    run_retention(now=NOW)
    AuthToken.objects.create(user=applicant)
    UserSession.objects.create(
        user=applicant,
        ip="192.0.2.7",
        user_agent="Mozilla/5.0 (Android 14; Mobile) Firefox/142.0",
        session_key="x" * 32,
    )
    queue_message(
        kind="booking_kept",
        dedupe_key="gate",
        address=applicant.email,
        language="id",
        context={"code": "ACDEFGHJKM"},
        office_code=office.code,
        now=NOW,
    )
    ChannelRule.objects.create(topic="survey", channel="sms", is_offered=False)
    supervisor = _on_duty(office, Role.SUPERVISOR)
    invite_officer(
        office_id=office.pk,
        email="petugas.baru@imigrasi.example",
        full_name="Petugas Baru",
        role=Role.GATE,
        starts_on=office.local_day(NOW),
        by=supervisor,
        now=NOW,
    )
    LogEntry.objects.create(
        user=supervisor,
        content_type=ContentType.objects.get_for_model(Office),
        object_id=str(office.pk),
        object_repr=office.code,
        action_flag=ADDITION,
        action_time=NOW,
    )
