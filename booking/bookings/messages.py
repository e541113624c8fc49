"""Messages about bookings, and when reminders are due."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from accounts.services import REMINDERS_LINK, may_remind
from booking.applications.documents import document_text, documents_of, number_proof_of
from booking.applications.models import PassportApplication
from booking.applications.selectors import applications_for
from booking.bookings.models import Booking, BookingEvent, Displacement
from booking.bookings.selectors import MOVE_LINK, changes_left
from booking.reminders.selectors import wording_for
from booking.statuses import LIVE, Status
from core.calendar_files import Entry, calendar_files
from core.formats import hour, hour_zone
from core.languages import localized, reader_language
from notices import links
from notices.kinds import KINDS, Action, Context, Group, MessageKind, Row, page_url, register
from notices.services import queue_message
from offices.directory.models import Office
from offices.promises import EARLY_ARRIVAL
from quotas.places.labels import slot_snapshot, slot_text
from quotas.places.models import Slot

OVER: Final = (Status.CANCELLED, Status.DISPLACED)


BOOKING: Final = frozenset(
    {"office", "slot", "service", "documents", "bookings", "is_changeable", "written_at"}
)
CLOSED: Final = BOOKING | {"was", "reason", "cause", "answer_url"}

REMINDS_AT: Final = dt.time(9)
# No reminders at night: outside these hours a late reminder waits for the morning.
CIVIL_FROM: Final = dt.time(7)
CIVIL_UNTIL: Final = dt.time(20)
LOOK_AHEAD: Final = dt.timedelta(days=2)
# By applicant id, each for the service of the booking.
Applications = Mapping[int, PassportApplication | None]


# --- Message contexts ------------------------------------------------------------------------------
def queue_confirmed_message(
    bookings: Sequence[Booking], *, now: dt.datetime, applications: Applications | None = None
) -> None:
    """Queue one confirmation for all bookings of a request; `applications` if the caller has read them."""
    key = f"booking_confirmed:{bookings[0].party_id}"
    _queue("booking_confirmed", bookings, dedupe_key=key, now=now, applications=applications)


def queue_changed_message(bookings: Sequence[Booking], *, by: User, now: dt.datetime) -> None:
    """Queue one message with the new time of bookings that `by` rescheduled together."""
    by_office = by.pk != bookings[0].account_id
    queue_all_changed_messages(bookings, by_office=by_office, now=now)


def queue_all_changed_messages(
    bookings: Sequence[Booking], *, by_office: bool = False, now: dt.datetime
) -> None:
    """Queue one message with the new time of bookings that were rescheduled together."""
    first = bookings[0]
    key = f"booking_changed:{first.pk}:{first.changes_used}:{first.place_id}"
    others = _others(bookings)
    _queue("booking_changed", bookings, dedupe_key=key, by_office=by_office, others=others, now=now)


def queue_moved_message(
    bookings: Sequence[Booking], *, displacement: Displacement, was: Slot, now: dt.datetime
) -> None:
    """Queue the message with the time the office proposes, and one link to answer."""
    key = f"booking_moved:{displacement.pk}"
    _queue("booking_moved", bookings, dedupe_key=key, now=now, closed=(displacement, was))


def queue_displaced_message(
    bookings: Sequence[Booking], *, displacement: Displacement, was: Slot, now: dt.datetime
) -> None:
    """Queue the message that the office took the place and that the party has priority for the next ones."""
    key = f"booking_displaced:{displacement.pk}"
    _queue("booking_displaced", bookings, dedupe_key=key, now=now, closed=(displacement, was))


def queue_evening_message(booking: Booking, *, was: Slot, now: dt.datetime) -> None:
    """Queue the message that a person who still waits has a place this evening."""
    key = f"booking_evening:{booking.pk}:{booking.slot_id}"
    account = booking.applicant.account
    if account is not None:
        _queue(
            "booking_evening",
            [booking],
            dedupe_key=key,
            now=now,
            was=slot_snapshot(was, was.office),
        )


def queue_left_message(booking: Booking, *, why: str, now: dt.datetime) -> None:
    """Queue the message that a visit ended before it was served (`why`: left, refused, overdue)."""
    key = f"booking_left:{booking.pk}:{booking.slot_id}:{why}"
    _queue("booking_left", [booking], dedupe_key=key, by_office=True, now=now, why=why)


def queue_cancelled_message(bookings: Sequence[Booking], *, by: User, now: dt.datetime) -> None:
    """Queue one message that bookings were cancelled together, and how to book again."""
    key = f"booking_cancelled:{bookings[0].pk}"
    by_office = by.pk != bookings[0].account_id
    others = _others(bookings)
    _queue(
        "booking_cancelled", bookings, dedupe_key=key, by_office=by_office, others=others, now=now
    )


def _others(bookings: Sequence[Booking]) -> list[str]:
    """Return the short names of the rest of the family, whose bookings do not change."""
    party = bookings[0].party
    if not party.code:
        return []
    rows = Booking.objects.filter(party=party, status__in=LIVE).select_related("applicant")
    rows = rows.exclude(pk__in=[booking.pk for booking in bookings]).order_by("place_id", "pk")
    return [row.applicant.short_name for row in rows]


def queue_reminder_message(bookings: Sequence[Booking], *, wording: str, now: dt.datetime) -> None:
    """Queue one reminder of tomorrow's bookings of a party: once for each slot they have had.

    `wording` is the sentence of its variant, "" for that of the template.
    """
    first = bookings[0]
    key = f"booking_reminder:{first.pk}:{first.slot_id}"
    stop = links.reference(REMINDERS_LINK, first.account_id)
    _queue("booking_reminder", bookings, dedupe_key=key, now=now, stop_url=stop, wording=wording)


def _queue(
    kind: str,
    bookings: Sequence[Booking],
    *,
    dedupe_key: str,
    now: dt.datetime,
    closed: tuple[Displacement, Slot] | None = None,
    by_office: bool = False,
    applications: Applications | None = None,
    others: Sequence[str] = (),
    **more: Any,
) -> None:
    first = bookings[0]
    account = first.applicant.account
    if account is None:
        return  # made at the desk, where the officer gives a printed ticket
    language = account.language
    context = booking_context(
        bookings,
        language=language,
        others=others,
        now=now,
        # A message without documents and calendar entry reads no application.
        applications=applications if KINDS[kind].calendar else {},
    )
    context |= more
    if closed is not None:
        context |= _closed_context(*closed, language=language)
    queue_message(
        kind=kind,
        dedupe_key=dedupe_key,
        address=account.email,
        language=language,
        context=context,
        about_type="booking",
        about_id=first.pk,
        office_code=first.office.code,
        by_office=by_office,
        now=now,
    )


def booking_context(
    bookings: Sequence[Booking],
    *,
    language: str,
    others: Sequence[str] = (),
    now: dt.datetime,
    applications: Applications | None = None,
) -> dict[str, Any]:
    """Return a snapshot of bookings with the same office and start, for a message.

    `others` are the people of the family whose bookings do not change.
    """
    first = bookings[0]
    versions = _versions(bookings)
    services = list(
        {booking.service_type_id: booking.service_type for booking in bookings}.values()
    )
    return {
        "office": first.office.snapshot(),
        "slot": slot_snapshot(first.slot, first.office),
        "service": ", ".join(localized(service, language=language) for service in services),
        "documents": _documents(bookings, applications, language),
        "bookings": [
            {
                "id": booking.pk,
                "code": booking.code,
                "name": booking.applicant.short_name,
                "version": versions.get(booking.pk, 0),
                "service": localized(booking.service_type, language=language),
                "party": booking.party.code,
                "others": list(others),
            }
            for booking in bookings
        ],
        "is_changeable": all(changes_left(booking) > 0 for booking in bookings),
        "written_at": now,
    }


def _closed_context(displacement: Displacement, was: Slot, *, language: str) -> dict[str, Any]:
    return {
        "was": slot_snapshot(was, was.office),
        "reason": displacement.reason_in(language),
        "cause": displacement.cause,
        "answer_url": links.reference(MOVE_LINK, displacement.pk),
    }


def _documents(
    bookings: Sequence[Booking], applications: Applications | None, language: str
) -> list[dict[str, Any]]:
    """Return the documents of all people; a document that not all need names those who do."""
    if applications is None:
        applications = applications_for(
            {booking.applicant_id: booking.service_type_id for booking in bookings}
        )
    rows: dict[str, list[str]] = {}
    for booking in bookings:
        person = booking.applicant
        application = applications.get(person.pk)
        for document in documents_of(person, booking.service_type, application, booking.slot.day):
            text = document_text(document, language)
            rows.setdefault(text, []).append(person.short_name)
        with override(language):
            proof = number_proof_of(person)
        if proof:
            rows.setdefault(" ".join(proof), []).append(person.short_name)
    return [
        # `is_required` is part of the stored form: the text already says what is optional.
        {"name": text if len(names) == len(bookings) else f"{text}: {', '.join(names)}"}
        | {"is_required": True}
        for text, names in rows.items()
    ]


def _versions(bookings: Sequence[Booking]) -> dict[Any, int]:
    """Return each calendar entry's version: the number of history lines after the first.

    Calendar programs keep the entry with the highest version.
    """
    changed = [
        row.pk
        for row in bookings
        if row.status != Status.BOOKED or row.via != Booking.Via.FIRST_COME
    ]
    if not changed:
        return {}
    lines = BookingEvent.objects.filter(booking__in=changed).values_list("booking")
    return {pk: count - 1 for pk, count in lines.annotate(Count("pk")).order_by()}


def _rows(context: Context, *, has_slot: bool = True) -> list[Row]:
    rows = [
        (_("Kantor"), context["office"]["name"]),
        (_("Alamat"), context["office"]["address"]),
        *([(_("Waktu"), slot_text(context["slot"]))] if has_slot else []),
        (_("Layanan"), context["service"]),
    ]
    first, *others = context["bookings"]
    if others:
        if party := first.get("party"):  # rows written before families had a code have none
            rows.append((_("Kode rombongan"), party))
        return [*rows, *((row["name"], _code_and_service(row)) for row in (first, *others))]
    return [*rows, (_("Pemohon"), first["name"]), (_("Kode booking"), first["code"])]


def _code_and_service(row: Mapping[str, Any]) -> str:
    service = row.get("service")
    return f"{row['code']}, {service}" if service else str(row["code"])


def _bring(context: Context) -> list[str]:
    return [
        row["name"] if row["is_required"] else _("%(name)s (bila ada)") % {"name": row["name"]}
        for row in context["documents"]
    ]


def _open_ticket(context: Context) -> Action:
    first, *others = context["bookings"]
    if others and first.get("party"):
        return _("Buka tiket rombongan"), page_url("booking:party", first["party"])
    if others:
        return _("Buka tiket Anda"), page_url("booking:bookings")
    return _("Buka tiket, ubah, atau batalkan"), page_url("booking:ticket", first["code"])


def _book_again(context: Context) -> Action:
    return _("Pilih jadwal baru"), page_url("booking:office", context["office"]["code"])


def _answer(context: Context) -> Action:
    return _("Terima atau pilih jadwal lain"), context["answer_url"]


def _choose_yourself(context: Context) -> Action:
    return _("Pilih jadwal baru"), context["answer_url"]


def calendar_text(bookings: Sequence[Booking], *, now: dt.datetime) -> str:
    """Return bookings as an .ics file. It contains code and office, never the person's name."""
    context = booking_context(bookings, language=reader_language(), now=now)
    return _calendar(context, is_over=bookings[0].status in OVER)


def _calendar(context: Context, *, is_over: bool = False) -> str:
    """Return the bookings of a message as calendar files; `address` is whom the message goes to."""
    return calendar_files(
        [_entry(booking, context) for booking in context["bookings"]],
        sender=settings.DEFAULT_FROM_EMAIL,
        attendee=context.get("address", ""),
        is_over=is_over,
        written_at=context["written_at"],
    )


def _entry(booking: Mapping[str, Any], context: Context) -> Entry:
    office, slot = context["office"], context["slot"]
    ticket = page_url("booking:ticket", booking["code"])
    lines = [
        _("Kode booking %(code)s") % {"code": booking["code"]},
        _("Datang antara %(first)s dan %(last)s")
        % {
            "first": hour(slot["starts_at"] - EARLY_ARRIVAL, office["time_zone"]),
            "last": hour_zone(slot["ends_at"], office["time_zone"]),
        },
        "",
        _("Bawa:"),
        *(f"- {thing}" for thing in _bring(context)),
        "",
        ticket,
    ]
    return Entry(
        uid=f"{booking['id']}@antrean-paspor",
        sequence=booking["version"],
        starts_at=slot["starts_at"],
        ends_at=slot["ends_at"],
        summary=_("Paspor: %(office)s") % {"office": office["name"]},
        location=f"{office['name']}, {office['address']}",
        description="\n".join(lines),
        url=ticket,
    )


_coming = partial(
    MessageKind, rows=_rows, bring=_bring, action=_open_ticket, calendar=_calendar, keys=BOOKING
)
_over = partial(MessageKind, calendar=partial(_calendar, is_over=True))

register(
    _coming(name="booking_confirmed"),
    _coming(name="booking_changed"),
    _coming(
        name="booking_reminder",
        keys=BOOKING | {"stop_url"},
        optional=frozenset({"wording"}),
        group=Group.OPTIONAL,
        unsubscribe="stop_url",
    ),
    _coming(name="booking_moved", keys=CLOSED, action=_answer, group=Group.OFFICE),
    _coming(name="booking_evening", keys=BOOKING | {"was"}, group=Group.OFFICE),
    MessageKind(
        name="booking_left",
        keys=BOOKING | {"why"},
        rows=_rows,
        action=_book_again,
        group=Group.OFFICE,
    ),
    _over(name="booking_cancelled", keys=BOOKING, rows=_rows, action=_book_again),
    _over(
        name="booking_displaced",
        keys=CLOSED,
        rows=partial(_rows, has_slot=False),
        action=_choose_yourself,
        group=Group.OFFICE,
    ),
)


def queue_reminders(*, now: dt.datetime) -> int:
    """Queue one reminder for each party of tomorrow; return for how many bookings. Safe to run repeatedly.

    Due at 09:00 office time on the day before. Bookings made after that have a recent confirmation
    and get none. Only for accounts that agreed, with a verified address.
    """
    agreed: dict[int, bool] = {}
    together: dict[tuple[int, dt.datetime], list[UUID]] = defaultdict(list)
    for booking in _candidates(now):
        account_id = booking.account_id
        if account_id is None or not is_due(booking, now=now):
            continue
        if account_id not in agreed:
            agreed[account_id] = may_remind(account_id)
        if agreed[account_id]:
            together[booking.party_id, booking.slot.starts_at].append(booking.pk)
    return sum(_remind(ids, now=now) for ids in together.values())


def is_due(booking: Booking, *, now: dt.datetime) -> bool:
    """True if a booking's reminder is due now."""
    office = booking.office
    due = due_at(office, booking.slot.day)
    local = now.astimezone(office.zone)
    is_civil = CIVIL_FROM <= local.time() < CIVIL_UNTIL
    return is_civil and booking.placed_at < due <= now < booking.slot.starts_at


def due_at(office: Office, day: dt.date) -> dt.datetime:
    """Return when reminders for a day are due."""
    return office.at(day - dt.timedelta(days=1), REMINDS_AT)


def _candidates(now: dt.datetime) -> list[Booking]:
    return list(
        Booking.objects.select_related("slot", "office").filter(
            status=Status.BOOKED,
            reminded_at__isnull=True,
            account__isnull=False,
            slot__starts_at__gt=now,
            slot__starts_at__lt=now + LOOK_AHEAD,
        )
    )


@transaction.atomic
def _remind(booking_ids: Sequence[UUID], *, now: dt.datetime) -> int:
    """Check again under the lock: bookings may have been cancelled, moved or reminded since."""
    rows = (
        Booking.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        .select_related("applicant__account", "office", "slot", "service_type", "party")
        .filter(pk__in=booking_ids, status=Status.BOOKED, reminded_at__isnull=True)
        .order_by("pk")
    )
    bookings = [booking for booking in rows if is_due(booking, now=now)]
    if len({booking.slot.starts_at for booking in bookings}) > 1:
        return 0  # one of them is just being moved; the next run reminds each at the right time
    if not bookings:
        return 0
    first = bookings[0]
    wording = wording_for(first.pk, first.office.local_day(now))
    for booking in bookings:
        booking.reminded_at, booking.reminder_code = now, wording.code if wording else ""
        booking.save(update_fields=["reminded_at", "reminder_code"])
    account = first.applicant.account
    language = account.language if account else ""
    text = localized(wording, "text", language=language) if wording else ""
    queue_reminder_message(bookings, wording=text, now=now)
    return len(bookings)
