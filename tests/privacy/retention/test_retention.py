"""Nothing outlives its rule: a nightly run over two years of data, with `verify` before and after."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from booking.applications.models import PassportApplication
from booking.bookings.models import Booking
from booking.people.labels import masked
from booking.people.models import Applicant
from booking.people.services import remove_applicant, restrict_processing
from booking.restrictions.models import Restriction
from core import clock
from core.retention import DATA_KINDS, DataKind
from counters.pickup.models import Pickup
from counters.visits.models import Visit
from notices.models import Message
from ops.verification.services import verify
from privacy.retention.admin import RetentionRuleForm
from privacy.retention.models import RetentionRule, RetentionRun
from privacy.retention.selectors import GRACE, periods
from privacy.retention.services import NothingErased, run_due_retention, run_retention
from tests.builders import (
    INSTRUMENT,
    NOW,
    SINCE,
    make_booking,
    make_open_slot,
    make_person,
    make_user,
)
from tests.privacy.retention.two_years import END, make_two_years

pytestmark = pytest.mark.django_db
LAW = 13


def broken(now: Any) -> set[int]:
    return {finding.law for finding in verify(now=now) if finding.breaches}


def make_rule(kind: str, days: int, **fields: Any) -> RetentionRule:
    values = {"valid_from": SINCE, "instrument": INSTRUMENT} | fields
    return RetentionRule.objects.create(kind=kind, days=days, **values)


def erased_by(runs: list[RetentionRun]) -> dict[str, int]:
    return {run.kind: run.erased for run in runs if run.erased}


def test_two_years_are_erased_by_rule_and_verify_holds() -> None:
    story = make_two_years()
    make_rule("people", 365)
    make_rule("messages", 180)
    now = END
    assert broken(now) == {LAW}
    erased = erased_by(run_retention(now=now))
    assert broken(now) == set()
    assert erased["people"] == 3 * 4  # four quarters are older than a year
    old, new = story.served[0], story.served[-1]
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.full_name, old.identity_number, old.phone) == ("", "", "")
    assert old.removed_at is not None
    assert str(old) == "data dihapus"
    assert new.full_name == "Siti Rahmawati"
    visit = Visit.objects.get(booking__applicant=old)
    assert visit.notes == ""
    assert Visit.objects.get(booking__applicant=new).notes
    assert Pickup.objects.get(book__applicant=old).collector_name == "–"
    assert Restriction.objects.get(applicant=story.absent[0]).appeal == ""
    assert Restriction.objects.get(applicant=story.absent[-1]).appeal == "Anak saya sakit."
    assert PassportApplication.objects.get(applicant=old).purpose == ""
    about_old = Message.objects.filter(about_id=str(visit.booking_id))
    assert {row.body for row in about_old} == {""}
    assert {row.address for row in about_old} == {""}


def test_the_ledger_stays_under_the_persons_hash() -> None:
    story = make_two_years()
    before = list(Booking.objects.order_by("pk").values_list("pk", "status", "person_key"))
    run_retention(now=END + timedelta(days=800))
    assert list(Booking.objects.order_by("pk").values_list("pk", "status", "person_key")) == before
    assert not Applicant.objects.exclude(full_name="").exists()
    old = Applicant.objects.get(pk=story.served[0].pk)
    assert old.person_key == story.served[0].person_key
    assert masked(old) == "nomor dihapus"


def test_a_second_run_erases_nothing() -> None:
    make_two_years()
    assert erased_by(run_retention(now=END))
    assert erased_by(run_retention(now=END)) == {}


def test_a_run_is_recorded_for_each_kind() -> None:
    rule = make_rule("messages", 180)
    runs = run_retention(now=NOW)
    assert {run.kind for run in runs} == set(DATA_KINDS)
    run = RetentionRun.objects.get(kind="messages")
    assert (run.rule, run.days, run.before) == (rule, 180, NOW - timedelta(days=180))


def test_a_night_has_one_run() -> None:
    night = NOW.replace(hour=19)  # 02.00 in Jakarta
    assert len(run_due_retention(now=night)) == len(DATA_KINDS)
    assert run_due_retention(now=night + timedelta(hours=8)) == []
    assert len(run_due_retention(now=night + timedelta(hours=24))) == len(DATA_KINDS)


def test_a_person_with_something_unfinished_stays() -> None:
    booking = make_booking(make_open_slot())
    later = NOW + timedelta(days=3000)
    run_retention(now=later)
    booking.applicant.refresh_from_db()
    assert booking.applicant.full_name  # the booking is still live: nobody has marked it


def test_a_number_goes_earlier_once_nobody_lists_the_person() -> None:
    listed, removed = make_person(), make_person()
    remove_applicant(applicant_id=removed.pk, account_id=removed.account_id or 0, now=NOW)
    run_retention(now=NOW + timedelta(days=400))
    listed.refresh_from_db()
    removed.refresh_from_db()
    assert listed.identity_number
    assert removed.identity_number == ""
    assert removed.full_name


def test_a_person_under_restriction_of_processing_is_not_erased() -> None:
    person, other = make_person(), make_person()
    restrict_processing(applicant_ids=[person.pk], now=NOW)
    run_retention(now=NOW + timedelta(days=1000))
    person.refresh_from_db()
    other.refresh_from_db()
    assert person.full_name
    assert not other.full_name


def test_an_account_goes_after_its_people() -> None:
    """Nobody signed in for three years: first the unused people are erased, then the account."""
    account = make_person().account
    assert account is not None
    User.objects.filter(pk=account.pk).update(joined_at=NOW - timedelta(days=1200))
    run_retention(now=NOW)
    account.refresh_from_db()
    assert account.full_name
    later = NOW + timedelta(days=800)
    run_retention(now=later)
    account.refresh_from_db()
    assert (account.full_name, account.erased_at) == ("", later)
    assert not account.is_active


def test_the_machines_clock_dates_sessions(settings: Any) -> None:
    """A demo whose clock shows next year must not end the sessions of today."""
    client = Client()
    client.force_login(make_user())
    settings.DEMO_CLOCK_OFFSET = 400 * 86_400.0
    run_retention(now=clock.now())
    assert Session.objects.count() == 1
    settings.DEMO_CLOCK_OFFSET = 0.0
    run_retention(now=clock.now() + timedelta(days=400))
    assert Session.objects.count() == 0


def test_a_rule_is_applied_from_its_first_day() -> None:
    make_rule("messages", 100, valid_from=NOW.date() + timedelta(days=1))
    now, tomorrow = NOW, NOW + timedelta(days=1)
    days = {
        moment: next(row.days for row in periods(now=moment) if row.kind.name == "messages")
        for moment in (now, tomorrow)
    }
    assert days == {now: 365, tomorrow: 100}


def test_rules_of_one_kind_never_overlap() -> None:
    make_rule("messages", 100)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_rule("messages", 200, valid_from=NOW.date())


def test_a_rule_shorter_than_the_service_needs_is_refused() -> None:
    values = {"kind": "messages", "days": 10, "valid_from": "2026-01-01", "instrument": "SK"}
    form = RetentionRuleForm(values)
    assert set(form.errors) == {"days"}
    assert RetentionRuleForm(values | {"days": 90}).is_valid()
    # One written past the form is applied as the shortest period.
    make_rule("messages", 10)
    assert next(row.days for row in periods(now=NOW) if row.kind.name == "messages") == 90


def test_the_law_leaves_time_for_the_run() -> None:
    make_booking(make_open_slot())
    Message.objects.update(sent_at=NOW, created_at=NOW)
    due = NOW + timedelta(days=365)
    assert LAW not in broken(due + GRACE)
    assert LAW in broken(due + GRACE + timedelta(minutes=1))


def test_the_database_refuses_half_an_erasure() -> None:
    person = make_person()
    with pytest.raises(IntegrityError), transaction.atomic():
        Applicant.objects.filter(pk=person.pk).update(erased_at=NOW, full_name="")


def test_a_kind_that_erases_nothing_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the run would select the same rows for ever."""

    def nothing(*, ids: Any, now: Any) -> None:
        return None

    make_person()
    broken_kind = DataKind(
        name="broken",
        label="",
        since="",
        default_days=0,
        least_days=0,
        overdue=lambda before: Applicant.objects.filter(created_at__lte=before),
        erase=nothing,
    )
    monkeypatch.setitem(DATA_KINDS, "broken", broken_kind)
    with pytest.raises(NothingErased):
        run_retention(now=NOW)
    # The other kinds have run all the same.
    assert RetentionRun.objects.count() == len(DATA_KINDS) - 1
