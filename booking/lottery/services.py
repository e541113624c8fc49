"""A lottery before it is held: the seed's seal, entries, the list's seal, the public value."""

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.bookings.checks import party_mistakes, refuse_booked, refuse_held, refuse_restricted
from booking.bookings.errors import ServiceNotOffered
from booking.bookings.models import Booking
from booking.lottery import proof as pure
from booking.lottery.errors import (
    AlreadyEntered,
    DrawClosed,
    DrawNotReady,
    FalseSignature,
    NeedsAnother,
    OtherRound,
    ValuesDiffer,
)
from booking.lottery.messages import ask_for_value, queue_entered_message, queue_void_message
from booking.lottery.models import Draw, DrawEntry, DrawLoss, DrawMember, TypedValue
from booking.lottery.selectors import as_entry, draw_of, head_of, listed_entries, slots_of_draw
from booking.lottery.sources import BEACON_DELAY, SOURCES
from booking.people.errors import NotOnList, WrongIdentityKind
from booking.people.guardians import refuse_without_guardian
from booking.people.models import Applicant
from booking.people.selectors import fits
from booking.statuses import Status
from core import beacon
from core.crypto import seal
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import Busy, InvalidInput, NotFound
from offices.directory.models import ServiceType
from offices.permissions import Right, check_right
from quotas.places.lottery import lock_window, record_lottery, release_undrawn
from quotas.places.models import ReleaseWindow
from quotas.policies.models import ReleaseRule

CHOICES_LIMIT: Final = 10
VALUE_LENGTH: Final = 96
Result = TypedValue.Result
ONE_ENTRY: Final = {"draw_member_once_a_draw": AlreadyEntered}


def prepare_draws(*, now: dt.datetime) -> int:
    """Create and seal a lottery for every lottery window without one; return how many. Safe to repeat.

    A window that opened before anyone could enter becomes first come, first served.
    """
    windows = ReleaseWindow.objects.filter(
        mode=ReleaseRule.Mode.DRAW, draw__isnull=True, closes_at__gt=now
    ).select_related("rule")
    made = 0
    for window in windows:
        if window.opens_at <= now:
            release_undrawn(window_id=window.pk)
            continue
        draw = _sealed(window, now)
        made += len(Draw.objects.bulk_create([draw], ignore_conflicts=True))
    return made


def _sealed(window: ReleaseWindow, now: dt.datetime) -> Draw:
    """Return an unsaved lottery with a fresh seed. A beacon's round is named here, before its value exists."""
    seed = secrets.token_hex(32)
    source = SOURCES[window.rule.lottery_source]
    number = beacon.round_after(window.opens_at + BEACON_DELAY) if source.is_beacon else None
    text = str(source.text) % {"round": number} if source.is_beacon else str(source.text)
    return Draw(
        window=window,
        office_id=window.office_id,
        seed=seed,
        seed_hash=seal(seed),
        source=source.code,
        public_source=text,
        beacon_round=number,
        prepared_at=now,
    )


def enter_draw(
    *,
    account_id: int,
    window_id: int,
    applicant_ids: Sequence[int],
    service_type: str,
    choices: Sequence[int],
    takes_any: bool,
    now: dt.datetime,
) -> DrawEntry:
    """Enter up to five people of an account: they get places together, in one slot, or not at all.

    `choices` are slots in order of preference. The same people entering again change their entry.
    Raises NotFound, InvalidInput with its fields, DrawClosed, AlreadyEntered,
    AlreadyBooked, Restricted, NotBookable, Busy.
    """
    _check_shape(applicant_ids, choices, takes_any=takes_any)
    draw = draw_of(window_id)
    try:
        return _enter(
            draw,
            account_id,
            applicant_ids,
            service_type=service_type,
            choices=choices,
            takes_any=takes_any,
            now=now,
        )
    except AlreadyEntered:
        _refuse_entered(draw, account_id, applicant_ids)
        raise Busy from None  # the other entry has been withdrawn since


def _refuse_entered(draw: Draw, account_id: int, applicant_ids: Sequence[int]) -> None:
    """Raise the error that the account may read, if one of these people is in the lottery."""
    people = Applicant.objects.filter(account_id=account_id, pk__in=list(applicant_ids))
    rows = DrawMember.objects.filter(
        draw=draw, person_key__in=people.values("person_key"), left_at__isnull=True
    )
    held = rows.values_list("person_key", "entry__account_id")
    refuse_held(held, account_id=account_id, own=AlreadyEntered)


def _enter(
    draw: Draw,
    account_id: int,
    applicant_ids: Sequence[int],
    *,
    service_type: str,
    choices: Sequence[int],
    takes_any: bool,
    now: dt.datetime,
) -> DrawEntry:
    """Write the entry. Raises AlreadyEntered if one of the people is in the lottery, in any account."""
    with busy_on_timeout(), constraints_as_errors(ONE_ENTRY), transaction.atomic():
        _lock_open(draw.pk, now)
        service = draw.office.service_types.filter(code=service_type).first()
        people = _people(account_id, applicant_ids, service, now)
        assert service is not None
        _check_choices(draw.window, service, choices)
        values = {"service_type": service, "choices": list(choices), "takes_any": takes_any}
        entry = _same_people(draw, account_id, applicant_ids)
        if entry is not None:
            for name, value in values.items():
                setattr(entry, name, value)
            entry.save(update_fields=list(values))
            return entry
        entry = DrawEntry.objects.create(
            draw=draw, account_id=account_id, size=len(people), entered_at=now, **values
        )
        DrawMember.objects.bulk_create(
            DrawMember(entry=entry, draw=draw, applicant=one, person_key=one.person_key)
            for one in sorted(people, key=lambda person: person.person_key)
        )
        queue_entered_message(entry, now=now)
        return entry


def withdraw_entry(*, account_id: int, code: str, now: dt.datetime) -> DrawEntry:
    """Withdraw from a lottery. After the list is closed the entry stays in it and is passed over.

    A win that is given up is passed on at once. Raises NotFound, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        listed = DrawEntry.objects.filter(account_id=account_id, code=code).first()
        if listed is None:
            raise NotFound
        _lock(listed.draw_id)
        entry = DrawEntry.objects.select_for_update(no_key=True).get(pk=listed.pk)
        if entry.outcome == DrawEntry.Outcome.WON:
            entry.claim_until = min(now, entry.claim_until or now)
            entry.save(update_fields=["claim_until"])
            held = Booking.objects.filter(party=entry.party, status=Status.HELD)
            held.filter(expires_at__gt=now).update(expires_at=now)
        elif entry.withdrawn_at is None and entry.outcome != DrawEntry.Outcome.CLAIMED:
            entry.withdrawn_at = now
            entry.save(update_fields=["withdrawn_at"])
            entry.members.update(left_at=now)
        return entry


def withdraw_entries_of_others(
    *, person_key: str, but_not: int, now: dt.datetime
) -> list[DrawEntry]:
    """Withdraw the entries of all other accounts with this number from lotteries not yet held.

    Its owner has proved the number. Notifies those accounts and returns the entries. Raises Busy.
    """
    entries = DrawEntry.objects.filter(
        members__person_key=person_key,
        members__left_at__isnull=True,
        withdrawn_at__isnull=True,
        draw__in=Draw.objects.filter(drawn_at__isnull=True),
    )
    rows = list(entries.exclude(account_id=but_not).order_by("draw_id", "pk"))
    withdrawn = []
    for row in rows:
        entry = withdraw_entry(account_id=row.account_id, code=row.code, now=now)
        queue_void_message(entry, now=now)
        withdrawn.append(entry)
    return withdrawn


def close_entries(*, draw_id: int, now: dt.datetime) -> Draw:
    """Fix every weight, seal the list and publish its digest. Closing twice changes nothing.

    A list without entries needs no lottery: its places are open to first come at once.
    Raises NotFound, DrawNotReady before the deadline, Busy.
    """
    window_ids = Draw.objects.filter(pk=draw_id).values_list("window_id", flat=True)
    with busy_on_timeout(), transaction.atomic():
        window = lock_window(window_id=window_ids.first() or 0)
        draw = _lock(draw_id)
        if draw.closed_at is not None:
            return draw
        if now < draw.window.opens_at:
            raise DrawNotReady
        entries = list(listed_entries(draw))
        _fix_weights(draw, entries)
        draw.closed_at = now
        draw.list_digest = pure.list_digest(head_of(draw), map(as_entry, entries))
        draw.save(update_fields=["closed_at", "list_digest"])
        if not entries:
            release_undrawn(window_id=window.pk)
            record_lottery(window=window, now=now)
        elif not SOURCES[draw.source].is_beacon:
            # A task fetches a round of the beacon; supervisors are reminded if it does not arrive.
            ask_for_value(draw, now=now)
        return draw


def type_public_value(*, draw_id: int, value: str, by: User, now: dt.datetime) -> Draw:
    """Type the public value, or confirm a colleague's value by typing it again.

    Only after the list is sealed, and only in the one form of the lottery's source. The officer who
    typed it may correct it until it is confirmed. Every typed value is recorded, also a refused one.
    Raises NotFound, NotAllowed, InvalidInput, DrawNotReady, ValuesDiffer, NeedsAnother, Busy.
    """
    typed = value.strip()
    with busy_on_timeout(), transaction.atomic():
        draw = _lock(draw_id)
        check_right(by, Right.RECORD_PUBLIC_VALUE, office=draw.office, now=now)
        result = _result_of(draw, typed, by)
        _record_typed(draw, typed, result, by=by, now=now)
        if result in (Result.RECORDED, Result.CORRECTED):
            draw.public_value, draw.typed_by, draw.typed_at = typed, by, now
            draw.save(update_fields=["public_value", "typed_by", "typed_at"])
        elif result == Result.CONFIRMED:
            draw.confirmed_by, draw.confirmed_at = by, now
            draw.save(update_fields=["confirmed_by", "confirmed_at"])
    # After the transaction: the record of a refused value stays.
    _raise_refusal(draw, result)
    return draw


def record_beacon_round(*, draw_id: int, text: str, by: User | None, now: dt.datetime) -> Draw:
    """Record the named round of the beacon after checking its signature; without an officer for the task.

    `text` is the round as published, or its signature. The signature proves the value, so nobody has
    to confirm it. Every text of an officer is recorded, also a refused one. Raises NotFound, NotAllowed,
    InvalidInput, DrawNotReady, OtherRound, FalseSignature, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        draw = _lock(draw_id)
        if by is not None:
            check_right(by, Right.RECORD_PUBLIC_VALUE, office=draw.office, now=now)
        result, signature, value = _checked_round(draw, text)
        if by is not None:
            _record_typed(draw, signature or text.strip(), result, by=by, now=now)
        if result == Result.RECORDED:
            draw.public_value, draw.beacon_signature = value, signature
            draw.typed_by, draw.typed_at, draw.confirmed_at = by, now, now
            draw.save(
                update_fields=[
                    "public_value",
                    "beacon_signature",
                    "typed_by",
                    "typed_at",
                    "confirmed_at",
                ]
            )
    # After the transaction: the record of a refused value stays.
    _raise_refusal(draw, result)
    return draw


def _checked_round(draw: Draw, text: str) -> tuple[TypedValue.Result, str, str]:
    """Return the result of checking a round, its signature and its value; empty where there is none."""
    if not SOURCES[draw.source].is_beacon or draw.beacon_round is None or not _awaits_value(draw):
        return Result.NOT_NOW, "", ""
    try:
        given = beacon.parse_round(text)
    except beacon.MalformedRound:
        return Result.MALFORMED, "", ""
    if given.number not in (None, draw.beacon_round):
        return Result.OTHER_ROUND, given.signature, ""
    try:
        value = beacon.randomness_of(draw.beacon_round, given.signature)
    except beacon.InvalidSignature:
        return Result.FALSE_SIGNATURE, given.signature, ""
    return Result.RECORDED, given.signature, value


def _awaits_value(draw: Draw) -> bool:
    """True if the list is sealed with entries and the public value is not final."""
    has_nobody = draw.window.drawn_at is not None
    return draw.closed_at is not None and draw.confirmed_at is None and not has_nobody


def _record_typed(
    draw: Draw, typed: str, result: TypedValue.Result, *, by: User, now: dt.datetime
) -> None:
    """Record what an officer typed, also if it was refused."""
    text = "".join(character for character in typed if character.isprintable())
    if text:
        line = TypedValue(draw=draw, value=text[:VALUE_LENGTH], result=result, by=by, at=now)
        line.save(force_insert=True)


def _result_of(draw: Draw, typed: str, by: User) -> TypedValue.Result:
    if not _awaits_value(draw) or SOURCES[draw.source].is_beacon:
        return Result.NOT_NOW
    if not SOURCES[draw.source].is_value(typed):
        return Result.MALFORMED
    if draw.typed_by_id is None:
        return Result.RECORDED
    is_same = typed == draw.public_value
    if draw.typed_by_id == by.pk:
        return Result.SAME_OFFICER if is_same else Result.CORRECTED
    return Result.CONFIRMED if is_same else Result.DIFFERENT


def _raise_refusal(draw: Draw, result: TypedValue.Result) -> None:
    """Raise the error of a value that was not accepted."""
    if result == Result.NOT_NOW:
        raise DrawNotReady
    if result == Result.MALFORMED:
        raise InvalidInput(fields={"value": [SOURCES[draw.source].mistake]})
    if result == Result.OTHER_ROUND:
        raise OtherRound(number=draw.beacon_round)
    if result == Result.FALSE_SIGNATURE:
        raise FalseSignature
    if result == Result.SAME_OFFICER:
        raise NeedsAnother
    if result == Result.DIFFERENT:
        raise ValuesDiffer


def _check_shape(applicant_ids: Sequence[int], choices: Sequence[int], *, takes_any: bool) -> None:
    too_many = _("Satu keluarga di undian paling banyak 5 orang. Kurangi pilihan Anda.")
    mistakes = party_mistakes(applicant_ids, too_many=too_many)
    if not choices and not takes_any:
        mistakes["choices"] = [_("Pilih setidaknya satu jam, atau jam mana saja.")]
    elif len(choices) > CHOICES_LIMIT or len(set(choices)) < len(choices):
        mistakes["choices"] = [_("Pilih paling banyak 10 jam, masing-masing satu kali.")]
    if mistakes:
        raise InvalidInput(fields=mistakes)


def _lock(draw_id: int) -> Draw:
    """Lock the lottery, so that entering and closing the list are serialised."""
    if not Draw.objects.select_for_update(no_key=True).filter(pk=draw_id).values_list("pk"):
        raise NotFound
    return Draw.objects.select_related("window", "office").get(pk=draw_id)


def _lock_open(draw_id: int, now: dt.datetime) -> Draw:
    draw = _lock(draw_id)
    if draw.closed_at is not None or now >= draw.window.opens_at:
        raise DrawClosed
    if draw.office.booking_stopped_reason:
        raise DrawClosed(draw.office.booking_stopped_reason)
    return draw


def _people(
    account_id: int, applicant_ids: Sequence[int], service: ServiceType | None, now: dt.datetime
) -> list[Applicant]:
    if service is None:
        raise ServiceNotOffered
    rows = Applicant.objects.select_for_update(no_key=True).filter(
        account_id=account_id, pk__in=list(applicant_ids), removed_at__isnull=True
    )
    people = list(rows.order_by("pk"))
    if len(people) < len(applicant_ids):
        raise NotOnList
    if not all(fits(person, service) for person in people):
        raise WrongIdentityKind
    keys = [person.person_key for person in people]
    refuse_booked(keys, account_id=account_id)
    refuse_restricted(people=people, account_id=account_id, now=now)
    refuse_without_guardian(people=people, now=now)
    return people


def _check_choices(window: ReleaseWindow, service: ServiceType, choices: Sequence[int]) -> None:
    known = {slot.pk for slot in slots_of_draw(window) if slot.group_id == service.group_id}
    if not known:
        text = _now("Undian ini bukan untuk layanan Anda. Lihat kalender layanan Anda.")
        raise InvalidInput(fields={"service_type": [text]})
    if not set(choices) <= known:
        text = _now("Salah satu jam tidak termasuk dalam undian ini. Pilih jam dari daftar.")
        raise InvalidInput(fields={"choices": [text]})


def _same_people(draw: Draw, account_id: int, applicant_ids: Sequence[int]) -> DrawEntry | None:
    rows = DrawEntry.objects.filter(draw=draw, account_id=account_id, withdrawn_at__isnull=True)
    for entry in rows.prefetch_related("members"):
        if {member.applicant_id for member in entry.members.all()} == set(applicant_ids):
            return entry
    return None


def _fix_weights(draw: Draw, entries: Sequence[DrawEntry]) -> None:
    """Give each entry the lowest weight of its members."""
    members: dict[int, list[str]] = defaultdict(list)
    rows = DrawMember.objects.filter(draw=draw, left_at__isnull=True)
    for entry_id, key in rows.values_list("entry_id", "person_key"):
        members[entry_id].append(key)
    losses = _losses(draw, (key for keys in members.values() for key in keys))
    for entry in entries:
        entry.weight = pure.party_weight([losses.get(key, 0) for key in members[entry.pk]])
    heavier = [entry for entry in entries if entry.weight > 1]
    DrawEntry.objects.bulk_update(heavier, ["weight"], batch_size=500)


def _losses(draw: Draw, keys: Iterable[str]) -> dict[str, int]:
    rows = DrawLoss.objects.filter(office_id=draw.office_id, person_key__in=list(keys))
    return dict(rows.values_list("person_key", "losses"))
