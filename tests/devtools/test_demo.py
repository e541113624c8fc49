"""The demo users can sign in at once and are not changed by a second run."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import may_remind
from booking.applications.models import PassportApplication
from booking.people.models import Applicant
from core import clock
from devtools.management.commands.prepare_stack import load_scenarios
from offices.directory.models import Office
from offices.staff.models import Role
from quotas.places.models import ReleaseWindow
from quotas.policies.models import QuotaPolicy
from tests.builders import make_office, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def office() -> Any:
    office = make_office("palembang")
    for role in (Role.GATE, Role.COUNTER, Role.PICKUP, Role.SUPERVISOR):
        make_officer(office, role)
    make_officer(None, Role.REGIONAL, region=office.region)
    make_officer(None, Role.NATIONAL)
    return office


def load(folder: Any) -> Any:
    out = StringIO()
    call_command("load_demo", stdout=out)
    return json.loads((folder / "demo-credentials.json").read_text()), out.getvalue()


def test_every_role_has_a_working_sign_in(folder: Any, office: Any, client: Client) -> None:
    credentials, printed = load(folder)
    assert [set(row) for row in credentials] == [{"role", "office", "email", "password"}] * 7
    assert {(row["role"], row["office"]) for row in credentials} == {
        ("gate", "palembang"),
        ("counter", "palembang"),
        ("pickup", "palembang"),
        ("supervisor", "palembang"),
        ("regional", ""),
        ("national", ""),
        ("applicant", ""),
    }
    for row in credentials:
        assert row["password"] in printed
        answer = client.post(
            reverse("account_login"), {"login": row["email"], "password": row["password"]}
        )
        assert answer.status_code == 302
        client.logout()


def test_the_applicant_has_a_prepared_application(folder: Any, office: Any) -> None:
    load(folder)
    account = User.objects.get(email="pemohon@warga.example")
    assert may_remind(account.pk)
    assert Applicant.objects.filter(account=account).count() == 2
    application = PassportApplication.objects.get(
        applicant__account=account, service_type__code="replacement"
    )
    assert all(application.documents.values())


def test_a_second_run_adds_only_new_users(folder: Any, office: Any) -> None:
    first, _printed = load(folder)
    hashes = dict(User.objects.values_list("email", "password"))
    newcomer = make_officer(office, Role.COUNTER)
    second, _printed = load(folder)
    assert [row for row in second if row["email"] != newcomer.email] == first
    assert hashes.items() <= dict(User.objects.values_list("email", "password")).items()
    assert EmailAddress.objects.count() == 8
    assert Applicant.objects.count() == 2


def test_the_list_is_readable_by_its_owner_only(folder: Any, office: Any) -> None:
    load(folder)
    assert (folder / "demo-credentials.json").stat().st_mode & 0o077 == 0


def test_it_refuses_to_run_outside_the_demo(folder: Any, settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("load_demo")
    assert not (folder / "demo-credentials.json").exists()


def test_an_office_with_another_days_rules_still_opens(db: None) -> None:
    text = StringIO()
    out = OutputWrapper(text)
    load_scenarios(out)
    folder = Path(settings.BASE_DIR) / "scenarios"
    preset, since = str(folder / "presets" / "new-normal-2020.yaml"), "2030-01-07"
    call_command("load_scenario", preset, "--office", "palembang", "--from", since, verbosity=0)
    before = list(QuotaPolicy.objects.order_by("pk").values())
    load_scenarios(out)
    assert "palembang.yaml: not loaded again, because it was changed since." in text.getvalue()
    assert list(QuotaPolicy.objects.order_by("pk").values()) == before


def test_a_new_installation_reports_errors_in_its_scenarios(
    db: None, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "salah.yaml").write_text("office: {code: x}")
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match=r"salah.yaml, line 1"):
        load_scenarios(OutputWrapper(StringIO()))


def open_days_with_two_slots(office: Office, client: Client) -> list[str]:
    """The days from today + 3 on with two free slots, in windows without a waiting room, as the API shows them."""
    url = f"/api/v1/offices/{office.code}"
    first = office.local_day(clock.now()) + timedelta(days=3)
    span = {"from": first, "to": first + timedelta(days=21), "service_type": "new"}
    open_days = []
    for day in client.get(f"{url}/calendar/", span).json()["days"]:
        if day["status"] != "open" or ReleaseWindow.objects.get(pk=day["window"]).has_waiting_room:
            continue
        query = {"date": day["date"], "service_type": "new"}
        slots = client.get(f"{url}/slots/", query).json()
        if sum(slot["status"] == "open" and slot["left"] > 0 for slot in slots) >= 2:
            open_days.append(day["date"])
    return open_days


def test_a_fresh_demo_has_two_open_days(client: Client) -> None:
    """`make test` runs this at its own time, `make test-long` at every difficult moment."""
    load_scenarios(OutputWrapper(StringIO()))
    call_command("release_windows")
    days = {
        office.code: open_days_with_two_slots(office, client) for office in Office.objects.all()
    }
    assert max(map(len, days.values())) >= 2, days
