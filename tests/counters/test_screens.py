"""The officers' screens: the next action on each, and input is preserved."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils.translation import override

from accounts.models import User
from booking.applications.models import PassportApplication
from counters.pickup.models import Pickup
from counters.production.models import BookStatus
from counters.queue import services as queue_services
from counters.service import services as service_services
from counters.visits.models import CounterSession, Visit, VisitStatus
from offices.hours.models import AdmissionRule
from offices.staff.models import Role
from tests.builders import make_application, make_book_number, make_nik, make_reason
from tests.clients import page_text
from tests.counters.production.test_services import SELF
from tests.counters.world import DAY, KTP, World, form_of, make_world, who

SetClock = Callable[[datetime], None]


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def morning(world: World, set_clock: SetClock) -> World:
    """The day of the bookings at 08.30."""
    set_clock(world.at(8, 30))
    return world


# --- Gate -----------------------------------------------------------------------------------------
def test_the_gate_checks_in_by_code_with_one_enter_key(morning: World) -> None:
    booking = morning.book(8)
    gate = sign_in(morning.gate)
    card = gate.get(f"/admin/gate/{booking.pk}/")
    assert "Hari, jam, dan kantor cocok" in page_text(card)
    done = gate.post("/admin/gate/", {"code": booking.code.lower()}, follow=True)
    assert booking.applicant.full_name in page_text(done)
    assert "A-001" in page_text(done)
    assert Visit.objects.get().booking == booking


def test_the_gate_searches_by_nik(morning: World) -> None:
    booking = morning.book(8)
    number = booking.applicant.identity_number
    answer = sign_in(morning.gate).post("/admin/gate/", {"code": number}, follow=True)
    assert booking.code in page_text(answer)
    assert number not in answer.request["PATH_INFO"]


@pytest.mark.parametrize(
    ("typed", "message"), [("", "Pindai tiketnya"), ("QQQQQQQQQQ", "tidak dikenal")]
)
def test_the_gate_explains_why_a_code_is_refused(morning: World, typed: str, message: str) -> None:
    answer = sign_in(morning.gate).post("/admin/gate/", {"code": typed})
    assert answer.status_code in (400, 404)
    assert message in page_text(answer)
    assert f'value="{typed}"' in page_text(answer)


def test_the_gate_admits_a_walk_in_with_a_number(morning: World) -> None:
    gate = sign_in(morning.gate)
    service = morning.office.service_types.get(code="new")
    form = {
        "lane": "walk_in",
        "full_name": "Budi Santoso",
        "nik": make_nik(),
        "birth_date_day": "6",
        "birth_date_month": "2",
        "birth_date_year": "1990",
        "sex": "female",
        "phone": "",
        "service_type": service.pk,
    }
    answer = gate.post("/admin/gate/walk-in/", form, follow=True)
    assert "W-001" in page_text(answer)


def test_a_walk_in_form_preserves_its_input(morning: World) -> None:
    form = {"full_name": "Budi Santoso", "nik": "123", "sex": "male"}
    answer = sign_in(morning.gate).post("/admin/gate/walk-in/", form)
    assert "Budi Santoso" in page_text(answer)
    assert "16" in page_text(answer)
    assert not Visit.objects.exists()


def test_the_gate_shows_that_there_are_no_walk_ins(morning: World) -> None:
    AdmissionRule.objects.filter(office=morning.office).update(admits_walk_ins=False)
    gate = sign_in(morning.gate)
    assert "hanya pemohon dengan jadwal daring" in page_text(gate.get("/admin/gate/"))
    service = morning.office.service_types.get(code="new")
    form = {
        "lane": "walk_in",
        "full_name": "Budi Santoso",
        "nik": make_nik(),
        "birth_date_day": "6",
        "birth_date_month": "2",
        "birth_date_year": "1990",
        "sex": "female",
        "phone": "",
        "service_type": service.pk,
    }
    answer = gate.post("/admin/gate/walk-in/", form)
    assert answer.status_code == 409
    assert not Visit.objects.exists()


def test_the_gate_requires_the_application(morning: World) -> None:
    booking = morning.book(8)
    gate = sign_in(morning.gate)
    assert "Permohonan belum diisi" in page_text(gate.get(f"/admin/gate/{booking.pk}/"))
    page = gate.get(f"/admin/gate/{booking.pk}/application/")
    assert page.status_code == 200
    assert 'name="purpose"' in page_text(page)


def test_only_a_supervisor_enters_a_real_time(morning: World) -> None:
    booking, other = morning.book(8), morning.book(8)
    form = {"arrived_at": "08.05"}
    sign_in(morning.gate).post(f"/admin/gate/{booking.pk}/check-in/", form)
    sign_in(morning.supervisor).post(f"/admin/gate/{other.pk}/check-in/", form)
    assert booking.visits.get().arrived_at > morning.at(8, 29)
    assert other.visits.get().arrived_at == morning.at(8, 5)


def test_leaving_needs_a_reason(morning: World) -> None:
    visit = morning.arrive(8)
    gate = sign_in(morning.gate)
    gate.post(f"/admin/gate/visits/{visit.pk}/leave/", {"reason": ""})
    visit.refresh_from_db()
    assert visit.status == VisitStatus.WAITING
    gate.post(f"/admin/gate/visits/{visit.pk}/leave/", {"reason": "pulang"})
    visit.refresh_from_db()
    assert visit.status == VisitStatus.LEFT


# --- Counter --------------------------------------------------------------------------------------
def test_the_main_button_completes_a_whole_visit(morning: World) -> None:
    visit = morning.arrive(8)
    officer = sign_in(morning.officer)
    assert "Buka Loket 1" in page_text(officer.get("/admin/counter/"))
    officer.post(f"/admin/counter/take/{morning.counter().pk}/")
    assert "Panggil berikutnya" in page_text(officer.get("/admin/counter/"))
    called = officer.post("/admin/counter/next/", follow=True)
    assert "Mulai berkas" in page_text(called)
    serving = officer.post(f"/admin/counter/visits/{visit.pk}/start/", follow=True)
    assert "Selesai, lanjut wawancara" in page_text(serving)
    work = f"/admin/counter/visits/{visit.pk}/work/"
    typed = form_of(visit, go="finish", documents=KTP, notes="Umrah")
    interview = officer.post(work, typed, follow=True)
    assert "Selesai, lanjut foto" in page_text(interview)
    photo = officer.post(work, form_of(visit, go="finish"), follow=True)
    assert "Selesai, akhiri kunjungan" in page_text(photo)
    make_application(visit.booking)
    officer.post(work, form_of(visit, go="end"))
    visit.refresh_from_db()
    assert (visit.status, visit.notes) == (VisitStatus.FINISHED, "Umrah")
    assert visit.book.status == BookStatus.ORDERED


def test_input_is_preserved_when_a_stage_is_refused(morning: World) -> None:
    session = morning.sit()
    morning.arrive(8)
    visit = morning.start(session, morning.at(8, 20))
    officer = sign_in(morning.officer)
    answer = officer.post(
        f"/admin/counter/visits/{visit.pk}/work/",
        form_of(visit, go="finish", notes="Alamat baru"),
        follow=True,
    )
    assert "Belum dicentang: KTP" in page_text(answer)
    assert "Alamat baru" in page_text(answer)


def test_an_exception_asks_for_its_text_on_the_page(morning: World) -> None:
    session = morning.sit()
    morning.arrive(8)
    visit = morning.start(session, morning.at(8, 20))
    officer = sign_in(morning.officer)
    question = officer.post(
        f"/admin/counter/visits/{visit.pk}/work/", form_of(visit, go="incomplete"), follow=True
    )
    assert "Apa yang kurang?" in page_text(question)
    assert "KTP" in page_text(question)
    refused = officer.post(f"/admin/counter/visits/{visit.pk}/incomplete/", form_of(visit, text=""))
    assert refused.status_code == 400
    assert "Apa yang kurang?" in page_text(refused)
    officer.post(f"/admin/counter/visits/{visit.pk}/incomplete/", form_of(visit, text="KTP asli"))
    visit.refresh_from_db()
    assert (visit.status, visit.missing) == (VisitStatus.INCOMPLETE, "KTP asli")


def test_out_of_order_without_a_reason_calls_nobody(morning: World) -> None:
    morning.sit()
    visit = morning.arrive(8)
    officer = sign_in(morning.officer)
    make_reason("sick", name="Sakit mendadak", name_en="Taken ill")
    make_reason("gone", name="Alasan lama", valid_until=DAY - timedelta(days=1))
    page = page_text(officer.get("/admin/counter/out-of-order/"))
    assert ("Sakit mendadak" in page, "Alasan lama" in page) == (True, False)
    form = {"visit": visit.pk, "note": "demam tinggi"}
    answer = officer.post("/admin/counter/out-of-order/", form)
    assert answer.status_code == 400
    assert "demam tinggi" in answer.content.decode()
    assert not Visit.objects.filter(status="called").exists()
    officer.post("/admin/counter/out-of-order/", {**form, "reason": "sick"})
    event = Visit.objects.get(status="called").history.last()
    assert (event.listed_reason.code, event.reason) == ("sick", "demam tinggi")
    with override("en"):
        assert event.reason_text == "Taken ill: demam tinggi"


@pytest.mark.parametrize("typed", ["", "abc", "999999999", "-1"])
def test_an_invalid_choice_calls_nobody(morning: World, typed: str) -> None:
    morning.sit()
    officer = sign_in(morning.officer)
    answer = officer.post("/admin/counter/out-of-order/", {"visit": typed, "reason": "sick"})
    assert answer.status_code in (400, 404)


def test_a_counter_can_pause_resume_and_close(morning: World) -> None:
    session = morning.sit()
    officer = sign_in(morning.officer)
    officer.post("/admin/counter/pause/")
    assert "Lanjutkan" in page_text(officer.get("/admin/counter/"))
    officer.post("/admin/counter/resume/")
    officer.post("/admin/counter/leave/")
    session.refresh_from_db()
    assert session.closed_at is not None
    assert not CounterSession.objects.filter(closed_at=None).exists()


# --- Passports ------------------------------------------------------------------------------------
def test_production_advances_each_step_and_pickup_hands_over(morning: World) -> None:
    book = morning.book_of_someone()
    pickup, checker = sign_in(morning.pickup), sign_in(morning.colleague(Role.PICKUP))
    assert book.visit.booking.code in page_text(pickup.get("/admin/production/"))
    number = make_book_number()
    pickup.post(f"/admin/production/{book.pk}/printed/", {"book_number": number})
    pickup.post(f"/admin/production/{book.pk}/checked/")
    book.refresh_from_db()
    assert book.status == BookStatus.PRINTED, "the printer does not check"
    checker.post(f"/admin/production/{book.pk}/checked/")
    pickup.post(f"/admin/production/{book.pk}/ready/", {"shelf": "b2"})
    book.refresh_from_db()
    assert (book.status, book.shelf) == (BookStatus.READY, "B2")
    search = pickup.post("/admin/pickup/", {"words": book.visit.booking.code}, follow=True)
    assert "Cocokkan buku" in page_text(search)
    scanned = pickup.post(f"/admin/pickup/{book.pk}/", {"go": "scan", "book_number": number})
    assert "Serahkan paspor" in page_text(scanned)
    form = {**SELF, "book_number": number}
    pickup.post(f"/admin/pickup/{book.pk}/", form)
    assert Pickup.objects.get().book == book
    again = pickup.post(f"/admin/pickup/{book.pk}/", form)
    assert again.status_code == 409
    assert "satu kali" in page_text(again)
    assert Pickup.objects.count() == 1


def test_collection_without_evidence_preserves_the_name(morning: World) -> None:
    book = morning.ready_book()
    form = {**SELF, "right": "family", "collector_name": "Rudi", "evidence": ""}
    form["book_number"] = book.book_number
    answer = sign_in(morning.pickup).post(f"/admin/pickup/{book.pk}/", form)
    assert "Rudi" in page_text(answer)
    assert not Pickup.objects.exists()


def test_collection_reports_all_errors_at_once(morning: World) -> None:
    book = morning.ready_book()
    form = {**SELF, "right": "letter", "evidence": "", "book_number": book.book_number}
    answer = sign_in(morning.pickup).post(f"/admin/pickup/{book.pk}/", form)
    assert set(answer.context["form"].errors) == {"collector_name", "evidence", "letter"}


def test_names_never_appear_in_addresses(morning: World) -> None:
    morning.ready_book()
    answer = sign_in(morning.pickup).post("/admin/pickup/", {"words": "rahmawati"}, follow=True)
    hops = [url for url, _status in answer.redirect_chain] + [answer.request["PATH_INFO"]]
    assert not any("rahma" in url.lower() for url in hops)


# --- Today ----------------------------------------------------------------------------------------
def test_the_supervisor_sees_the_day(morning: World, set_clock: SetClock) -> None:
    session = morning.sit()
    morning.arrive(8)
    late = morning.arrive(8, 2)
    morning.start(session, morning.at(8, 20))
    set_clock(morning.at(9, 50))
    queue_services.call_visit(
        visit_id=late.pk,
        session_id=morning.sit(2, morning.colleague()).pk,
        reason=make_reason("sick", name="Sakit mendadak").code,
        note="",
        by=CounterSession.objects.get(counter__number=2).officer,
        now=morning.at(9, 40),
    )
    page = page_text(sign_in(morning.supervisor).get("/admin/today/"))
    assert "A-001 sisa" in page
    assert "A-002 dipanggil Loket 2: Sakit mendadak" in page
    assert "A-001, berkas" in page


def test_a_supervisor_frees_a_counter_left_open(morning: World) -> None:
    session = morning.sit()
    sign_in(morning.supervisor).post(f"/admin/today/sessions/{session.pk}/free/")
    session.refresh_from_db()
    assert session.closed_at is not None


def test_home_redirects_to_the_only_job(morning: World) -> None:
    homes = {
        morning.gate: "/admin/gate/",
        morning.officer: "/admin/counter/",
        morning.pickup: "/admin/pickup/",
        morning.supervisor: "/admin/today/",
    }
    for user, home in homes.items():
        assert sign_in(user).get("/admin/").headers["Location"] == home
    assert sign_in(morning.supervisor).get("/admin/?all=1").status_code == 200


def test_anonymous_users_are_sent_to_sign_in(morning: World) -> None:
    for url in ("/admin/", "/admin/gate/", "/admin/counters/visit/"):
        answer = Client().get(url, follow=True)
        assert answer.redirect_chain[-1][0].startswith("/akun/")


def test_officer_pages_are_never_cached(morning: World) -> None:
    assert sign_in(morning.gate).get("/admin/gate/").headers["Cache-Control"] == "private, no-store"


def test_every_shortcut_is_shown_and_unique(morning: World) -> None:
    session = morning.sit()
    morning.arrive(8)
    officer, allowed = (
        sign_in(morning.officer),
        {
            *(f"F{number}" for number in (1, 2, 3, 4, 6, 7, 8, 9, 10)),
            *map(str, range(10)),
        },
    )
    pages = [
        page_text(sign_in(morning.gate).get("/admin/gate/")),
        page_text(officer.get("/admin/counter/")),
    ]
    visit = morning.call(session, morning.at(8, 20))
    assert visit is not None
    pages.append(page_text(officer.get("/admin/counter/")))
    service_services.start_service(**who(visit, session), now=morning.at(8, 21))
    pages.append(page_text(officer.get("/admin/counter/")))
    for page in pages:
        keys = [part.split('"')[0] for part in page.split('data-key="')[1:]]
        assert set(keys) <= allowed
        assert len(keys) == len(set(keys))
        assert all(f"<kbd>{key}</kbd>" in page for key in keys)
        assert page.count("autofocus") == 1


def test_a_prepared_application_is_shown(morning: World) -> None:
    booking = morning.book(8)
    PassportApplication.objects.create(
        applicant=booking.applicant,
        service_type=booking.service_type,
        reason="first",
        purpose="umrah",
        product="electronic_10",
        documents={},
        created_at=morning.at(7),
        changed_at=morning.at(7),
    )
    page = page_text(sign_in(morning.gate).get(f"/admin/gate/{booking.pk}/"))
    assert "umrah atau haji" in page


def test_an_invalid_office_in_the_address_shows_nothing(morning: World) -> None:
    other = make_world().office
    assert sign_in(morning.gate).get(f"/admin/gate/?office={other.code}").status_code == 404


def test_a_supervisor_ends_an_overnight_visit_with_a_message(
    world: World, set_clock: SetClock
) -> None:
    session = world.sit()
    world.arrive(14)
    visit = world.start(session, world.at(15))
    set_clock(world.at(8, 0, DAY + timedelta(days=1)))
    client = sign_in(world.supervisor)
    assert f"{visit.ticket}, " in page_text(client.get("/admin/today/"))
    choice = {
        "do": "visits",
        "visit": visit.pk,
        f"status-{visit.pk}": "serving",
        f"action-{visit.pk}": "incomplete",
    }
    wrong = client.post("/admin/closing/", choice, follow=True)
    assert "Tulis berkas apa yang kurang." in page_text(wrong)
    choice[f"missing-{visit.pk}"] = "Foto belum diambil"
    assert client.post("/admin/closing/", choice).status_code == 302
    visit.refresh_from_db()
    assert visit.status == "incomplete"
    assert f"{visit.ticket}, " not in page_text(client.get("/admin/today/"))
