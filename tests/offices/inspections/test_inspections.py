"""Findings of an inspection: recorded by the region, answered by the office, closed by the region."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import InternalError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from core.errors import InvalidInput, NotAllowed
from offices.directory.models import Office
from offices.inspections.errors import WrongStep
from offices.inspections.models import Finding, FindingStep
from offices.inspections.selectors import findings_of, overview
from offices.inspections.services import add_step, record_finding
from offices.staff.models import Role
from tests.builders import NOW, make_office, make_officer

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
ADDRESS = "/admin/inspections/"


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture
def region(office: Office) -> User:
    return make_officer(None, Role.REGIONAL, region=office.region)


@pytest.fixture
def supervisor(office: Office) -> User:
    return make_officer(office, Role.SUPERVISOR)


def make_finding(office: Office, by: User, *, days: int = 14) -> Finding:
    return record_finding(
        office_id=office.pk,
        inspected_on=TODAY,
        text="Papan antrean mati",
        due_on=TODAY + timedelta(days=days),
        by=by,
        now=NOW,
    )


def step(finding: Finding, kind: str, by: User, text: str = "Sudah diperbaiki") -> FindingStep:
    return add_step(finding_id=finding.pk, kind=kind, text=text, by=by, now=NOW)


def test_a_finding_is_answered_returned_answered_and_closed(
    office: Office, region: User, supervisor: User
) -> None:
    finding = make_finding(office, region)
    step(finding, "answered", supervisor)
    step(finding, "returned", region, "Belum menyala")
    step(finding, "answered", supervisor)
    step(finding, "closed", region, "Baik")
    [view] = findings_of(office, today=TODAY)
    assert view.is_closed
    assert [row.kind for row in view.steps] == ["answered", "returned", "answered", "closed"]


def test_every_step_needs_the_state_before_it_and_its_right(
    office: Office, region: User, supervisor: User
) -> None:
    finding = make_finding(office, region)
    with pytest.raises(WrongStep):
        step(finding, "closed", region)
    with pytest.raises(NotAllowed):
        step(finding, "answered", region)
    step(finding, "answered", supervisor)
    with pytest.raises(WrongStep):
        step(finding, "answered", supervisor)
    with pytest.raises(NotAllowed):
        step(finding, "closed", supervisor)
    with pytest.raises(InvalidInput):
        step(finding, "closed", region, "  ")


def test_only_the_region_records_findings_and_nobody_changes_them(
    office: Office, region: User, supervisor: User
) -> None:
    with pytest.raises(NotAllowed):
        make_finding(office, supervisor)
    with pytest.raises(NotAllowed):
        make_finding(make_office(region="lain"), region)
    finding = make_finding(office, region)
    with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
        Finding.objects.filter(pk=finding.pk).update(text="lain")


@pytest.mark.parametrize("days", [-1, 367])
def test_a_deadline_lies_within_a_year(office: Office, region: User, days: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_finding(office, region, days=days)
    assert list(refused.value.fields) == ["due_on"]


def test_the_overview_counts_late_findings_first(
    office: Office, region: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    other = make_office("aman")
    make_finding(office, region, days=1)
    make_finding(office, region, days=30)
    with django_assert_num_queries(2):
        first, second = overview([other, office], today=TODAY + timedelta(days=5))
    assert (first.office, first.open, first.late) == (office, 2, 1)
    assert (second.office, second.open) == (other, 0)


def test_the_page_shows_findings_to_both_sides(
    client: Client, office: Office, region: User, supervisor: User, set_clock: Any
) -> None:
    set_clock(NOW)
    client.force_login(region)
    sent = {"inspected_on": TODAY.isoformat(), "text": "Kursi rusak", "due_on": "2026-12-24"}
    assert client.post(f"{ADDRESS}?office={office.code}", sent).status_code == 302
    finding = Finding.objects.get()
    client.force_login(supervisor)
    page = client.get(ADDRESS).content.decode()
    assert "Kursi rusak" in page
    assert "Kirim jawaban" in page
    assert "Catat temuan" not in page
    client.post(f"{ADDRESS}{finding.pk}/answer/", {"text": "Sudah diganti"})
    client.force_login(region)
    assert "Nyatakan selesai" in client.get(f"{ADDRESS}?office={office.code}").content.decode()
    client.post(f"{ADDRESS}{finding.pk}/judge/", {"text": "Baik", "step": "closed"})
    assert finding.steps.latest("pk").kind == "closed"
    client.force_login(make_officer(make_office("lain"), Role.SUPERVISOR))
    assert client.post(f"{ADDRESS}{finding.pk}/answer/", {"text": "x"}).status_code == 404
