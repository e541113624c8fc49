"""Recording findings, answering them, and deciding about the answers."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import InvalidInput, NotFound
from offices.directory.models import Office
from offices.inspections.errors import WrongStep
from offices.inspections.models import LONGEST_TEXT, Finding, FindingStep
from offices.inspections.selectors import OPEN, state_after
from offices.permissions import Right, check_right

LONGEST_DEADLINE: Final = timedelta(days=366)
# The state in which each step is possible, and the right that it needs.
STEPS: Final = {
    FindingStep.Kind.ANSWERED: (OPEN, Right.ANSWER_FINDING),
    FindingStep.Kind.RETURNED: (FindingStep.Kind.ANSWERED, Right.RECORD_FINDING),
    FindingStep.Kind.CLOSED: (FindingStep.Kind.ANSWERED, Right.RECORD_FINDING),
}


def record_finding(
    *, office_id: int, inspected_on: date, text: str, due_on: date, by: User, now: datetime
) -> Finding:
    """Record what an inspection found. Raises NotFound, NotAllowed, InvalidInput."""
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.RECORD_FINDING, office=office, now=now)
    today = office.local_day(now)
    mistakes: dict[str, list[Any]] = {}
    if inspected_on > today:
        mistakes["inspected_on"] = [_("Tanggal pemeriksaan tidak boleh sesudah hari ini.")]
    if not today <= due_on <= today + LONGEST_DEADLINE:
        mistakes["due_on"] = [_("Pilih hari dari hari ini sampai satu tahun ke depan.")]
    if not text.strip() or len(text) > LONGEST_TEXT:
        mistakes["text"] = [_("Tulis temuannya, paling panjang 1.000 karakter.")]
    if mistakes:
        raise InvalidInput(fields=mistakes)
    return Finding.objects.create(
        office=office,
        inspected_on=inspected_on,
        text=text.strip(),
        due_on=due_on,
        by=by,
        at=now,
    )


@transaction.atomic
def add_step(*, finding_id: int, kind: str, text: str, by: User, now: datetime) -> FindingStep:
    """Answer a finding, return the answer, or close the finding. Each step needs the state before it.

    Raises NotFound, NotAllowed, InvalidInput, WrongStep.
    """
    finding = Finding.objects.select_for_update(no_key=True).filter(pk=finding_id).first()
    if finding is None or kind not in STEPS:
        raise NotFound
    state, right = STEPS[FindingStep.Kind(kind)]
    check_right(by, right, office=finding.office, now=now)
    last = finding.steps.order_by("-pk").first()
    if state_after(last.kind if last else None) != state:
        raise WrongStep
    if not text.strip() or len(text) > LONGEST_TEXT:
        message = _("Tulis keterangannya, paling panjang 1.000 karakter.")
        raise InvalidInput(message, fields={"text": [message]})
    return FindingStep.objects.create(finding=finding, kind=kind, text=text.strip(), by=by, at=now)
