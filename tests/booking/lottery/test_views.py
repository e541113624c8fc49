"""The pages of a lottery: entering without a script, the own entry, the claim, the officers' public value, the proof."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from booking.bookings.models import Booking
from booking.lottery.models import Draw, DrawEntry
from booking.lottery.selectors import slots_of_draw
from booking.lottery.services import close_entries
from booking.statuses import Status
from offices.staff.models import Role
from quotas.windows.services import prepare_windows
from tests.booking.lottery.lottery_world import (
    CLOSES,
    LOTTERY_TIME,
    MONDAY,
    VALUE,
    draw_in,
    enter,
    hold,
    make_draw_office,
)
from tests.builders import NOW, make_office, make_officer, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def draw(set_clock: Any) -> Draw:
    set_clock(NOW)
    return draw_in(make_draw_office(places=1))


def signed_in(client: Client, user: Any) -> Client:
    client.force_login(user)
    return client


def test_the_office_links_to_its_lottery_and_the_entry_form(client: Client, draw: Draw) -> None:
    office = client.get(f"/offices/{draw.office.code}/").content.decode()
    assert f"/draws/{draw.window_id}/" in office
    page = client.get(f"/draws/{draw.window_id}/").content.decode()
    assert f"/draws/{draw.window_id}/enter/" in page
    assert draw.seed_hash in page
    assert draw.seed not in page
    assert f"/draws/{draw.window_id}/" in client.get("/").content.decode()


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_explanation_exists_in_both_languages(client: Client, language: str) -> None:
    page = client.get("/draws/how/", headers={"accept-language": language}).content.decode()
    assert f'lang="{language}"' in page


def test_submitting_the_form_redirects_to_the_entry(client: Client, draw: Draw) -> None:
    person = make_person()
    signed_in(client, person.account)
    form = {"service_type": "new", "applicants": [person.pk], "choices": ["", ""], "any": "1"}
    answer = client.post(f"/draws/{draw.window_id}/enter/", form, follow=True)
    entry = DrawEntry.objects.get()
    assert answer.redirect_chain[-1][0] == f"/draws/mine/{entry.code}/"
    assert entry.code in answer.content.decode()
    assert client.get(f"/draws/{draw.window_id}/enter/").status_code == 200


def test_a_form_without_people_is_shown_again_with_an_error(client: Client, draw: Draw) -> None:
    signed_in(client, make_person().account)
    answer = client.post(f"/draws/{draw.window_id}/enter/", {"service_type": "new"})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not DrawEntry.objects.exists()


def test_another_accounts_entry_returns_404(client: Client, draw: Draw) -> None:
    entry = enter(draw)
    signed_in(client, make_user())
    assert client.get(f"/draws/mine/{entry.code}/").status_code == 404
    for verb in ("claim", "withdraw"):
        assert client.post(f"/draws/mine/{entry.code}/{verb}/").status_code == 404


def test_a_winner_claims_by_one_button(client: Client, draw: Draw, set_clock: Any) -> None:
    entry = enter(draw)
    hold(draw)
    set_clock(LOTTERY_TIME + timedelta(minutes=5))
    signed_in(client, entry.account)
    code = Booking.objects.get().code
    assert client.get(f"/bookings/{code}/").headers["Location"] == f"/draws/mine/{entry.code}/"
    assert (
        f"/draws/mine/{entry.code}/claim/"
        in client.get(f"/draws/mine/{entry.code}/").content.decode()
    )
    client.post(f"/draws/mine/{entry.code}/claim/")
    assert Booking.objects.get().status == Status.BOOKED
    assert client.get(f"/bookings/{code}/").status_code == 200


def test_every_outcome_has_its_page(client: Client, draw: Draw, set_clock: Any) -> None:
    for _each in range(7):
        enter(draw)
    hold(draw)
    set_clock(LOTTERY_TIME + timedelta(minutes=5))
    for entry in draw.entries.all():
        signed_in(client, entry.account)
        assert client.get(f"/draws/mine/{entry.code}/").status_code == 200
        assert client.get(f"/draws/{draw.window_id}/").status_code == 200
    loser = draw.entries.get(rank=7)
    client.post(f"/draws/mine/{loser.code}/withdraw/")  # signed in as another user
    loser.refresh_from_db()
    assert (loser.withdrawn_at is None) == (loser.account != entry.account)


def test_two_officers_type_the_value_and_the_lottery_runs(draw: Draw, set_clock: Any) -> None:
    enter(draw)
    set_clock(CLOSES + timedelta(hours=1))
    from booking.lottery.services import close_entries

    close_entries(draw_id=draw.pk, now=CLOSES)
    path = f"/admin/draws/{draw.pk}/value/"
    desks = [signed_in(Client(), make_officer(draw.office, Role.SUPERVISOR)) for _each in range(2)]
    assert "16234" not in desks[1].get("/admin/draws/").content.decode().replace(
        draw.public_source, ""
    )
    desks[0].post(path, {"value": VALUE})
    assert Draw.objects.get().confirmed_at is None
    other = desks[1].get("/admin/draws/").content.decode().replace(draw.public_source, "")
    assert VALUE not in other  # the second officer types the value independently
    desks[1].post(path, {"value": VALUE})
    assert Draw.objects.get().drawn_at is not None
    assert desks[0].get("/admin/draws/").status_code == 200


def test_only_the_offices_supervisors_open_its_lottery(draw: Draw) -> None:
    others = [
        make_officer(draw.office, Role.COUNTER),
        make_officer(make_office(), Role.SUPERVISOR),
        make_user(),
    ]
    answers = []
    for user in others:
        client = signed_in(Client(), user)
        answers.append(client.get("/admin/draws/").status_code)
        assert client.post(f"/admin/draws/{draw.pk}/value/", {"value": "1"}).status_code in (
            403,
            404,
        )
    assert answers == [403, 200, 403]
    assert Client().get("/admin/draws/").status_code == 302


# --- API -----------------------------------------------------------------------------------------
def test_the_api_enters_and_reads_the_proof(draw: Draw) -> None:
    person = make_person()
    api = APIClient()
    path = f"/api/v1/draws/{draw.window_id}/entries/"
    body = {"applicants": [person.pk], "service_type": "new"}
    assert api.post(path, body, format="json").status_code == 401
    api.force_authenticate(person.account)
    answer = api.post(path, body, format="json")
    assert answer.status_code == 201
    assert answer.json()["outcome"] == "waiting"
    assert api.post("/api/v1/draws/999999/entries/", body, format="json").status_code == 404
    assert api.post(path, {**body, "applicants": []}, format="json").json()["code"] == "invalid"
    proof = APIClient().get(f"/api/v1/draws/{draw.window_id}/proof/").json()
    assert proof["seed_hash"] == draw.seed_hash
    assert proof["drawn_at"] is None


def test_the_command_verifies_the_downloaded_proof(
    client: Client, draw: Draw, tmp_path: Path, capsys: Any
) -> None:
    for _each in range(7):
        enter(draw)
    hold(draw)
    text = client.get(f"/draws/{draw.window_id}/proof.json").content.decode()
    assert draw.entries.get(rank=1).account.email not in text
    file = tmp_path / "bukti.json"
    file.write_text(text)
    call_command("verify_draw", str(file))
    proof = json.loads(text)
    for field in ("seed", "list_digest", "public_value"):
        wrong = {**proof, field: ("0" if proof[field][0] != "0" else "1") + proof[field][1:]}
        file.write_text(json.dumps(wrong))
        with pytest.raises(CommandError):
            call_command("verify_draw", str(file))
    with pytest.raises(CommandError):
        call_command("verify_draw", str(tmp_path / "tidak-ada.json"))


def test_an_entry_is_listed_with_tickets_until_it_is_over(
    client: Client, draw: Draw, set_clock: Any
) -> None:
    entry = enter(draw)
    signed_in(client, entry.account)
    link = f"/draws/mine/{entry.code}/"
    assert link in client.get("/bookings/").content.decode()
    set_clock(draw.window.closes_at)
    assert link not in client.get("/bookings/").content.decode()


def test_changing_an_entry_starts_from_the_current_choice(client: Client, draw: Draw) -> None:
    hours = [slot.pk for slot in slots_of_draw(draw.window)]
    entry = enter(draw, choices=[hours[2], hours[0]], takes_any=False)
    signed_in(client, entry.account)
    url = f"/draws/{draw.window_id}/enter/?entry={entry.code}"
    assert url in client.get(f"/draws/mine/{entry.code}/").content.decode()
    page = client.get(url)
    assert [row["chosen"] for row in page.context["choices"]] == [str(hours[2]), str(hours[0]), ""]
    assert not page.context["takes_any"]
    assert [card["is_chosen"] for card in page.context["people"]] == [True]
    person = entry.members.get().applicant
    form = {"service_type": "new", "applicants": [person.pk], "choices": [hours[1], "", ""]}
    answer = client.post(url, form, follow=True)
    assert "Pilihan Anda sudah diubah" in answer.content.decode()
    entry.refresh_from_db()
    assert entry.choices == [hours[1]]


def test_choosing_no_slot_is_an_error_at_the_slots(client: Client, draw: Draw) -> None:
    person = make_person()
    signed_in(client, person.account)
    form = {"service_type": "new", "applicants": [person.pk], "choices": ["", "", ""]}
    answer = client.post(f"/draws/{draw.window_id}/enter/", form)
    assert answer.status_code == 400
    assert answer.context["texts"] == []
    assert '<a href="#jam">Pilih setidaknya satu jam' in answer.content.decode()


def test_an_early_rank_without_a_place_gets_the_reason(client: Client, draw: Draw) -> None:
    first = slots_of_draw(draw.window)[0].pk
    narrow = [enter(draw, choices=[first], takes_any=False) for _each in range(4)]
    enter(draw)
    hold(draw)
    last = max(entry.rank or 0 for entry in DrawEntry.objects.filter(outcome="won"))
    for entry in narrow:
        entry.refresh_from_db()
        page = signed_in(client, entry.account).get(f"/draws/mine/{entry.code}/")
        passed_over = entry.outcome == "lost" and (entry.rank or 0) < last
        assert ("sudah terisi saat giliran Anda" in page.content.decode()) == passed_over


def test_the_waiting_list_after_a_loss_covers_the_lottery_days(client: Client, draw: Draw) -> None:
    entries = [enter(draw) for _each in range(6)]
    hold(draw)
    lost = DrawEntry.objects.get(pk__in=[one.pk for one in entries], outcome="lost")
    signed_in(client, lost.account)
    page = client.get(f"/draws/mine/{lost.code}/").content.decode()
    window = draw.window
    url = f"/offices/{draw.office.code}/waiting/?day={window.first_day}&until={window.last_day}"
    assert url.replace("&", "&amp;") in page
    form = client.get(url).context["form"]
    assert form.initial == {"first_day": window.first_day, "last_day": window.last_day}


@pytest.mark.parametrize(
    ("now", "detail"), [(NOW, "daftar sampai"), (CLOSES + timedelta(minutes=5), "Sedang diundi")]
)
def test_booking_a_lottery_slot_is_refused_with_the_reason(
    draw: Draw, set_clock: Any, now: Any, detail: str
) -> None:
    set_clock(now)
    person = make_person()
    api = APIClient()
    api.force_authenticate(person.account)
    slot = slots_of_draw(draw.window)[0]
    form = {"slot": slot.pk, "applicants": [person.pk], "service_type": "new"}
    answer = api.post("/api/v1/bookings/", form, format="json", headers={"Idempotency-Key": "a1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_yet_open")
    assert detail in answer.json()["detail"]


def test_a_lottery_without_entries_shows_that_its_days_are_open(
    client: Client, draw: Draw, set_clock: Any
) -> None:
    set_clock(CLOSES + timedelta(minutes=1))
    close_entries(draw_id=draw.pk, now=CLOSES)
    assert "tanpa peserta" in client.get(f"/draws/{draw.window_id}/").content.decode()
    office = client.get(f"/offices/{draw.office.code}/").content.decode()
    assert "Tidak ada peserta" in office
    assert 'data-state="open"' in office
    signed_in(client, make_officer(draw.office, Role.SUPERVISOR))
    desk = client.get("/admin/draws/").content.decode()
    assert "Tanpa peserta" in desk
    assert f"/admin/draws/{draw.pk}/value/" not in desk


def test_the_officer_list_shows_waiting_then_closing_lotteries(
    client: Client, draw: Draw, set_clock: Any
) -> None:
    enter(draw)
    set_clock(CLOSES + timedelta(minutes=1))
    later = Draw.objects.exclude(pk=draw.pk)
    prepare_windows(office_id=draw.office_id, now=CLOSES)
    make_draw_office(week=MONDAY + timedelta(weeks=2), now=CLOSES)
    close_entries(draw_id=draw.pk, now=CLOSES)
    signed_in(client, make_officer(None, Role.NATIONAL))
    rows = client.get("/admin/draws/").context["rows"]
    assert rows[0]["draw"] == draw
    assert len(rows) == later.count() + 1 >= 2
    opens = [row["window"].opens_at for row in rows[1:]]
    assert opens == sorted(opens)
