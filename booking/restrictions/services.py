"""Restrictions after missed bookings: creating, appealing, lifting and upholding them."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.bookings.models import Booking
from booking.bookings.selectors import free_move_of
from booking.files.models import StoredFile
from booking.files.services import erase_stored_files, keep_file
from booking.restrictions.errors import RestrictionOver
from booking.restrictions.messages import queue_answered_message, queue_restricted_message
from booking.restrictions.models import Excuse, Restriction, RestrictionEvent
from booking.restrictions.selectors import is_in_force, readable_restrictions
from booking.statuses import Status
from core.db import busy_on_timeout
from core.errors import InvalidInput, NotFound
from core.pictures import Picture
from offices.limits.selectors import no_show_rule_on
from offices.permissions import Right, check_right

APPEAL_LENGTH: Final = 500
REASON_LENGTH: Final = 200
Kind = RestrictionEvent.Kind


def restrict_after_no_show(*, booking: Booking, now: dt.datetime) -> Restriction | None:
    """Create a restriction if the person missed as many bookings as the rule of that day names.

    Runs in the transaction that records the no-show. Returns None if no restriction applies: desk bookings,
    bookings moved by the office without an answer, and no-shows excused by a supervisor do not count.
    """
    rule = no_show_rule_on(booking.office, booking.slot.day)
    if rule is None or booking.account_id is None or booking.via == Booking.Via.DESK:
        return None
    if free_move_of(booking) is not None or _missed(booking, rule.within_days) < rule.no_shows:
        return None
    until = booking.slot.ends_at + dt.timedelta(days=rule.restricted_days)
    if until <= now:
        return None
    restriction, is_new = Restriction.objects.get_or_create(
        booking=booking,
        defaults={
            "person_key": booking.person_key,
            "applicant_id": booking.applicant_id,
            "office_id": booking.office_id,
            "made_at": now,
            "until_at": until,
            "instrument": rule.instrument,
        },
    )
    if is_new:
        _record_event(restriction, Kind.MADE, by=None, now=now)
        queue_restricted_message(restriction, now=now)
    return restriction


def _missed(booking: Booking, days: int) -> int:
    """Count the person's no-shows up to this booking. Those who checked in and left do not count."""
    since = booking.slot.day - dt.timedelta(days=days)
    rows = Booking.objects.filter(
        person_key=booking.person_key, status=Status.NO_SHOW, slot__day__gt=since
    )
    rows = rows.exclude(history__new=Status.CHECKED_IN)
    return rows.exclude(restriction__lifted_at__isnull=False).count()


def appeal_restriction(
    *,
    restriction_id: int,
    text: str,
    reason: str = Excuse.OTHER,
    evidence: Picture | None = None,
    by: User,
    now: dt.datetime,
) -> Restriction:
    """Record an appeal: why the booking was missed, or that it was not the person's own. Only once.

    `evidence` is a checked file. Accounts that may read the restriction may appeal. Raises NotFound, InvalidInput, RestrictionOver, Busy.
    """
    appeal = " ".join(text.split())
    if not appeal or len(appeal) > APPEAL_LENGTH:
        sentence = _("Tulis alasannya, paling panjang 500 karakter.")
        raise InvalidInput(sentence, fields={"text": [sentence]})
    if reason not in Excuse.values:
        sentence = _("Pilih alasan dari daftar.")
        raise InvalidInput(sentence, fields={"reason": [sentence]})
    with busy_on_timeout(), transaction.atomic():
        restriction = _locked(restriction_id)
        if not readable_restrictions(by.pk).filter(pk=restriction.pk).exists():
            raise NotFound
        if restriction.appealed_at is not None or not is_in_force(restriction, now=now):
            raise RestrictionOver
        restriction.appeal, restriction.appealed_at = appeal, now
        restriction.appeal_reason = reason
        if evidence is not None:
            restriction.evidence = keep_file(
                picture=evidence, kind=StoredFile.Kind.EXCUSE, account_id=by.pk, now=now
            )
        restriction.save(update_fields=["appeal", "appealed_at", "appeal_reason", "evidence"])
        _record_event(restriction, Kind.APPEALED, by=by, now=now)
        return restriction


def lift_restriction(
    *, restriction_id: int, reason: str, by: User, now: dt.datetime
) -> Restriction:
    """Lift a restriction at once and notify the person.

    Raises NotFound, NotAllowed, InvalidInput, RestrictionOver, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        restriction = _answerable(restriction_id, reason, by=by, now=now)
        restriction.answer = " ".join(reason.split())
        _lift(restriction, by=by, now=now, reason=restriction.answer)
        queue_answered_message(restriction, now=now)
        return restriction


def keep_restriction(
    *, restriction_id: int, reason: str, by: User, now: dt.datetime
) -> Restriction:
    """Reject an appeal, with a reason that the person can read.

    Raises NotFound, NotAllowed, InvalidInput, RestrictionOver, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        restriction = _answerable(restriction_id, reason, by=by, now=now)
        if restriction.appealed_at is None or restriction.kept_at is not None:
            raise RestrictionOver
        restriction.kept_at, restriction.answer = now, " ".join(reason.split())
        restriction.save(update_fields=["kept_at", "answer"])
        _record_event(restriction, Kind.KEPT, by=by, now=now, reason=restriction.answer)
        queue_answered_message(restriction, now=now)
        return restriction


def lift_for_arrival(*, booking: Booking, by: User, now: dt.datetime) -> None:
    """Lift the restriction from a no-show that was recorded by mistake."""
    rows = Restriction.objects.select_for_update(no_key=True)
    restriction = rows.filter(booking=booking, lifted_at__isnull=True).first()
    if restriction is not None:
        restriction.answer = str(_("Ternyata datang"))
        _lift(restriction, by=by, now=now, reason=restriction.answer)
        queue_answered_message(restriction, now=now)


def erase_appeals(*, restriction_ids: Iterable[int], now: dt.datetime) -> None:
    """Erase the texts and files of appeals, and their answers."""
    rows = Restriction.objects.filter(pk__in=restriction_ids, appealed_at__isnull=False)
    files = rows.filter(evidence__isnull=False).values_list("evidence", flat=True)
    erase_stored_files(file_ids=list(files), now=now)
    rows.update(appeal="", appeal_reason="", answer="", erased_at=now)


def _locked(restriction_id: int) -> Restriction:
    locked = Restriction.objects.select_for_update(no_key=True).filter(pk=restriction_id)
    if not locked.values_list("pk", flat=True):
        raise NotFound
    rows = Restriction.objects.select_related("office", "applicant__account", "booking__slot")
    return rows.get(pk=restriction_id)


def _answerable(restriction_id: int, reason: str, *, by: User, now: dt.datetime) -> Restriction:
    restriction = _locked(restriction_id)
    check_right(by, Right.LIFT_RESTRICTION, office=restriction.office, now=now)
    answer = " ".join(reason.split())
    if not answer or len(answer) > REASON_LENGTH:
        sentence = _("Tulis alasannya, paling panjang 200 karakter: pemohon akan membacanya.")
        raise InvalidInput(sentence, fields={"reason": [sentence]})
    if not is_in_force(restriction, now=now):
        raise RestrictionOver
    return restriction


def _lift(restriction: Restriction, *, by: User, now: dt.datetime, reason: str) -> None:
    restriction.lifted_at, restriction.lifted_by = now, by
    restriction.save(update_fields=["lifted_at", "lifted_by", "answer"])
    _record_event(restriction, Kind.LIFTED, by=by, now=now, reason=reason)


def _record_event(restriction: Restriction, kind: Kind, *, now: dt.datetime, **values: Any) -> None:
    RestrictionEvent.objects.create(restriction=restriction, kind=kind, at=now, **values)
