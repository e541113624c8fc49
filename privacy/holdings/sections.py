"""Every table with data about people: how its rows lead to a person, and what an export leaves out.

A test walks the models: a new table with data about a person needs an entry in `SECTIONS` or in
`LEFT_OUT`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

from accounts.models import AddressCode, Consent, MessagePreference, Phone, User
from accounts.webhooks.models import WebhookEndpoint, WebhookEvent
from booking.applications.models import (
    ApplicationDraft,
    PassportApplication,
    ResponsibleAdult,
)
from booking.bookings.models import Booking, BookingEvent, DisplacedBooking, Displacement, Party
from booking.files.models import StoredFile
from booking.integrity.models import Contest, ContestEvent
from booking.lottery.models import DrawEntry, DrawLoss, DrawMember
from booking.objections.models import Objection
from booking.payments.models import BankNotice, Bill, BillingCode, LedgerEntry, PaymentCase
from booking.people.models import Applicant, GuardianConsent
from booking.photos.models import DocumentPhoto
from booking.refusals.models import Refusal
from booking.restrictions.models import Restriction, RestrictionEvent
from booking.waiting_list.models import (
    Offer,
    OfferEvent,
    WaitingEvent,
    WaitingListEntry,
    WaitingMember,
)
from counters.authority.models import AuthorityLetter
from counters.drive_thru.models import DriveThruEvent, DriveThruVisit
from counters.estimates.models import LateVisit, WaitEstimate
from counters.gate.models import GateRefusal
from counters.kiosks.models import KioskCheckIn
from counters.pickup.models import Pickup, PickupFile
from counters.production.models import BookEvent, PassportBook
from counters.screening.models import Screening
from counters.visits.models import CounterSession, StageRun, Ticket, Visit, VisitEvent
from counters.walk_in.models import DeskAdmission
from notices.models import Message
from offices.officers.models import OfficerEvent
from offices.rosters.models import RosterShift
from offices.staff.models import StaffRole
from quotas.watches.models import OpeningWatch
from reports.subscriptions.models import ReportDelivery, ReportSubscription


@dataclass(frozen=True)
class Subject:
    """Whose data: accounts with all their people, or at the desk one person in any account."""

    accounts: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    person_keys: tuple[str, ...] = ()
    # The addresses themselves, and the hashes under which subscriptions are stored.
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """One table. `accounts`, `people`, `person_keys`, `addresses` are the lookups that lead to the subject."""

    model: type[Model]
    accounts: str = ""
    people: str = ""
    person_keys: str = ""
    addresses: str = ""
    hidden: frozenset[str] = field(default_factory=frozenset)
    # For tables of installed packages, which have no Indonesian names.
    title: Any = ""
    labels: Mapping[str, Any] = field(default_factory=dict)

    def condition(self, subject: Subject) -> Q:
        """Return which rows are about the subject, by one lookup: OR over joins would read whole tables."""
        for lookup, values in (
            (self.accounts, subject.accounts),
            (self.people, subject.people),
            (self.person_keys, subject.person_keys),
            (self.addresses, subject.addresses),
        ):
            if lookup and values:
                return Q(**{f"{lookup}__in": values})
        return Q(pk__in=[])


def _of_booking(model: type[Model], path: str, *hidden: str) -> Section:
    """Return the section of a table that belongs to a booking."""
    return Section(
        model, accounts=f"{path}__account", people=f"{path}__applicant", hidden=frozenset(hidden)
    )


def _hide(*names: str) -> frozenset[str]:
    return frozenset(names)


# In the order in which an export shows them.
SECTIONS: Final[list[Section]] = [
    Section(User, accounts="pk", hidden=_hide("password", "is_superuser", "erased_at")),
    Section(
        EmailAddress,
        accounts="user",
        title=_("alamat surel"),
        labels={"user": _("akun"), "verified": _("diverifikasi"), "primary": _("utama")},
    ),
    Section(AddressCode, accounts="address__user", hidden=_hide("code_hash")),
    Section(Consent, accounts="user"),
    Section(Phone, accounts="user", hidden=_hide("code_hash")),
    Section(MessagePreference, accounts="user"),
    Section(
        UserSession,
        accounts="user",
        hidden=_hide("session_key", "data"),
        title=_("catatan masuk"),
        labels={
            "user": _("akun"),
            "created_at": _("masuk pada"),
            "ip": _("alamat jaringan"),
            "last_seen_at": _("terakhir dipakai"),
            "user_agent": _("peramban"),
        },
    ),
    Section(
        AuthToken,
        accounts="user",
        hidden=_hide("digest", "token_key"),
        title=_("token API"),
        labels={"user": _("akun"), "created": _("dibuat"), "expiry": _("berlaku sampai")},
    ),
    Section(WebhookEndpoint, accounts="account", hidden=_hide("secret")),
    Section(WebhookEvent, accounts="endpoint__account", hidden=_hide("next_at")),
    Section(
        Authenticator,
        accounts="user",
        hidden=_hide("data"),
        title=_("verifikasi dua langkah"),
        labels={
            "user": _("akun"),
            "type": _("jenis"),
            "created_at": _("dibuat"),
            "last_used_at": _("terakhir dipakai"),
        },
    ),
    Section(Applicant, accounts="account", people="pk", hidden=_hide("person_key")),
    Section(GuardianConsent, accounts="account", people="applicant"),
    Section(PassportApplication, accounts="applicant__account", people="applicant"),
    Section(
        ResponsibleAdult,
        accounts="application__applicant__account",
        people="application__applicant",
    ),
    Section(ApplicationDraft, accounts="applicant__account", people="applicant"),
    Section(
        Party, accounts="account", people="bookings__applicant", hidden=_hide("body_hash", "key")
    ),
    Section(Booking, accounts="account", people="applicant", hidden=_hide("person_key", "key")),
    _of_booking(BookingEvent, "booking"),
    _of_booking(DisplacedBooking, "booking"),
    Section(Displacement, accounts="party__account", people="party__bookings__applicant"),
    Section(Refusal, accounts="account", hidden=_hide("reason")),
    Section(WaitingListEntry, accounts="account", people="members__applicant"),
    Section(
        WaitingMember, accounts="entry__account", people="applicant", hidden=_hide("person_key")
    ),
    Section(WaitingEvent, accounts="entry__account", people="entry__members__applicant"),
    Section(Offer, accounts="entry__account", people="entry__members__applicant"),
    Section(
        OfferEvent, accounts="offer__entry__account", people="offer__entry__members__applicant"
    ),
    Section(DrawEntry, accounts="account", people="members__applicant"),
    Section(DrawMember, accounts="entry__account", people="applicant", hidden=_hide("person_key")),
    Section(DrawLoss, person_keys="person_key", hidden=_hide("person_key")),
    _of_booking(Restriction, "booking", "person_key"),
    Section(
        DocumentPhoto,
        accounts="application__applicant__account",
        people="application__applicant",
    ),
    # A file is opened on the page of restrictions or of photos; an export is a text.
    Section(StoredFile, accounts="account", hidden=_hide("data")),
    _of_booking(RestrictionEvent, "restriction__booking"),
    Section(Contest, accounts="account", people="applicant", hidden=_hide("person_key", "booking")),
    Section(Objection, accounts="account"),
    Section(ContestEvent, accounts="contest__account", people="contest__applicant"),
    _of_booking(Bill, "booking"),
    _of_booking(BillingCode, "bill__booking"),
    _of_booking(BankNotice, "bill__booking", "digest"),
    _of_booking(LedgerEntry, "bill__booking"),
    _of_booking(PaymentCase, "bill__booking"),
    _of_booking(DeskAdmission, "booking"),
    _of_booking(Screening, "booking"),
    _of_booking(Visit, "booking"),
    _of_booking(VisitEvent, "visit__booking"),
    _of_booking(Ticket, "visit__booking"),
    _of_booking(GateRefusal, "booking"),
    _of_booking(StageRun, "visit__booking"),
    _of_booking(WaitEstimate, "visit__booking", "usual", "width"),
    _of_booking(LateVisit, "visit__booking"),
    _of_booking(KioskCheckIn, "booking"),
    _of_booking(PassportBook, "visit__booking"),
    _of_booking(BookEvent, "book__visit__booking"),
    # The other person's identity is not the owner's data.
    _of_booking(AuthorityLetter, "book__visit__booking", "collector_identity"),
    _of_booking(Pickup, "book__visit__booking"),
    # The picture itself is shown by the office on request; an export is a text.
    _of_booking(PickupFile, "pickup__book__visit__booking", "data"),
    _of_booking(DriveThruVisit, "book__visit__booking", "plate_key"),
    _of_booking(DriveThruEvent, "visit__book__visit__booking"),
    Section(
        Message,
        addresses="address",
        hidden=_hide("dedupe_key", "context", "request_id", "next_at", "last_error"),
    ),
    Section(OpeningWatch, addresses="address_key", hidden=_hide("address_key")),
    Section(StaffRole, accounts="user"),
    Section(RosterShift, accounts="officer"),
    Section(OfficerEvent, accounts="officer"),
    Section(CounterSession, accounts="officer"),
    Section(ReportSubscription, accounts="officer"),
    Section(ReportDelivery, accounts="subscription__officer"),
]
# Tables that lead to people and are not part of an export, each with the reason.
LEFT_OUT: Final[dict[str, str]] = {
    "offices.Office": "the address of an office",
    "offices.PersonRead": "shown in aggregate: who opened data is the data protection officer's to examine",
    "counters.Kiosk": "devices of an office; names officers only",
    "counters.Complaint": "made without an account; whoever has the number reads it",
    "counters.SurveyInvitation": "that a visit was invited and answered; the answer is anonymous",
    "counters.DayClosing": "the work of officers: who closed a day",
    "privacy.ReadingDay": "the work of officers, by day",
    "booking.BrokerSignal": "investigation of brokers, by account numbers; telling would defeat it",
    "booking.BrokerSignalNote": "investigation of brokers",
    "admin.LogEntry": "who changed reference data; the work of officers",
    "booking.Draw": "a lottery of many people; names officers only",
    "booking.OfferPlace": "places of an offer; nothing about the person",
    "booking.SettlementFile": "files of the bank about many people; names officers only",
    "booking.SettlementLine": "lines of the bank's files; the payments themselves are shown",
    "reports.AcceptedAdvice": "decisions of supervisors about a week; names officers only",
    "booking.DrawRound": "a lottery of many people, under codes",
}


def register_section(section: Section) -> None:
    """Add a table of a feature above this one."""
    SECTIONS.append(section)
