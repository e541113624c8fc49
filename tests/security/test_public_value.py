"""The spelling of a lottery's public value cannot select its result."""

from typing import Any

import pytest
from django.db import Error, connection, transaction

from booking.lottery import proof as pure
from booking.lottery.models import Draw, TypedValue
from booking.lottery.selectors import as_entry, listed_entries
from booking.lottery.services import close_entries, type_public_value
from booking.lottery.sources import JISDOR, SOURCES
from core.errors import DomainError, InvalidInput, NotAllowed
from offices.staff.models import Role
from tests.booking.lottery.lottery_world import (
    CLOSES,
    LOTTERY_TIME,
    VALUE,
    draw_in,
    enter,
    make_draw_office,
)
from tests.builders import make_officer

SPELLINGS = ("16.234", "16,234", "16234,00", "16234.0", "16 234", "+16234", "016234", "Rp16234")
OTHER_DIGITS = "१६२३४"
Result = TypedValue.Result


def sealed_draw() -> Draw:
    draw = draw_in(make_draw_office(places=1))
    for _each in range(6):
        enter(draw)
    return close_entries(draw_id=draw.pk, now=CLOSES)


def order_for(draw: Draw, value: str) -> tuple[str, ...]:
    key = pure.draw_key(seed=draw.seed, digest=draw.list_digest, public_value=value)
    return tuple(entry.code for entry in pure.ranked(key, map(as_entry, listed_entries(draw))))


@pytest.mark.django_db
def test_one_spelling_of_a_value_is_accepted() -> None:
    draw = sealed_draw()
    officer = make_officer(draw.office, Role.SUPERVISOR)
    wrong = (*SPELLINGS, OTHER_DIGITS, "4999", "50001", "162345", "1.6e4", "16234\n16235", "0")
    for value in wrong:
        with pytest.raises(InvalidInput):
            type_public_value(draw_id=draw.pk, value=value, by=officer, now=LOTTERY_TIME)
    type_public_value(draw_id=draw.pk, value=VALUE, by=officer, now=LOTTERY_TIME)
    assert Draw.objects.get(pk=draw.pk).public_value == VALUE


@pytest.mark.django_db
def test_control_each_spelling_gives_another_result() -> None:
    """If this fails, a free spelling would do no harm, and the test above proves nothing."""
    draw = sealed_draw()
    orders = {order_for(draw, value) for value in (VALUE, *SPELLINGS)}
    assert len(orders) > len(SPELLINGS) // 2


@pytest.mark.django_db
def test_the_database_refuses_another_spelling() -> None:
    draw = sealed_draw()
    for value in SPELLINGS:
        with pytest.raises(Error, match="draw_value_in_one_form"), transaction.atomic():
            Draw.objects.filter(pk=draw.pk).update(public_value=value)


def test_control_without_guards_a_value_can_be_respelled(unguarded_database: str) -> None:
    draw = sealed_draw()
    Draw.objects.filter(pk=draw.pk).update(public_value=SPELLINGS[0])
    assert Draw.objects.get(pk=draw.pk).public_value == SPELLINGS[0]


@pytest.mark.django_db
def test_every_typed_value_is_recorded_with_officer_and_time() -> None:
    draw = sealed_draw()
    one, other = (make_officer(draw.office, Role.SUPERVISOR) for _each in range(2))
    tries = (
        (one, "16.234", Result.MALFORMED),
        (one, "16243", Result.RECORDED),
        (one, VALUE, Result.CORRECTED),
        (one, VALUE, Result.SAME_OFFICER),
        (other, "16243", Result.DIFFERENT),
        (other, f" {VALUE} ", Result.CONFIRMED),
        (one, "16500", Result.NOT_NOW),
    )
    for officer, value, result in tries:
        try:
            type_public_value(draw_id=draw.pk, value=value, by=officer, now=LOTTERY_TIME)
        except DomainError:
            assert result not in (Result.RECORDED, Result.CORRECTED, Result.CONFIRMED)
    lines = draw.typed_values.values_list("by", "value", "result", "at")
    expected = [(by.pk, value.strip(), result, LOTTERY_TIME) for by, value, result in tries]
    assert list(lines) == expected


@pytest.mark.django_db
def test_a_stranger_records_nothing() -> None:
    draw = sealed_draw()
    with pytest.raises(NotAllowed):
        type_public_value(
            draw_id=draw.pk,
            value=VALUE,
            by=make_officer(draw.office, Role.COUNTER),
            now=LOTTERY_TIME,
        )
    assert not TypedValue.objects.exists()


def typed_line() -> TypedValue:
    draw = sealed_draw()
    officer = make_officer(draw.office, Role.SUPERVISOR)
    type_public_value(draw_id=draw.pk, value=VALUE, by=officer, now=LOTTERY_TIME)
    return TypedValue.objects.get()


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE {} SET value = '1'", "DELETE FROM {}"])
def test_a_typed_value_cannot_be_changed_or_deleted(statement: str) -> None:
    typed_line()
    with pytest.raises(Error, match="typed_value_append_only"), transaction.atomic():
        run(statement)


def test_control_without_guards_a_typed_value_can_be_changed(unguarded_database: str) -> None:
    line = typed_line()
    run("UPDATE {} SET value = '1'")
    line.refresh_from_db()
    assert line.value == "1"


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(TypedValue._meta.db_table))


@pytest.mark.parametrize("source", SOURCES.values())
def test_the_range_of_a_source_fits_its_pattern(source: Any) -> None:
    if source.is_beacon:
        assert source.is_value("0a" * 32)
        assert not source.is_value("0A" * 32)
        return
    for value in (source.minimum, source.maximum):
        assert source.is_value(str(value))
    for value in (source.minimum - 1, source.maximum + 1):
        assert not source.is_value(str(value))


def test_the_published_example_is_a_value() -> None:
    assert VALUE in str(JISDOR.text)
    assert JISDOR.is_value(VALUE)


@pytest.mark.django_db
def test_officers_read_typed_values_only_after_the_confirmation(
    client: Any, set_clock: Any
) -> None:
    set_clock(LOTTERY_TIME)
    draw = sealed_draw()
    one, other = (make_officer(draw.office, Role.SUPERVISOR) for _each in range(2))
    type_public_value(draw_id=draw.pk, value="16243", by=one, now=LOTTERY_TIME)
    type_public_value(draw_id=draw.pk, value=VALUE, by=one, now=LOTTERY_TIME)
    client.force_login(other)
    assert "16243" not in client.get("/admin/draws/").content.decode()
    client.post(f"/admin/draws/{draw.pk}/value/", {"value": VALUE})
    page = client.get("/admin/draws/").content.decode()
    assert "Semua nilai yang diketik" in page
    assert "16243" in page
