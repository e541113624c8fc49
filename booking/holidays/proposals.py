"""Deciding about differences between the library's holidays and ours. Accepting is announcing or withdrawing."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from accounts.models import User
from booking.holidays.services import (
    HolidayData,
    announce_holiday,
    preview_holiday,
    withdraw_holiday,
)
from core.errors import MoveNotAllowed, NotFound
from offices.hours.models import Holiday, HolidayProposal
from offices.hours.selectors import open_proposals
from offices.permissions import Right, check_national_right

RIGHT: Final = Right.ANNOUNCE_NATIONAL_HOLIDAY


@dataclass(frozen=True)
class ProposalPreview:
    """A proposal, and the people who have booked its day in all offices."""

    proposal: HolidayProposal
    people: int
    waiting: int


def preview_proposals(*, by: User, now: dt.datetime, today: dt.date) -> list[ProposalPreview]:
    """Return the open proposals with the people affected. Writes nothing. Raises NotAllowed."""
    check_national_right(by, RIGHT, now=now)
    return [_preview(row, by=by, now=now) for row in open_proposals(today=today)]


def _preview(row: HolidayProposal, *, by: User, now: dt.datetime) -> ProposalPreview:
    if row.action != HolidayProposal.Action.ADD:
        return ProposalPreview(row, 0, 0)
    previews = preview_holiday(data=_data(row, ""), by=by, now=now)
    return ProposalPreview(
        row,
        sum(preview.people for _office, preview in previews),
        sum(len(preview.waiting) for _office, preview in previews),
    )


def _data(row: HolidayProposal, instrument: str) -> HolidayData:
    return HolidayData(
        day=row.day, name=row.name, name_en=row.name_en, kind=row.kind, instrument=instrument
    )


@transaction.atomic
def decide_proposal(
    *, proposal_id: int, is_accepted: bool, instrument: str, by: User, now: dt.datetime
) -> HolidayProposal:
    """Accept or decline a proposal. An accepted day is announced or withdrawn as any other holiday.

    Raises NotAllowed, NotFound, MoveNotAllowed if somebody decided it, InvalidInput, Busy.
    """
    check_national_right(by, RIGHT, now=now)
    rows = HolidayProposal.objects.select_for_update(no_key=True)
    row = rows.filter(pk=proposal_id).first()
    if row is None:
        raise NotFound
    if row.is_accepted is not None or row.gone_at is not None:
        raise MoveNotAllowed
    if is_accepted:
        _apply(row, instrument, by=by, now=now)
    row.is_accepted, row.decided_by, row.decided_at = is_accepted, by, now
    row.save(update_fields=["is_accepted", "decided_by", "decided_at"])
    return row


def _apply(row: HolidayProposal, instrument: str, *, by: User, now: dt.datetime) -> None:
    if row.action == HolidayProposal.Action.ADD:
        announce_holiday(data=_data(row, instrument), by=by, now=now)
        return
    holiday = Holiday.objects.filter(office=None, day=row.day).first()
    if holiday is None:
        raise NotFound
    if row.action == HolidayProposal.Action.REMOVE:
        withdraw_holiday(holiday_id=holiday.pk, by=by, now=now)
        return
    holiday.name, holiday.name_en, holiday.kind = row.name, row.name_en, row.kind
    holiday.save(update_fields=["name", "name_en", "kind"])
