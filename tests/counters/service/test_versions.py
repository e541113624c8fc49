"""A stage is finished by a form that names stage and version; what is typed is saved as typed."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from booking.applications.models import PassportApplication
from booking.applications.products import fee_text
from booking.people.models import Applicant
from core.errors import InvalidInput
from counters.production.models import PassportBook
from counters.service import conversion
from counters.service import services as service_services
from counters.service.services import Work
from counters.visits.errors import ApplicationMissing, StageChanged
from counters.visits.models import CounterSession, StageRun, Visit, VisitEvent
from offices.directory.models import Fee, ServiceType
from tests.builders import INSTRUMENT, SINCE, make_application
from tests.clients import page_text
from tests.counters.world import DAY, KTP, World, form_of, who

SetClock = Callable[[datetime], None]
ANSWERS = {"reason": "first", "product": "electronic_10", "purpose": "umrah"}
STALE = "Tidak ada yang berubah"


@pytest.fixture
def counter(world: World, set_clock: SetClock) -> tuple[World, Client, CounterSession, Visit]:
    """An officer who is serving somebody without an application, at 08.30."""
    set_clock(world.at(8, 30))
    session = world.sit()
    world.arrive(8)
    visit = world.call(session, world.at(8, 20))
    assert visit is not None
    service_services.start_service(**who(visit, session), now=world.at(8, 21))
    client = Client()
    client.force_login(world.officer)
    return world, client, session, visit


Counter = tuple[World, Client, CounterSession, Visit]


def work(visit: Visit) -> str:
    return f"/admin/counter/visits/{visit.pk}/work/"


def page(client: Client) -> str:
    return page_text(client.get("/admin/counter/"))


# --- Two tabs, double clicks ----------------------------------------------------------------------
def test_a_repeated_form_changes_nothing_and_says_so(counter: Counter) -> None:
    _world, client, _session, visit = counter
    form = form_of(visit, go="finish", documents=KTP)
    client.post(work(visit), form)
    again = client.post(work(visit), {**form, "notes": "dari jendela lain"}, follow=True)
    assert STALE in page_text(again)
    assert list(visit.stage_runs.values_list("stage", "result")) == [
        ("documents", "done"),
        ("interview", ""),
    ]
    visit.refresh_from_db()
    assert visit.notes == ""


def test_two_tabs_do_not_skip_a_stage(counter: Counter) -> None:
    _world, client, _session, visit = counter
    make_application(visit.booking)
    client.post(work(visit), form_of(visit, go="finish", documents=KTP))
    one = two = form_of(visit, go="finish")  # both show the interview
    client.post(work(visit), one)
    client.post(work(visit), two)
    client.post(work(visit), {**two, "go": "end"})
    visit.refresh_from_db()
    assert visit.status == "serving"
    assert visit.stage_runs.get(ended_at=None).stage == "photo"


@pytest.mark.parametrize("changes", [{"version": ""}, {"version": "abc"}, {"stage": "photo"}])
def test_a_form_without_its_version_or_of_another_stage_finishes_nothing(
    counter: Counter, changes: dict[str, str]
) -> None:
    _world, client, _session, visit = counter
    form = form_of(visit, go="finish", documents=KTP)
    answer = client.post(work(visit), {**form, **changes}, follow=True)
    assert STALE in page_text(answer)
    assert visit.stage_runs.get().ended_at is None


def test_the_end_pressed_twice_orders_one_passport(counter: Counter) -> None:
    _world, client, _session, visit = counter
    make_application(visit.booking)
    client.post(work(visit), form_of(visit, go="finish", documents=KTP))
    client.post(work(visit), form_of(visit, go="finish"))
    form = form_of(visit, go="end")
    client.post(work(visit), form)
    again = client.post(work(visit), form, follow=True)
    assert STALE in page_text(again)
    assert PassportBook.objects.count() == 1


def test_a_skip_from_a_second_window_changes_nothing(world: World, set_clock: SetClock) -> None:
    set_clock(world.at(8, 30))
    session = world.sit()
    world.arrive(8)
    visit = world.call(session, world.at(8, 20))
    assert visit is not None
    client = Client()
    client.force_login(world.officer)
    old = visit.version
    skip = f"/admin/counter/visits/{visit.pk}/skip/"
    client.post(skip, {"version": old})
    client.post("/admin/counter/next/")  # the same person again: nobody else waits
    again = client.post(skip, {"version": old}, follow=True)
    assert STALE in page_text(again)
    assert VisitEvent.objects.filter(kind="skipped").count() == 1


# --- Saved as typed -------------------------------------------------------------------------------
def test_a_draft_is_saved_and_leaves_the_form_valid(counter: Counter) -> None:
    _world, client, _session, visit = counter
    form = form_of(visit, notes="Berangkat umrah\nbersama ibu", documents=KTP)
    answer = client.post(f"/admin/counter/visits/{visit.pk}/draft/", form)
    assert answer.json()["text"].startswith("Tersimpan 08.30")
    visit.refresh_from_db()
    assert (visit.notes, visit.documents_checked) == ("Berangkat umrah\nbersama ibu", KTP)
    client.post(work(visit), {**form, "go": "finish"})
    assert visit.stage_runs.get(ended_at=None).stage == "interview"


def test_an_old_draft_is_refused_and_saves_nothing(counter: Counter) -> None:
    _world, client, _session, visit = counter
    form = form_of(visit, notes="lama")
    client.post(work(visit), form_of(visit, go="finish", documents=KTP, notes="baru"))
    answer = client.post(f"/admin/counter/visits/{visit.pk}/draft/", form)
    assert answer.status_code == 409
    assert STALE in answer.json()["text"]
    visit.refresh_from_db()
    assert visit.notes == "baru"


def test_a_second_window_does_not_undo_what_the_first_one_typed(counter: Counter) -> None:
    _world, client, _session, visit = counter
    one = form_of(visit, notes="Umrah", documents=KTP)
    two = form_of(visit, go="finish")  # opened before anything was typed
    client.post(f"/admin/counter/visits/{visit.pk}/draft/", one)
    client.post(work(visit), two)
    visit.refresh_from_db()
    assert (visit.notes, visit.documents_checked) == ("Umrah", KTP)
    assert visit.stage_runs.get(ended_at=None).stage == "interview"


@pytest.mark.parametrize("go", ["outage", "pause", "incomplete", "convert", "all_seen", "park"])
def test_every_button_of_the_form_saves_first(counter: Counter, go: str) -> None:
    _world, client, session, visit = counter
    client.post(work(visit), form_of(visit, go=go, notes="Umrah", reason="first"))
    visit.refresh_from_db()
    session.refresh_from_db()
    assert (visit.notes, visit.draft["reason"]) == ("Umrah", "first")
    assert (session.paused_at is not None) == (go == "pause")


def test_the_text_of_an_exception_is_saved_as_typed(counter: Counter) -> None:
    _world, client, _session, visit = counter
    visit.refresh_from_db()
    form = {"version": visit.version, "draft_of": "incomplete", "text": "Akta lahir asli"}
    assert client.post(f"/admin/counter/visits/{visit.pk}/draft/", form).status_code == 200
    assert "Akta lahir asli" in page_text(client.get("/admin/counter/?ask=incomplete"))


def test_one_request_ticks_all_documents(counter: Counter) -> None:
    _world, client, _session, visit = counter
    rows = [
        {"code": "ktp", "name": "KTP", "name_en": "ID", "is_required": True},
        {"code": "kk", "name": "KK", "name_en": "KK", "is_required": True},
        {"code": "letter", "name": "Surat", "name_en": "Letter", "is_required": False},
    ]
    ServiceType.objects.filter(code="new").update(documents=rows)
    assert page(client).count('name="documents" value') == 3
    assert " checked" not in page(client)
    client.post(work(visit), form_of(visit, go="all_seen"))
    visit.refresh_from_db()
    assert visit.documents_checked == ["kk", "ktp"]
    assert "Semua sudah dilihat" not in page(client)


# --- The application ------------------------------------------------------------------------------
def test_a_visit_does_not_end_without_its_application(counter: Counter) -> None:
    _world, client, _session, visit = counter
    client.post(work(visit), form_of(visit, go="finish", documents=KTP))
    client.post(work(visit), form_of(visit, go="finish"))
    form = form_of(visit, go="end", reason="first", notes="Umrah")
    answer = page_text(client.post(work(visit), form, follow=True))
    assert "Isi jenis paspor, tujuan perjalanan" in answer
    visit.refresh_from_db()
    assert (visit.status, visit.notes, visit.draft) == ("serving", "Umrah", {"reason": "first"})
    before = {f"{name}_before": visit.draft.get(name, "") for name in ANSWERS}
    client.post(work(visit), form_of(visit, go="end", **ANSWERS, **before))
    visit.refresh_from_db()
    application = PassportApplication.objects.get()
    assert (visit.status, visit.draft) == ("finished", {})
    assert (application.reason, application.product, application.purpose) == tuple(ANSWERS.values())


def test_an_application_of_the_gate_is_changed_at_the_counter(counter: Counter) -> None:
    world, client, session, visit = counter
    make_application(visit.booking, purpose="holiday")
    work_ = Work(application={"purpose": "study"})
    service_services.save_work(**who(visit, session), work=work_, now=world.at(8, 31))
    assert PassportApplication.objects.get().purpose == "study"
    assert 'value="study" selected' in page(client)


def test_an_answer_taken_away_again_is_required(counter: Counter) -> None:
    world, _client, session, visit = counter
    make_application(visit.booking)
    for _stage in range(2):
        service_services.finish_stage(
            **who(visit, session), documents_checked=KTP, now=world.at(8, 32)
        )
    with pytest.raises(ApplicationMissing):
        service_services.finish_visit(
            **who(visit, session), work=Work(application={"purpose": ""}), now=world.at(8, 33)
        )


def test_no_payment_is_shown_on_the_counter_screen(counter: Counter) -> None:
    _world, client, _session, visit = counter
    Fee.objects.create(
        product="electronic_10", amount=950_000, valid_from=SINCE, instrument=INSTRUMENT
    )
    make_application(visit.booking)
    assert "Paspor elektronik 10 tahun" in page(client)
    assert "Rp\N{NO-BREAK SPACE}" not in page(client)


# --- Conversion -----------------------------------------------------------------------------------
def need_old_passport() -> None:
    """Replacement needs the ID card and the old passport."""
    rows = [
        {"code": "ktp", "name": "KTP", "name_en": "ID", "is_required": True},
        {"code": "old_passport", "name": "Paspor lama", "name_en": "Old", "is_required": True},
    ]
    ServiceType.objects.filter(code="replacement").update(documents=rows)


def test_the_effect_of_a_conversion_is_shown(world: World, set_clock: SetClock) -> None:
    set_clock(world.at(8, 30))
    need_old_passport()
    Fee.objects.create(product="lost", amount=1_000_000, valid_from=SINCE, instrument=INSTRUMENT)
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 20))
    service_services.finish_stage(**who(visit, session), documents_checked=KTP, now=world.at(8, 25))
    client = Client()
    client.force_login(world.officer)
    screen = page_text(client.get("/admin/counter/?ask=convert"))
    assert "Paspor baru menjadi replacement" in screen
    for text in ("Paspor lama", "KTP", "denda bila hilang", "Rp"):
        assert text in screen


def converted(world: World, session: CounterSession, visit: Visit, **answers: str) -> Visit:
    service = ServiceType.objects.get(code="replacement")
    return conversion.convert_visit(
        **who(visit, session),
        service=service,
        answers={"reason": "expired", "product": "plain_10", "purpose": "umrah", **answers},
        now=world.at(8, 40),
    )


def test_a_conversion_changes_booking_documents_and_application(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 20))
    need_old_passport()
    service_services.finish_stage(**who(visit, session), documents_checked=KTP, now=world.at(8, 25))
    converted(world, session, visit)
    visit = Visit.objects.get()
    booking = visit.booking
    assert booking.service_type.code == "replacement"
    assert booking.application is not None
    assert (booking.application.reason, booking.application.purpose) == ("expired", "umrah")
    assert booking.history.last().kind == "converted"
    assert visit.history.filter(kind="converted").count() == 1
    # The old passport has not been seen: the documents are checked again, the tick of the card stays.
    running = visit.stage_runs.get(ended_at=None)
    assert (running.stage, running.is_rework, visit.documents_checked) == ("documents", True, KTP)
    service_services.finish_stage(
        **who(visit, session), documents_checked=["ktp", "old_passport"], now=world.at(8, 45)
    )
    assert visit.stage_runs.get(ended_at=None).stage == "interview"


def test_a_conversion_without_a_reason_changes_nothing(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 20))
    with pytest.raises(InvalidInput) as refused:
        converted(world, session, visit, reason="first")
    assert "reason" in refused.value.fields
    assert Visit.objects.get().booking.service_type.code == "new"


def test_an_old_form_converts_nothing(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 20))
    with pytest.raises(StageChanged):
        conversion.convert_visit(
            **who(visit, session),
            service=ServiceType.objects.get(code="replacement"),
            answers=ANSWERS,
            version=visit.version - 1,
            now=world.at(8, 40),
        )


def test_the_conversion_form_converts_and_keeps_its_answers(counter: Counter) -> None:
    _world, client, _session, visit = counter
    address = f"/admin/counter/visits/{visit.pk}/convert/"
    form = form_of(visit, service_type="replacement", product="plain_10", purpose="umrah")
    wrong = client.post(address, {**form, "reason": ""})
    assert wrong.status_code == 400
    assert 'value="umrah" selected' in page_text(wrong)
    answer = client.post(address, {**form, "reason": "lost"}, follow=True)
    assert "Layanan diganti menjadi replacement" in page_text(answer)


# --- Returning visitors ---------------------------------------------------------------------------
def test_a_return_brings_ticks_notes_and_what_was_missing(
    world: World, set_clock: SetClock
) -> None:
    rows = [
        {"code": "ktp", "name": "KTP", "name_en": "ID", "is_required": True},
        {"code": "kk", "name": "Kartu Keluarga", "name_en": "KK", "is_required": True},
    ]
    ServiceType.objects.filter(code="new").update(documents=rows)
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    ticked = Work(ticked=["ktp"], notes="Umrah bersama ibu")
    service_services.save_work(**who(visit, session), work=ticked, now=world.at(8, 8))
    service_services.mark_incomplete(
        **who(visit, session), missing="Kartu Keluarga", now=world.at(8, 10)
    )
    later = world.at(9, 0, DAY + timedelta(days=1))
    back = world.check_in(visit.booking, later)
    session = world.sit(2, world.colleague())
    client = Client()
    client.force_login(session.officer)
    set_clock(later + timedelta(minutes=5))
    assert world.call(session, later + timedelta(minutes=5)) == back
    assert "yang kurang: <b>Kartu Keluarga</b>" in page(client)
    service_services.start_service(**who(back, session), now=later + timedelta(minutes=6))
    back.refresh_from_db()
    assert (back.documents_checked, back.notes) == (["ktp"], "Umrah bersama ibu")
    screen = page(client)
    assert 'value="ktp" checked' in screen
    assert 'value="kk" checked' not in screen
    assert "yang kurang: <b>Kartu Keluarga</b>" in screen
    assert StageRun.objects.get(visit=back).stage == "documents"


# --- The receipt ----------------------------------------------------------------------------------
def test_the_receipt_shows_the_due_date_and_is_never_stored(
    world: World, set_clock: SetClock
) -> None:
    book = world.book_of_someone()
    set_clock(world.at(9))
    client = Client()
    client.force_login(world.officer)
    assert f"Tanda terima {book.visit.ticket}" in page(client)
    answer = client.get(f"/admin/counter/visits/{book.visit_id}/receipt/")
    text = page_text(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    for part in ("Rabu, 2", "Desember", book.visit.booking.code, book.applicant.full_name):
        assert part in text
    assert "Ambil di kantor ini dengan KTP asli" in text
    assert "kode billing" not in text
    Applicant.objects.filter(pk=book.applicant.pk).update(birth_date=book.visit.day)
    child = page_text(client.get(f"/admin/counter/visits/{book.visit_id}/receipt/"))
    assert "Orang tua atau wali mengambilnya di kantor ini dengan KTP aslinya" in child


def test_the_receipt_names_a_fee_that_is_paid_outside_this_system(
    world: World, set_clock: SetClock
) -> None:
    Fee.objects.create(
        product="electronic_10", amount=950_000, valid_from=SINCE, instrument=INSTRUMENT
    )
    book = world.book_of_someone()
    set_clock(world.at(9))
    made = PassportApplication.objects.get(applicant=book.applicant)
    client = Client()
    client.force_login(world.officer)
    text = page_text(client.get(f"/admin/counter/visits/{book.visit_id}/receipt/"))
    fee = fee_text(made, book.visit.day).replace("\xa0", " ")
    assert "950" in fee
    assert f"Biaya {fee}. Petugas memberi kode billing" in text


def test_a_visit_that_is_not_finished_has_no_receipt(counter: Counter) -> None:
    _world, client, _session, visit = counter
    answer = client.get(f"/admin/counter/visits/{visit.pk}/receipt/", follow=True)
    assert "Tanda terima tersedia setelah kunjungan selesai" in page_text(answer)
