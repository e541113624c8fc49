"""Outages: reported once, ended once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from core.errors import InvalidInput, NotAllowed, NotFound
from offices.directory.models import Counter, Device, Office
from offices.outages.errors import OutageOver, OutageStands
from offices.outages.models import Outage
from offices.outages.services import end_outage, record_outage
from offices.staff.models import Role
from tests.builders import NOW, make_office, make_officer

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture
def camera(office: Office) -> Device:
    return Device.objects.create(office=office, kind=Device.Kind.CAMERA, name="Kamera 1")


@pytest.fixture
def officer(office: Office) -> User:
    return make_officer(office, Role.COUNTER)


def note(office: Office, by: User, **values: Any) -> Outage:
    values.setdefault("now", NOW)
    return record_outage(office_id=office.pk, reason="layar gelap", by=by, **values)


def test_an_outage_lasts_until_it_is_ended(office: Office, camera: Device, officer: User) -> None:
    outage = note(office, officer, device_id=camera.pk)
    assert (outage.started_at, outage.ended_at, outage.noted_by) == (NOW, None, officer)
    end_outage(outage_id=outage.pk, by=officer, now=NOW + 40 * MINUTE)
    outage.refresh_from_db()
    assert outage.ended_at == NOW + 40 * MINUTE
    with pytest.raises(OutageOver):
        end_outage(outage_id=outage.pk, by=officer, now=NOW + 41 * MINUTE)


def test_a_duplicate_report_is_refused_with_its_time(
    office: Office, camera: Device, officer: User
) -> None:
    note(office, officer, device_id=camera.pk)
    with pytest.raises(OutageStands) as refused:
        note(office, officer, device_id=camera.pk, now=NOW + MINUTE)
    assert "Kamera 1 sudah tercatat rusak sejak 10.00" in str(refused.value)


def test_a_device_can_fail_again_and_others_concurrently(
    office: Office, camera: Device, officer: User
) -> None:
    first = note(office, officer, device_id=camera.pk)
    end_outage(outage_id=first.pk, by=officer, now=NOW + 10 * MINUTE)
    note(office, officer, device_id=camera.pk, now=NOW + 10 * MINUTE)
    counter = Counter.objects.filter(hall__office=office)[0]
    assert note(office, officer, counter_id=counter.pk).thing == counter
    assert Outage.objects.count() == 3


def test_a_late_report_must_not_overlap(office: Office, camera: Device, officer: User) -> None:
    first = note(office, officer, device_id=camera.pk, started_at=NOW - 60 * MINUTE)
    end_outage(outage_id=first.pk, by=officer, now=NOW, ended_at=NOW - 30 * MINUTE)
    with pytest.raises(InvalidInput) as refused:
        note(office, officer, device_id=camera.pk, started_at=NOW - 40 * MINUTE)
    assert "09.30" in str(refused.value.fields["started_at"][0])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"started_at": NOW + MINUTE}, "started_at"),
        ({"started_at": NOW - timedelta(days=8)}, "started_at"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"device_id": None}, "thing"),
        ({"device_id": 999_999}, "thing"),
    ],
)
def test_an_invalid_outage_is_refused_at_its_field(
    office: Office, camera: Device, officer: User, values: dict[str, Any], field: str
) -> None:
    given = {"device_id": camera.pk, "reason": "layar gelap", **values}
    with pytest.raises(InvalidInput) as refused:
        record_outage(office_id=office.pk, by=officer, now=NOW, **given)
    assert set(refused.value.fields) == {field}
    assert not Outage.objects.exists()


def test_an_end_before_the_start_or_in_future_is_refused(
    office: Office, camera: Device, officer: User
) -> None:
    outage = note(office, officer, device_id=camera.pk)
    for wrong in (NOW - MINUTE, NOW, NOW + 60 * MINUTE):
        with pytest.raises(InvalidInput) as refused:
            end_outage(outage_id=outage.pk, by=officer, now=NOW + MINUTE, ended_at=wrong)
        assert set(refused.value.fields) == {"ended_at"}


def test_the_database_refuses_invalid_outages(
    office: Office, camera: Device, officer: User
) -> None:
    row = {"office": office, "reason": "x", "noted_at": NOW, "noted_by": officer}
    Outage.objects.create(device=camera, started_at=NOW, **row)
    counter = Counter.objects.filter(hall__office=office)[0]
    for wrong in (
        {"device": camera, "started_at": NOW + MINUTE},
        {"started_at": NOW},
        {"counter": counter, "device": camera, "started_at": NOW - 9 * MINUTE},
        {"counter": counter, "started_at": NOW, "ended_at": NOW, "ended_by": officer},
        {"counter": counter, "started_at": NOW, "ended_at": NOW + MINUTE},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Outage.objects.create(**row, **wrong)


def test_officers_of_other_offices_cannot_report_or_end(
    office: Office, camera: Device, officer: User
) -> None:
    other, gate = make_officer(make_office(), Role.SUPERVISOR), make_officer(office, Role.GATE)
    outage = note(office, officer, device_id=camera.pk)
    for one in (other, gate):
        with pytest.raises(NotAllowed):
            note(office, one, device_id=camera.pk)
        with pytest.raises(NotAllowed):
            end_outage(outage_id=outage.pk, by=one, now=NOW + MINUTE)
    with pytest.raises(NotFound):
        record_outage(office_id=0, reason="x", by=officer, now=NOW)
    with pytest.raises(NotFound):
        end_outage(outage_id=0, by=officer, now=NOW)


def test_another_offices_device_is_refused(office: Office, officer: User) -> None:
    theirs = Device.objects.create(office=make_office(), kind="camera", name="Kamera 9")
    with pytest.raises(InvalidInput):
        note(office, officer, device_id=theirs.pk)
