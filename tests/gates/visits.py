"""How each address is visited. An address without an entry here fails."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from accounts.services import REMINDERS_LINK, token_name, tokens_of
from accounts.webhooks.selectors import endpoints_of
from booking.bookings.models import Displacement
from booking.bookings.selectors import MOVE_LINK
from booking.closures.moves import move_everyone, move_to_later_day
from booking.closures.services import ClosureData, close_office
from booking.payments.models import PaymentCase, SettlementFile
from booking.restrictions.models import AbsenceReview, Obstacle
from booking.waiting_list.models import Offer, WaitingListEntry
from booking.waiting_list.selectors import OFFER_LINK, STOP_LINK
from counters.authority.selectors import letter_in_force
from counters.authority.services import make_letter
from counters.kiosks.services import issue_kiosk
from counters.pickup.models import PickupFile
from counters.screening.models import Screening
from counters.survey import messages as survey
from counters.visits.models import CounterSession
from notices import links
from offices.directory.models import Counter, ServiceGroup
from offices.hours.models import Holiday, HolidayProposal
from offices.hours.services import LibraryDay, update_proposals
from offices.inspections.models import Finding
from offices.limits.models import Protocol
from offices.outages.models import Outage
from offices.rosters.models import RosterShift
from ops.tasks import beat_heartbeat
from quotas.calendar.selectors import nearest_open_slots
from quotas.watches import services as watches
from quotas.watches.models import OpeningWatch
from tests.builders import make_booking, make_nik
from tests.gates.world import BEFORE, LONG_NAME, NOW, World, slot_after

HTML, JSON = "text/html", "application/json"


@dataclass(frozen=True)
class Visit:
    """One visit to an address: the user, the expected response, and the button to press."""

    route: str
    who: str = ""
    status: int = 200
    query: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    kind: str = HTML
    moves: bool = False  # expects a redirect and checks its target
    press: str = ""  # presses a button and checks the response instead: the page with its errors

    @property
    def path(self) -> str:
        return reverse(self.route, kwargs=self.values) + self.query

    def __str__(self) -> str:
        return f"{self.route}{self.query} {f'[{self.press}]' if self.press else ''} {self.who or 'anybody'}"


def public(world: World) -> Iterator[Visit]:
    """Public pages; they have a limit of bytes."""
    office = {"code": world.office.code}
    yield Visit("booking:home")
    yield Visit("booking:home", "applicant")
    yield Visit("booking:offices")
    yield Visit("booking:office_standard", values=office)
    yield Visit("booking:finder")
    yield Visit("booking:finder", query="?who=citizen&age=5_12&reason=lost")
    complete = "?who=citizen&age=17_59&reason=lost&purpose=umrah&hurry=yes"
    yield Visit("booking:finder", query=complete)
    yield Visit("booking:finder", query="?who=foreigner&permit=limited")
    yield Visit("booking:finder_start", "applicant", query=complete)
    for query in ("", "?service_type=stay_permit"):
        yield Visit("booking:office", query=query, values=office)
    day, _slot = _open_slot(world)
    for query in ("", "?service_type=replacement"):
        yield Visit("booking:day", query=query, values={**office, "day": day})
    yield Visit("booking:day", values={**office, "day": world.booking.slot.day.replace(day=1)})
    yield Visit("booking:office", status=404, values={"code": "tidak-ada"})
    yield Visit("display:board", values=office)
    yield Visit("display:board_of_hall", values={**office, "hall": _hall_code(world)})
    yield Visit("display:board_of_hall", status=404, values={**office, "hall": "tidak-ada"})
    yield Visit("display:kiosk", values=office)
    yield Visit("feedback:complain")
    yield Visit("feedback:complain", status=400, press=".dock button")
    yield Visit("feedback:complaint_follow")
    yield Visit("passport:follow")
    yield Visit("passport:follow", status=400, press=".dock button")
    yield Visit("passport:status", moves=True)
    yield Visit("booking:draw_how")
    yield Visit("transparency:index")
    yield Visit("transparency:office", values=office)
    for draw in world.draws.values():
        yield Visit("booking:draw", values={"window_id": draw.window_id})
    for window, _ticket in world.rooms.values():
        yield Visit("booking:room", values={"window_id": window})
    yield Visit("booking:releases")
    yield Visit("booking:watch", values=office)
    yield Visit("booking:watch", status=400, values=office, press=".dock button")
    yield from _links(world)
    for page in ("requirements", "help", "complaints", "privacy", "accessibility", "offline"):
        yield Visit(f"pages:{page}")
    yield Visit("api_docs")
    yield Visit("demo")
    yield Visit("demo_progress", moves=True)
    yield Visit("demo_bank")
    yield Visit("demo_bank", press="[name=way][value=exact]")
    yield Visit("mailbox")
    yield Visit("mailbox_letter", values={"name": "tidak-ada"}, status=404)
    yield Visit("mailbox_calendar", values={"name": "tidak-ada"}, status=404)
    yield from (Visit(name) for name in ("account_signup", "account_login"))
    yield Visit("account_login", press="main form .btn")
    yield Visit("account_request_login_code")
    yield Visit("account_request_login_code", press="main form .btn")
    yield Visit("mfa_login_webauthn", moves=True)
    yield Visit("account_signup", press="main form .btn")
    for name in ("password_reset", "password_reset_done", "inactive", "email_verification_sent"):
        yield Visit(f"account_{name.replace('password_reset', 'reset_password')}")
    yield Visit("account_reset_password_from_key_done")


def _links(world: World) -> Iterator[Visit]:
    """Pages behind links in messages: reminders, opening alerts, the survey, moves, the waiting list."""
    watch = _watch(world)
    yield from _link(
        "stop_reminders",
        REMINDERS_LINK,
        {"user_id": world.people["newcomer"].pk},
        space="accounts",
    )
    yield from _link("watch_confirm", watches.CONFIRM_LINK, {"watch_id": watch})
    yield from _link("watch_stop", watches.STOP_LINK, {"watch_id": watch})
    invitation = {"invitation_id": world.invitation.pk}
    yield from _link("survey", survey.ANSWER_LINK, invitation, space="feedback")
    yield from _link("survey_stop", survey.STOP_LINK, invitation, space="feedback")
    moved = {"displacement_id": _moved(world).pk}
    yield from _link("move", MOVE_LINK, moved, "", "?choose=1")
    offer = _offer(world)
    yield from _link("offer", OFFER_LINK, {"offer_id": offer.pk}, "", "?decline=1")
    left = WaitingListEntry.objects.get(status="stopped")
    for entry in (offer.entry, left):
        yield from _link("waiting_stop", STOP_LINK, {"entry_id": entry.pk})


def _family(world: World) -> Iterator[Visit]:
    """The ticket of a family, and moving or cancelling all or some."""
    family = {"code": world.family.code}
    who = world.family.bookings.order_by("pk")[0]
    day = who.slot.day + timedelta(days=1)
    yield Visit("booking:party", "entrant", values=family)
    yield Visit("booking:party", "newcomer", 404, values=family)
    for name in ("party_cancel", "party_move"):
        yield Visit(f"booking:{name}", "entrant", values=family)
        yield Visit(f"booking:{name}", "entrant", 400, values=family, query="?choose=1")
        yield Visit(f"booking:{name}", "entrant", values=family, query=f"?who={who.code}")
    query = f"?who={who.code}&day={day}"
    yield Visit("booking:party_move", "entrant", values=family, query=query)


def _link(
    name: str, purpose: links.Purpose, page: dict[str, Any], *queries: str, space: str = "booking"
) -> Iterator[Visit]:
    """A page behind a link in a message: closed before the link is opened, open after it."""
    [subject] = page.values()
    yield Visit(f"{space}:{name}_link", status=404, values={"token": "sudah-lewat"})
    yield Visit(f"{space}:{name}", status=404, values=page)
    token = links.sign(purpose, subject, message_id=None, now=NOW)
    yield Visit(f"{space}:{name}_link", values={"token": token}, moves=True)
    for query in queries or ("",):
        yield Visit(f"{space}:{name}", query=query, values=page)


def applicant(world: World) -> Iterator[Visit]:
    """Pages behind an applicant's sign-in."""
    day, slot = _open_slot(world)
    code = {"code": world.booking.code}
    for who in ("applicant", "newcomer"):
        yield Visit("booking:book", who, values={"slot_id": slot})
        yield Visit("booking:bookings", who)
        yield Visit("booking:people", who)
        yield Visit("booking:waiting", who)
        yield Visit("booking:waiting_join", who, values={"code": world.office.code})
    yield Visit(
        "booking:book",
        "applicant",
        400,
        query="?who=0",
        press=".dock button",
        values={"slot_id": slot},
    )
    yield Visit("booking:book", "applicant", 404, values={"slot_id": 9_999_999})
    yield Visit(
        "booking:waiting_join",
        "applicant",
        400,
        query="?who=0",
        values={"code": world.office.code},
        press=".dock button",
    )
    for name in ("ticket", "cancel", "reschedule"):
        yield Visit(f"booking:{name}", "applicant", values=code)
    yield Visit("booking:ticket", "newcomer", 404, values=code)
    yield from _family(world)
    yield Visit("drive_thru:hour", "applicant", values=code)
    ready = {"code": world.books["ready"].visit.booking.code}
    yield Visit("drive_thru:hour", "collector", values=ready)
    yield Visit("booking:ticket", "collector", values=ready)
    yield from _passport(world, ready)
    yield Visit(
        "booking:reschedule",
        "applicant",
        values=code,
        query=f"?office={world.office.code}&day={day}",
    )
    yield from _lotteries(world)
    yield from _waiting(world)
    yield from _people_and_account(world)
    yield from _contested(world)


def _passport(world: World, ready: dict[str, str]) -> Iterator[Visit]:
    """A passport after the visit."""
    book, owner = world.books["ready"], world.people["collector"]
    names = {"collector_name": LONG_NAME, "collector_identity": make_nik()}
    if letter_in_force(book) is None:
        make_letter(book_id=book.pk, by=owner, now=NOW, **names)
    yield Visit("passport:open", "applicant", values={"code": world.booking.code}, moves=True)
    yield Visit("passport:status", "applicant")
    yield Visit("passport:open", "collector", values=ready, moves=True)
    for page in ("status", "hour", "letter", "letter_print"):
        yield Visit(f"passport:{page}", "collector")
    yield Visit("passport:letter", "collector", 400, press=".dock button")


def _lotteries(world: World) -> Iterator[Visit]:
    """Lotteries and their entries."""
    for draw in world.draws.values():
        yield Visit("booking:draw", "entrant", values={"window_id": draw.window_id})
        for entry in draw.entries.filter(account__email="undian@contoh.id"):
            yield Visit("booking:draw_entry", "entrant", values={"code": entry.code})
    window = {"window_id": world.draws["open"].window_id}
    for who in ("entrant", "newcomer"):
        yield Visit("booking:draw_enter", who, values=window)


def _people_and_account(world: World) -> Iterator[Visit]:
    """The people of an account with their applications, and the account itself."""
    for query in ("", "?kind=passport"):
        yield Visit("booking:person_add", "applicant", query=query)
        yield Visit("booking:person_add", "applicant", 400, query=query, press=".dock button")
    for person in (world.siti, world.budi):
        person_is = {"applicant_id": person.pk}
        for name in ("person", "person_remove", "application"):
            yield Visit(f"booking:{name}", "applicant", values=person_is)
        yield Visit("booking:application_for", "applicant", values={**person_is, "code": "new"})
    photo = {"applicant_id": world.siti.pk, "code": "replacement"}
    yield Visit("booking:photos", "applicant", values=photo)
    for document in ("ktp", "old_passport"):
        yield Visit("booking:photo", "applicant", values={**photo, "document": document})
    yield Visit(
        "booking:photo", "applicant", 400, values={**photo, "document": "ktp"}, press=".dock button"
    )
    for name in ("pages:account", "accounts:reminders", "accounts:messages", "usersessions_list"):
        yield Visit(name, "applicant")
    yield Visit("accounts:address_code", "newcomer")
    yield Visit("accounts:address_code", "newcomer", 400, press=".dock button")
    yield Visit("accounts:address_code", "applicant", moves=True)


def _integrity(world: World) -> Iterator[Visit]:
    """Contested numbers, restrictions, signals and refused bookings."""
    assert world.brokers is not None
    contest = {"contest_id": world.brokers.contest.pk}
    bound = {"restriction_id": world.brokers.restriction.pk}
    for who in ("counter", "supervisor", "national"):
        yield Visit("brokers:contests", who)
        yield Visit("brokers:contest", who, values=contest)
    yield Visit("brokers:contest", "counter", 400, values=contest, press="[name=release]")
    yield Visit("brokers:contest_at_desk", "counter")
    yield Visit("brokers:contest_at_desk", "counter", 400, press="main .btn--main")
    for who in ("supervisor", "national"):
        yield Visit("brokers:restrictions", who)
        yield Visit("brokers:restriction", who, values=bound)
        yield Visit("brokers:signals", who)
        for query in ("", "?reason=already_booked"):
            yield Visit("refusals:refusals", who, query=query)
        yield Visit("refusals:refusals", who, 400, query="?day=2000-01-01")
    yield Visit("refusals:refusals", "supervisor", 400, press="[name=search]")
    yield Visit("brokers:restriction", "supervisor", 400, values=bound, press="[name=lift]")
    complaint = {"complaint_id": world.complaint.pk}
    for who in ("supervisor", "national"):
        yield Visit("counters:complaints", who)
        yield Visit("counters:complaint", who, values=complaint)
        yield Visit("counters:satisfaction", who)
    yield Visit("counters:complaint", "supervisor", 400, values=complaint, press="[name=founded]")
    payment = {"case_id": PaymentCase.objects.get().pk}
    for who in ("supervisor", "national"):
        yield Visit("payments:payments", who)
        yield Visit("payments:payment", who, values=payment)
        yield Visit("payments:settlement", who, values={"file_id": SettlementFile.objects.get().pk})
    yield Visit("payments:payments", "supervisor", 400, press="main .btn--main")
    yield Visit("payments:payment", "supervisor", 400, values=payment, press="main .btn--main")
    yield Visit("booking:receipt", "applicant", values={"code": world.booking.code})
    objection = {"objection_id": world.objection.pk}
    for who in ("supervisor", "national"):
        yield Visit("objections:objections", who)
        yield Visit("objections:objection", who, values=objection)
    yield Visit("objections:objection", "supervisor", 400, values=objection, press="[name=reject]")


def _contested(world: World) -> Iterator[Visit]:
    """No-shows and contested identity numbers."""
    assert world.brokers is not None
    for who in ("entrant", "newcomer"):
        yield Visit("booking:restrictions", who)
        yield Visit("booking:contests", who)
        yield Visit("booking:refusals", who)
    yield Visit("booking:objections", "entrant")
    yield Visit("booking:objections", "newcomer")
    lost = {"code": world.draws["lost"].entries.get().code}
    yield Visit("booking:object_to_lottery", "entrant", values=lost)
    yield Visit("booking:object_to_lottery", "entrant", 400, values=lost, press=".dock button")
    kept = {"code": world.booking.code}
    yield Visit("booking:object_to_move", "applicant", 409, values=kept)
    bound = {"restriction_id": world.brokers.restriction.pk}
    yield Visit("booking:appeal", "entrant", values=bound)
    yield Visit("booking:appeal", "entrant", 400, values=bound, press=".dock button")
    squatted = {"applicant_id": world.brokers.squatted.pk}
    yield Visit("booking:contest_new", "entrant", values=squatted)
    yield Visit("booking:contest_new", "entrant", 400, values=squatted, press=".dock button")


def _waiting(world: World) -> Iterator[Visit]:
    """The waiting rooms without and with a ticket."""
    for room, ticket in world.rooms.values():
        yield Visit("booking:room", "newcomer", values={"window_id": room})
        yield Visit(
            "booking:room", "entrant", query=f"?ticket={ticket}", values={"window_id": room}
        )


def _moved(world: World) -> Displacement:
    """A person displaced by a closure; created once."""
    if not Displacement.objects.filter(cause="closure").exists():
        slot = slot_after(world.office, NOW + timedelta(days=1))
        make_booking(slot, now=NOW)
        starts, ends = (
            moment.astimezone(world.office.zone).time() for moment in (slot.starts_at, slot.ends_at)
        )
        data = ClosureData(
            first_day=slot.day,
            last_day=slot.day,
            from_time=starts,
            until_time=ends,
            reason="Pemeliharaan jaringan",
            reason_en="Maintenance of the network",
        )
        closure = close_office(
            office_id=world.office.pk, data=data, by=world.people["supervisor"], now=NOW
        )
        move_everyone(closure_id=closure.pk, now=NOW)
    return Displacement.objects.select_related("closure").filter(cause="closure")[0]


def _sent_home(world: World) -> Displacement:
    """A person moved by the office to a later day; created once."""
    rows = Displacement.objects.filter(cause="screening", office=world.office)
    if not rows.exists():
        booking = make_booking(slot_after(world.office, NOW - timedelta(minutes=9)), now=BEFORE)
        move_to_later_day(
            booking_id=booking.pk,
            cause=Displacement.Cause.SCREENING,
            by=world.people["gate"],
            now=NOW,
        )
    return rows[0]


def _proposal(world: World) -> HolidayProposal:
    """A day that the library's table has and ours lacks."""
    day = world.office.local_day(NOW) + timedelta(days=10)
    listed = LibraryDay("Cuti Bersama Hari Raya Natal", "Joint Holiday", "cuti_bersama")
    update_proposals(now=NOW, library={day: listed})
    return HolidayProposal.objects.get(day=day)


def _holiday(world: World) -> Holiday:
    """A holiday of the office that has not come yet; created once."""
    day = world.office.local_day(NOW) + timedelta(days=300)
    values = {"name": "Hari jadi kota", "kind": Holiday.Kind.LOCAL}
    return Holiday.objects.get_or_create(office=world.office, day=day, defaults=values)[0]


def _review(world: World) -> AbsenceReview:
    """A day on which hardly anybody arrived; created once."""
    day = world.office.local_day(NOW) - timedelta(days=2)
    values = {"obstacles": [Obstacle.FEW_ARRIVALS.value], "opened_at": NOW}
    return AbsenceReview.objects.get_or_create(office=world.office, day=day, defaults=values)[0]


def account(world: World) -> Iterator[Visit]:
    """The pages of an account: address, password, second factor."""
    for name in ("account_email", "account_change_password", "account_logout", "mfa_index"):
        yield Visit(name, "newcomer")
    yield Visit("account_change_password", "newcomer", press="main form .btn")
    yield Visit("account_reauthenticate", "newcomer")
    for name in ("home", "download", "delete", "correct"):
        yield Visit(f"privacy:{name}", "applicant")
    yield Visit("privacy:home", "newcomer")
    for name in ("delete", "correct"):
        yield Visit(f"privacy:{name}", "applicant", 400, press="main form .btn")
    for name in ("mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn"):
        yield Visit(name, "applicant")
    for name in ("mfa_index", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"):
        yield Visit(name, "guarded")
    yield Visit("mfa_reauthenticate_webauthn", "keyholder")
    for name in ("mfa_deactivate_totp", "mfa_reauthenticate"):
        yield Visit(name, "guarded")
    yield Visit("mfa_authenticate", "half way")
    key = {"pk": Authenticator.objects.get(user=world.people["keyholder"]).pk}
    yield Visit("mfa_list_webauthn", "keyholder")
    yield Visit("mfa_edit_webauthn", "keyholder", values=key)
    yield Visit("mfa_remove_webauthn", "keyholder", values=key)
    address = EmailAddress.objects.create(user=world.people["newcomer"], email="dua@contoh.id")
    confirmation = EmailConfirmationHMAC(address)
    for token in ("sudah-lewat", confirmation.key):
        for name in ("account_confirm_email", "accounts:confirm_address_link"):
            yield Visit(name, values={"key": token}, moves=True)
        yield Visit("accounts:confirm_address")
    for token in (default_token_generator.make_token(world.applicant), "sudah-lewat"):
        values = {"uidb36": user_pk_to_url_str(world.applicant), "key": token}
        yield Visit("account_reset_password_from_key", values=values, moves=True)
        key = {"key": f"{values['uidb36']}-{token}"}
        yield Visit("accounts:new_password_link", values=key, moves=True)
        yield Visit("accounts:new_password")


def officers(world: World) -> Iterator[Visit]:
    """The officers' screens."""
    yield from _officers_at_work(world)
    yield from _officers_with_rules()
    yield from _officers_with_cases(world)
    yield from _officers_of_the_office(world)
    yield from _officers_elsewhere()


def _officers_at_work(world: World) -> Iterator[Visit]:
    """Gate, counter, passports, capacity and the day's to-do list."""
    expected = {"booking_id": world.expected.pk}
    here = {"booking_id": world.visits["serving"].booking_id}
    yield from _gate(world, expected, here)
    yield from _screening(world, expected, here)
    yield from _counter(world)
    yield from _capacity()
    yield from _passports(world)
    yield from _day(world, expected, here)


def _gate(world: World, expected: dict[str, Any], here: dict[str, Any]) -> Iterator[Visit]:
    """Checking in at the gate: somebody who is expected, and somebody who is here."""
    yield Visit("counters:gate", "gate")
    yield Visit("counters:gate", "gate", 400, press="main button.btn")
    yield Visit("counters:gate_walk_in", "gate")
    yield Visit("counters:gate_card", "gate", values=expected)
    yield Visit("counters:gate_card", "gate", values=here)
    yield Visit("counters:gate_application", "gate", values=expected)
    yield Visit("counters:gate_hours", "gate", query="?kind=passport")
    yield Visit("counters:gate_hours", "gate")
    yield Visit("counters:gate_hours", "gate", 400, press="main .btn--main")
    later = f"?service=new&day={_open_slot(world)[0]}"
    for query in ("", "?kind=passport", "?service=new", later):
        yield Visit("counters:assist", "gate", query=query)
    yield Visit("counters:assist", "gate", 400, query=later, press="main .keys .btn--main")
    yield Visit("counters:assist_ticket", "gate", values=expected)
    yield Visit("counters:gate_turn_away", "gate")
    yield Visit("counters:gate_turn_away", "gate", query="?kind=companion")


def _counter(world: World) -> Iterator[Visit]:
    """A counter that serves, an idle one, and outages."""
    yield Visit("counters:counter", "counter")
    for ask in ("incomplete", "transfer", "put_back", "convert"):
        yield Visit("counters:counter", "counter", query=f"?ask={ask}")
    yield Visit("counters:counter", "idle")
    receipt = {"visit_id": world.books["ready"].visit_id}
    yield Visit("counters:counter_receipt", "counter", values=receipt)
    yield Visit("counters:counter_out_of_order", "counter")
    yield Visit("counters:outage", "counter")
    yield Visit("counters:outage", "counter", 400, press="main .keys .btn--main")


def _capacity() -> Iterator[Visit]:
    """Capacity, roster and evening places."""
    for who in ("supervisor", "national"):
        yield Visit("counters:capacity", who)
        yield Visit("counters:roster", who)
    yield Visit("counters:capacity", "supervisor", query="?day=2026-11-28")
    yield Visit("counters:roster", "supervisor", query="?week=2026-12-07")
    yield Visit("counters:evening", "supervisor")
    yield Visit("counters:evening", "supervisor", 400, press="main .keys .btn--main")


def _passports(world: World) -> Iterator[Visit]:
    """Production, hand-over and drive-thru."""
    yield Visit("counters:production", "pickup")
    yield Visit("counters:pickup", "pickup")
    yield Visit("counters:hand_over", "pickup", values={"book_id": world.books["ready"].pk})
    yield Visit("counters:hand_over", "pickup", values={"book_id": world.books["handed_over"].pk})
    for book in ("ordered", "checked", "ready"):
        yield Visit("counters:production", "pickup", query=f"?book={world.books[book].pk}")
    scan = {"book_id": world.books["ready"].pk}
    yield Visit("counters:hand_over", "pickup", 400, values=scan, press="main .btn--main")
    yield Visit("counters:drive_thru", "pickup")
    yield Visit("counters:drive_thru", "pickup", 400, press="main .btn--main")
    yield Visit("counters:uncollected", "pickup")


def _day(world: World, expected: dict[str, Any], here: dict[str, Any]) -> Iterator[Visit]:
    """The day's to-do list, its end, kiosks, the switch and the paper list."""
    yield Visit("counters:today", "supervisor")
    yield Visit("counters:today", "national")
    yield Visit("counters:waits", "supervisor")
    yield Visit("counters:closing", "supervisor")
    yield Visit("counters:closing", "national")
    yield Visit("counters:kiosks", "supervisor")
    yield Visit("counters:kiosks", "supervisor", 400, press="main .keys .btn--main")
    yield Visit("counters:switch", "supervisor")
    yield Visit("counters:paper", "gate")
    yield Visit("counters:paper", "supervisor")
    yield Visit("counters:from_paper", "supervisor", values=expected)
    entered = {"booking_id": world.books["handed_over"].visit.booking_id}
    for shown in (here, entered):
        yield Visit("counters:from_paper", "supervisor", values=shown)
    yield Visit("counters:switch", "supervisor", 400, press="main .btn--bad")
    yield Visit("counters:switch", "national")


def _screening(world: World, expected: dict[str, Any], here: dict[str, Any]) -> Iterator[Visit]:
    """People without a booking, the check at the gate, and who waits for the task force."""
    yield Visit("counters:gate_walk_in", "gate", query="?kind=passport")
    yield Visit("counters:gate_walk_in", "supervisor", 400, press="main .keys .btn--main")
    _referred(world)
    yield Visit("counters:screening", "gate")
    yield Visit("counters:screening", "supervisor")
    yield Visit("counters:screening_person", "gate", values=expected)
    yield Visit("counters:screening_person", "gate", values=here)
    yield Visit("counters:screening_person", "gate", 400, values=here, press="main .btn--main")
    yield Visit("counters:protocol", "supervisor")
    yield Visit("counters:protocol", "supervisor", 400, press="main .keys .btn--main")
    yield Visit("counters:protocol", "national")


def _referred(world: World) -> Screening:
    """A protocol in force and a person over its limit; created once."""
    day = world.office.local_day(NOW)
    terms = {"items": [{"code": "mask", "name": "Memakai masker", "name_en": "Mask worn"}]}
    protocol, _is_new = Protocol.objects.get_or_create(
        office=world.office,
        valid_from=day,
        defaults={"name": "Protokol", "name_en": "Protocol", "temperature_limit": 370, **terms},
    )
    values = {"office": world.office, "protocol": protocol, "outcome": "referred"}
    return Screening.objects.get_or_create(
        booking=world.expected,
        day=day,
        defaults={**values, "temperature": 381, "by": world.people["gate"], "at": NOW},
    )[0]


def _officers_with_rules() -> Iterator[Visit]:
    """Lotteries and rules."""
    yield Visit("draws:desk", "supervisor")
    yield Visit("draws:desk", "national")
    for name in ("rules", "rules_places", "rules_roll_over", "rules_ledger"):
        yield Visit(f"counters:{name}", "supervisor")
    yield Visit("counters:rules", "national")
    yield Visit("counters:rules_returns", "supervisor")
    yield Visit("counters:rules_returns", "supervisor", 400, press="main .keys .btn")
    yield Visit("counters:rules_returns", "national")
    yield Visit("counters:decrees", "national")
    for kind in ("quota", "opening", "returns", "no-show", "limit", "attendance"):
        yield Visit("counters:decree", "national", values={"kind": kind})
    refused = {"kind": "attendance"}
    yield Visit("counters:decree", "national", 400, values=refused, press="main .keys .btn")
    yield Visit("presets:presets", "supervisor")
    yield Visit("presets:presets", "national", 400, press="main .keys .btn")
    names = (
        "attendance",
        "admission",
        "no_show",
        "limit",
        "products",
        "notice",
        "day",
        "rebooking",
    )
    for name in names:
        yield Visit(f"counters:rules_{name}", "supervisor")
        yield Visit(f"counters:rules_{name}", "supervisor", 400, press="main .keys .btn")
        yield Visit(f"counters:rules_{name}", "national")
    lane = {"lane": "online", "group": "citizens"}
    for name in ("rules_quota", "rules_release"):
        yield Visit(f"counters:{name}", "supervisor", values=lane)
        yield Visit(f"counters:{name}", "supervisor", 400, values=lane, press="main .keys .btn")


def _officers_with_cases(world: World) -> Iterator[Visit]:
    """Closures, holidays, absences, contested numbers, restrictions and broker signals."""
    yield Visit("absences:absences", "supervisor")
    doubtful = {"review_id": _review(world).pk}
    yield Visit("absences:absence", "supervisor", values=doubtful)
    yield Visit("absences:absence", "national", values=doubtful)
    yield Visit("holidays:holidays", "supervisor")
    yield Visit("holidays:holiday_new", "supervisor")
    yield Visit("holidays:holiday_new", "national", 400, press="[name=look]")
    _proposal(world)
    yield Visit("holidays:proposals", "national")
    yield Visit("holidays:hours", "supervisor")
    yield Visit("holidays:hours", "supervisor", 400, press="[name=look]")
    yield Visit("closures:closures", "supervisor")
    yield Visit("closures:closures", "national")
    yield Visit("closures:closure_new", "supervisor")
    yield Visit("closures:closure_new", "supervisor", 400, press="[name=look]")
    closed = {"closure_id": _moved(world).closure_id}
    yield Visit("closures:closure", "supervisor", values=closed)
    yield Visit("closures:closure", "national", values=closed)
    yield from _integrity(world)
    yield Visit("counters:counter", "counter", query="?ask=refuse")
    yield from _protection(world)


def _officers_elsewhere() -> Iterator[Visit]:
    """Reports, handbook, sign-in, refused screens and the style guide."""
    yield Visit("counters:today_offices", "national")
    yield Visit("reports:daily_load", "supervisor")
    yield Visit("reports:forecast", "supervisor")
    yield Visit("reports:daily_load", "national", query="?first=2026-11-01&last=2026-10-01")
    yield Visit("reports:daily_load", "national", query="?by=lane&offices=all")
    yield Visit("reports:subscriptions", "supervisor")
    yield Visit("reports:sent", "supervisor", values={"token": "sudah-lewat"}, moves=True)
    for figure in ("served", "booked"):
        yield Visit("reports:daily_load_people", "supervisor", query=f"?figure={figure}")
    yield Visit("reports:daily_load_people", "supervisor", status=400, query="?figure=nothing")
    yield Visit("reports:advice", "supervisor")
    yield Visit("reports:simulation", "supervisor")
    yield Visit("reports:simulation", "national", query="?counters=99&breaks=12", status=400)
    yield Visit("reports:promises", "supervisor")
    yield Visit("reports:reminders", "supervisor")
    yield Visit("reports:promises", "national", query="?first=2026-11-01&last=2026-10-01")
    yield Visit("reports:evidence", "supervisor")
    yield Visit("reports:evidence", "national", query="?first=2026-11-01&last=2026-10-01")
    yield Visit("handbook:contents", "gate")
    yield Visit("handbook:page", "gate", values={"slug": "gerbang"})
    yield Visit("handbook:page", "supervisor", values={"slug": "aturan-kuota"})
    yield Visit("admin:login", moves=True)
    yield Visit("admin:login", press="form button")
    for who in (
        "gate",
        "counter",
        "pickup",
        "supervisor",
        "regional",
        "national",
        "data_protection_officer",
    ):
        yield Visit("admin:index", who, moves=True)
    yield Visit("admin:password_change", "supervisor", moves=True)
    yield Visit("admin:password_change_done", "supervisor", moves=True)
    yield Visit("counters:gate", "applicant", 403)
    yield Visit("counters:counter", "gate", 403)
    yield Visit("styleguide")
    yield Visit("styleguide_desk")
    for status in (400, 403, 404, 409, 429, 500, 503):
        yield Visit("styleguide_error", status=status, values={"status": status})


def _protection(world: World) -> Iterator[Visit]:
    """Requests about personal data."""
    correction = {"request_id": world.data_requests["correct"]}
    for who in ("supervisor", "national", "data_protection_officer"):
        yield Visit("protection:requests", who)
        yield Visit("protection:request", who, values=correction)
    copy = {"request_id": world.data_requests["export"]}
    yield Visit("protection:request", "supervisor", values=copy)
    yield Visit("protection:request", "supervisor", 400, values=correction, press="[name=refuse]")
    yield Visit("protection:at_desk", "gate")
    yield Visit("protection:at_desk", "gate", 400, press="main .btn--main")
    person = {**correction, "applicant_id": world.siti.pk}
    yield Visit("protection:correct_person", "supervisor", values=person)


def _officers_of_the_office(world: World) -> Iterator[Visit]:
    """The supervisor's screens of officers: another officer and the supervisor."""
    _finding(world)
    for who in ("supervisor", "regional", "national"):
        yield Visit("officers:inspections", who)
    yield Visit("officers:inspections", "regional", 400, press="main .keys .btn--main")
    yield Visit("officers:officers", "supervisor")
    yield Visit("officers:officers", "supervisor", 400, press="main .keys .btn--main")
    for who in ("counter", "supervisor"):
        yield Visit("officers:officer", "supervisor", values={"officer_id": world.people[who].pk})


def _finding(world: World) -> Finding:
    return Finding.objects.get(office=world.office)


def stock(world: World) -> Iterator[Visit]:
    """Django's own lists and forms: the list and the form of each table, and a message."""
    yield Visit("mailbox_letter", values={"name": world.email_name})
    for model in admin.site._registry:
        meta = model._meta
        rows = admin.site._registry[model].get_queryset(_request_of_root(world)).order_by("-pk")
        row = rows.values_list("pk", flat=True).first()
        assert row is not None, f"tests/gates/world.py leaves {meta.label} empty"
        for page in ("changelist", "add", "change", "delete", "history"):
            values = {} if page in ("changelist", "add") else {"object_id": row}
            yield Visit(
                f"admin:{meta.app_label}_{meta.model_name}_{page}",
                "root",
                200 if _is_for_root(model, page, world) else 403,
                values=values,
            )
    for label in sorted({model._meta.app_label for model in admin.site._registry}):
        yield Visit("admin:app_list", "root", values={"app_label": label})


def _is_for_root(model: Any, page: str, world: World) -> bool:
    """Return whether a superuser can open a page of a table; some rows cannot be added or deleted by hand."""
    request = _request_of_root(world)
    table = admin.site._registry[model]
    may = {"add": table.has_add_permission, "delete": table.has_delete_permission}
    return bool(may[page](request)) if page in may else True


def _request_of_root(world: World) -> Any:
    request: Any = HttpRequest()
    request.user = world.people["root"]
    return request


def machines(world: World) -> Iterator[Visit]:
    """Other addresses: responses for programs, files, and buttons, which a visit must not press."""
    code = {"code": world.booking.code}
    yield Visit("healthz", kind=JSON)
    yield Visit("demo_gateway", status=405)
    yield Visit("notices:gateway_report", status=405)
    yield Visit("passport:survey", "collector", status=405)
    yield Visit("passport:leave", "collector", status=405)
    beat_heartbeat()
    yield Visit("readyz", kind=JSON)
    yield Visit("pages:service_worker", kind="text/javascript")
    yield Visit("pages:manifest", kind="application/manifest+json")
    yield Visit("pages:favicon", kind="image/svg+xml")
    yield Visit("pages:robots", kind="text/plain")
    yield Visit("booking:feed", kind="text/calendar")
    yield Visit("booking:office_feed", values={"code": world.office.code}, kind="text/calendar")
    yield Visit("releases", kind=JSON)
    yield Visit("booking:ticket_calendar", "applicant", values=code, kind="text/calendar")
    yield Visit("booking:receipt_file", "applicant", values=code, kind="application/pdf")
    yield Visit("demo_settlement", kind="text/csv")
    yield Visit(
        "booking:party_calendar",
        "entrant",
        values={"code": world.family.code},
        query=f"?with={world.family.bookings.order_by('pk')[0].code}",
        kind="text/calendar",
    )
    yield Visit("mailbox_calendar", values={"name": world.email_name}, kind="text/calendar")
    yield Visit("mfa_download_recovery_codes", "guarded", kind="text/plain")
    yield Visit("metrics", kind="text/plain")
    yield Visit("reports:paper_list", "supervisor", kind="application/pdf")
    file = {"file_id": PickupFile.objects.all()[0].pk}
    yield Visit("counters:pickup_file", "pickup", values=file, kind="image/png")
    assert world.brokers is not None
    excused = {"restriction_id": world.brokers.excused.pk}
    yield Visit("booking:appeal_evidence", "entrant", values=excused, kind="image/jpeg")
    yield Visit("brokers:evidence", "supervisor", values=excused, kind="image/jpeg")
    photo = {"applicant_id": world.siti.pk, "code": "replacement", "document": "ktp"}
    yield Visit("booking:photo_file", "applicant", values=photo, kind="image/jpeg")
    served = {"booking_id": world.books["ready"].visit.booking_id, "document": "kk"}
    yield Visit("photos:photo", "counter", values=served, kind="image/jpeg")
    yield Visit("api_schema", kind="application/vnd.oai.openapi")
    yield Visit("admin:jsi18n", "supervisor", kind="text/javascript")
    yield Visit("admin:autocomplete", "root", 403, kind=HTML)
    yield from _api(world)
    yield from _buttons(world)


def _api(world: World) -> Iterator[Visit]:
    office, code = {"code": world.office.code}, {"code": world.booking.code}
    yield Visit("offices", kind=JSON)
    yield Visit("office", values=office, kind=JSON)
    queries = {
        "windows": "",
        "calendar": "?from=2026-11-25&service_type=new",
        "slots": "?date=2026-11-25&service_type=new",
    }
    for name, query in queries.items():
        yield Visit(f"office_{name}", values=office, query=query, kind=JSON)
    yield Visit("office_board", values=office, kind=JSON)
    yield Visit("office_calls", values=office, kind=JSON)
    for name in ("kiosk_pair", "kiosk_check_in"):
        yield Visit(name, status=405, kind=JSON)
    window = {"window": world.draws["won"].window_id}
    yield Visit("draw_proof", values=window, kind=JSON)
    yield Visit("booking:draw_proof", values={"window_id": window["window"]}, kind=JSON)
    yield Visit("transparency:dictionary", kind=JSON)
    yield Visit("transparency:data_json", values={"name": "days"}, kind=JSON)
    yield Visit("transparency:data_csv", values={"name": "people"}, kind="text/csv")
    yield Visit("draw_entries", status=401, values=window, kind=JSON)
    room = world.rooms["waiting"][0]
    for name in ("booking:room_status", "booking:room_proof"):
        yield Visit(name, values={"window_id": room}, kind=JSON)
    yield Visit("window_room", values={"window": room}, kind=JSON)
    for name in ("auth_register", "auth_confirm", "auth_token"):
        yield Visit(name, status=405, kind=JSON)
    for name in ("auth_logout", "auth_logout_all", "applicants", "bookings", "reports_daily_load"):
        yield Visit(name, status=401, kind=JSON)
    yield from _api_of_one_account(world)
    yield Visit("applicant", status=401, values={"applicant_id": world.siti.pk}, kind=JSON)
    offer = _offer(world)
    yield Visit("waiting_list", status=401, kind=JSON)
    yield Visit("waiting_entry", status=401, values={"entry_id": offer.entry_id}, kind=JSON)
    for name in ("offer_accept", "offer_decline"):
        yield Visit(name, status=401, values={"offer_id": offer.pk}, kind=JSON)
    for name in ("booking", "booking_cancel", "booking_reschedule"):
        yield Visit(name, status=401, values=code, kind=JSON)


def _api_of_one_account(world: World) -> Iterator[Visit]:
    """Tokens, webhooks, families, draw entries, applications, moves, restrictions, contests and payments."""
    for name in (
        "auth_tokens",
        "own_entries",
        "moves",
        "restrictions",
        "contests",
        "payments",
        "webhooks",
    ):
        yield Visit(name, status=401, kind=JSON)
    token = tokens_of(world.applicant.pk)[0]
    yield Visit("auth_token_row", status=401, values={"token_id": token_name(token)}, kind=JSON)
    webhook = {"webhook_id": endpoints_of(world.applicant.pk)[0].pk}
    for name in ("webhook", "webhook_test", "webhook_secret"):
        yield Visit(name, status=401, values=webhook, kind=JSON)
    for name in ("party", "party_cancel", "party_reschedule"):
        yield Visit(name, status=401, values={"code": world.family.code}, kind=JSON)
    entry = world.draws["won"].entries.filter(account=world.people["entrant"])[0]
    for name in ("own_entry", "own_entry_withdraw", "own_entry_claim"):
        yield Visit(name, status=401, values={"code": entry.code}, kind=JSON)
    person = {"applicant_id": world.siti.pk}
    yield Visit("applications", status=401, values=person, kind=JSON)
    service = {**person, "service_type": "new"}
    yield Visit("application", status=401, values=service, kind=JSON)
    for name in ("move_accept", "move_choose"):
        yield Visit(name, status=401, values={"move_id": _moved(world).pk}, kind=JSON)
    assert world.brokers is not None
    bound = {"restriction_id": world.brokers.restriction.pk}
    yield Visit("restriction_appeal", status=401, values=bound, kind=JSON)
    for name in ("contest", "contest_withdraw"):
        yield Visit(name, status=401, values={"contest_id": _contest(world)}, kind=JSON)
    for name in ("payment", "payment_code"):
        yield Visit(name, status=401, values={"code": world.booking.code}, kind=JSON)


def _buttons(world: World) -> Iterator[Visit]:
    """Addresses that only act: a GET is refused and changes nothing."""
    for route, values in {**_buttons_at_desks(world), **_other_buttons(world)}.items():
        yield Visit(route, "supervisor", 405, values=values, kind="")


def _buttons_at_desks(world: World) -> dict[str, dict[str, Any]]:
    visit, book = world.visits["waiting"].pk, world.books["ordered"].pk
    session = CounterSession.objects.all()[0].pk
    return {
        "counters:gate_check_in": {"booking_id": world.expected.pk},
        "counters:gate_refuse": {"booking_id": world.expected.pk},
        "counters:assist_cancel": {"booking_id": world.expected.pk},
        "counters:gate_next_hour": {"booking_id": world.expected.pk},
        "counters:gate_undo": {"visit_id": visit},
        "counters:gate_priority": {"visit_id": visit},
        "counters:gate_leave": {"visit_id": visit},
        "counters:kiosk_revoke": {"kiosk_id": _kiosk(world)},
        "counters:counter_take": {"counter_id": Counter.objects.all()[0].pk},
        "counters:counter_do": {"verb": "next"},
        "counters:counter_work": {"visit_id": visit},
        "counters:counter_visit": {"visit_id": visit, "verb": "start"},
        "counters:counter_draft": {"visit_id": visit},
        "counters:production_do": {"book_id": book, "verb": "printed"},
        "counters:production_batch": {},
        "counters:free_counter": {"session_id": session},
        "counters:outage_end": {"outage_id": Outage.objects.all()[0].pk},
        "counters:outage_confirm": {"outage_id": Outage.objects.all()[0].pk},
        "counters:closing_informed": {"displacement_id": _sent_home(world).pk},
        "counters:late_reason": {"visit_id": visit},
        "counters:late_visit": {"visit_id": visit},
        "counters:shift_do": {"shift_id": RosterShift.objects.all()[0].pk, "verb": "absent"},
        "counters:screening_decide": {"screening_id": _referred(world).pk},
        "counters:protocol_off": {},
    }


def _other_buttons(world: World) -> dict[str, dict[str, Any]]:
    entry = {"code": world.draws["won"].entries.all()[0].code}
    return {
        "booking:waiting_leave": {"entry_id": _offer(world).entry_id},
        "booking:draw_claim": entry,
        "booking:draw_withdraw": entry,
        "booking:room_join": {"window_id": world.rooms["early"][0]},
        "draws:value": {"draw_id": world.draws["open"].pk},
        "draws:round": {"draw_id": world.draws["open"].pk},
        "admin:logout": {},
        "pages:set_language": {},
        "pages:set_theme": {},
        "demo_sign_in": {},
        "demo_scene": {},
        "booking:bank_notice": {},
        "booking:renew_code": {"code": world.booking.code},
        "booking:contest_withdraw": {"contest_id": _contest(world)},
        "booking:photo_remove": {
            "applicant_id": world.siti.pk,
            "code": "replacement",
            "document": "kk",
        },
        "brokers:signal_seen": {"signal_id": _signal(world)},
        "officers:inspection_answer": {"finding_id": _finding(world).pk},
        "officers:inspection_judge": {"finding_id": _finding(world).pk},
        "officers:officer_do": {"officer_id": world.people["counter"].pk, "verb": "reset"},
        "holidays:proposal_decide": {"proposal_id": _proposal(world).pk},
        "holidays:holiday_withdraw": {"holiday_id": _holiday(world).pk},
        "protection:request_file": {"request_id": world.data_requests["export"]},
        "privacy:switch": {"verb": "restrict"},
        "privacy:withdraw": {"request_id": world.data_requests["correct"]},
        "closures:told": {
            "closure_id": _moved(world).closure_id,
            "displacement_id": _moved(world).pk,
        },
    }


def _contest(world: World) -> int:
    assert world.brokers is not None
    return world.brokers.contest.pk


def _signal(world: World) -> int:
    assert world.brokers is not None
    return world.brokers.signal.pk


# Addresses that only redirect to another one, which has its own visit.
SIGNPOSTS = {
    "account_set_password": "an account with a password changes it instead",
    "account_confirm_login_code": "only while a code is on its way: tests/accounts/test_sign_in_by_code.py",
    "admin:view_on_site": "to a row's public page; no list offers it",
    "admin/(?P<url>.*)$": "Django's answer below /admin/ to what does not exist",
}
EVERY_FACE = (public, applicant, account, officers, stock, machines)


def is_old_address(pattern: str) -> bool:
    """Return whether Django redirects this address of a row to its form."""
    return pattern.startswith("admin/") and pattern.endswith("/<path:object_id>/")


def _hall_code(world: World) -> str:
    return str(world.office.halls.order_by("pk").values_list("code", flat=True)[0])


def _kiosk(world: World) -> int:
    """A kiosk of this office that waits for its code."""
    kiosk, _code = issue_kiosk(
        office_id=world.office.pk, name="Pintu utara", by=world.people["supervisor"], now=NOW
    )
    return kiosk.pk


def _offer(world: World) -> Offer:
    assert world.offer is not None
    return world.offer


def _watch(world: World) -> int:
    """A subscriber to the openings of this office."""
    values = {"address": "kabar@contoh.id", "language": "id", "now": world.booking.slot.starts_at}
    watches.request_watch(office_id=world.office.pk, **values)
    return OpeningWatch.objects.get(office=world.office).pk


def _open_slot(world: World) -> tuple[Any, int]:
    group = ServiceGroup.objects.get(code="citizens")
    moment: datetime = world.booking.slot.ends_at
    view = nearest_open_slots(world.office, group=group, after=moment, now=moment, limit=1)
    assert view
    return view[0].day, view[0].id
