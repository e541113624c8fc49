"""The test helpers themselves."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import holidays
import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from core import clock
from tests.architecture.sources import ROOT
from tests.conftest import Mailbox
from tests.guards import LOCK_CLAUSE
from tests.moments import MOMENTS, moment_for


def take_one(user_id: int) -> int:
    """Read under a lock, wait, write the value plus one: a lost update without the lock."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user_id)
        taken = int(user.full_name)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")
        user.full_name = str(taken + 1)
        user.save(update_fields=["full_name"])
        return taken


def make_user(email: str = "a@example.org") -> User:
    return User.objects.create(email=email, full_name="0")


def test_concurrent_calls_overlap_and_queue_at_the_lock(run_together: Any) -> None:
    user = make_user()
    assert sorted(run_together(partial(take_one, user.pk) for _ in range(4))) == [0, 1, 2, 3]


def test_control_without_lock_clauses_updates_are_lost(
    run_together: Any, unguarded_database: str
) -> None:
    user = make_user()
    outcomes = run_together(partial(take_one, user.pk) for _ in range(4))
    assert len(set(outcomes)) < 4


def test_an_outcome_can_be_an_exception(run_together: Any) -> None:
    outcomes = run_together([partial(make_user, "b@example.org")] * 2)
    assert {type(outcome) for outcome in outcomes} == {User, IntegrityError}


def test_a_temporary_database_is_removed(throwaway_database: str) -> None:
    make_user()
    assert User.objects.count() == 1
    assert connection.settings_dict["NAME"] == throwaway_database


@pytest.mark.django_db
def test_the_test_database_is_empty() -> None:
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "clause",
    ["FOR NO KEY UPDATE", "FOR UPDATE", "FOR NO KEY UPDATE SKIP LOCKED", "for update of a"],
)
def test_every_lock_clause_is_recognised(clause: str) -> None:
    assert LOCK_CLAUSE.sub("", f"SELECT 1 FROM a {clause}") == "SELECT 1 FROM a"
    inner = f"WITH p AS (SELECT 1 FROM a LIMIT 4 {clause}) UPDATE a SET b = 1 FROM p"
    assert clause.lower() not in LOCK_CLAUSE.sub("", inner).lower()


def test_the_clock_can_be_moved(set_clock: Callable[[datetime], None]) -> None:
    friday = datetime(2026, 6, 5, 7, 0, tzinfo=UTC)
    set_clock(friday)
    assert timedelta(0) <= clock.now() - friday < timedelta(seconds=5)


def test_test_clock_sets_the_time_of_a_process() -> None:
    moment = MOMENTS[0]
    environment = {**os.environ, "TEST_CLOCK": moment}
    environment.pop("TEST_CLOCK_OFFSET", None)
    program = "import tests.servers, core.clock; print(core.clock.now().isoformat())"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    passed = datetime.fromisoformat(done.stdout.strip()) - datetime.fromisoformat(moment)
    assert timedelta(0) <= passed < timedelta(minutes=1)


def test_the_sample_moments_include_difficult_ones() -> None:
    sunday, friday, new_year, leap, lebaran, before, after = map(datetime.fromisoformat, MOMENTS)
    assert (sunday.isoweekday(), friday.isoweekday()) == (7, 5)
    assert (new_year + timedelta(minutes=2)).year == new_year.year + 1
    assert (leap.month, leap.day) == (2, 29)
    assert "Eid al-Fitr" in holidays.country_holidays("ID", language="en_US").get(
        lebaran.date(), ""
    )
    assert before.date() == after.date()
    assert before.astimezone(UTC).date() < after.astimezone(UTC).date()


def test_commits_map_to_moments_and_back() -> None:
    assert {moment_for(f"{number:040x}") for number in range(len(MOMENTS))} == set(MOMENTS)


def test_e_mail_passes_through_a_real_server(mailbox: Mailbox) -> None:
    message = EmailMessage(
        "Halo", "Isi surat", to=["a@example.org"], headers={"X-Kind": "greeting"}
    )
    message.send()
    (received,) = mailbox.emails
    assert (received.to, received.kind, received.subject) == ("a@example.org", "greeting", "Halo")
    assert received.text.strip() == "Isi surat"


def test_a_browser_reaches_the_live_server(page: Any) -> None:
    page.goto("/healthz")
    assert "alive" in page.content()
