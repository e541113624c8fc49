"""The four scenes of the demo's page: when each is, and what is done until then."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import DomainError
from counters.pickup.models import Pickup
from counters.pickup.services import hand_over
from counters.production import services as production_services
from counters.production.models import BookStatus, PassportBook
from devtools.demo_days import demo_number, demo_shelf
from devtools.trial.office_day import EARLIEST, MINUTE, ONLINE, PRIORITY, OfficeDay
from devtools.trial.time_travel import play_through, send_due_messages, show, travel
from offices.directory.models import Office
from offices.hours.selectors import add_working_days, working_hours
from offices.staff.models import Role
from offices.staff.selectors import staff_of
from quotas.places.models import ReleaseWindow
from quotas.windows.services import prepare_windows

PEOPLE_IN_HALL: Final = 40
MONDAY: Final = 0
# After its opening a window with a waiting room admits people at its own pace.
AFTER_OPENING: Final = timedelta(minutes=5)
DAYS_TO_SEARCH: Final = 45
UNSERVED: Final = 4
UNCOLLECTED_AFTER: Final = timedelta(days=7)
MOST_BOOKS: Final = 18  # a step
READERS: Final = 12  # people whose passports are made for the last scene

Report = Callable[[Any], None]


class NoScene(Exception):
    """This office cannot show the scene; the text says why."""


@dataclass(frozen=True)
class Scene:
    """One button of the page. `play` fills the office and moves the clock; it may run again after a crash."""

    code: str
    title: Promise
    text: Promise
    icon: str
    is_there: Callable[[Office, datetime], bool]
    play: Callable[[Office, Report], None]


# --- The next release -----------------------------------------------------------------------------
def next_opening(office: Office, now: datetime) -> datetime | None:
    """Return when the office's next window of the online lane opens."""
    rows = ReleaseWindow.objects.filter(
        office=office, lane=ONLINE, opens_at__gt=now, mode="first_come"
    )
    row = rows.order_by("opens_at").first()
    return row.opens_at if row else None


def _opens_within_a_minute(office: Office, now: datetime) -> bool:
    opens_at = next_opening(office, now)
    return opens_at is not None and opens_at - now <= MINUTE


def play_release(office: Office, report: Report) -> None:
    """Move the clock to a minute before the office's next release."""
    opens_at = next_opening(office, clock.now())
    if opens_at is None:
        raise NoScene(_("Kantor ini tidak punya pembukaan kuota yang akan datang."))
    report(_("Jam demo maju ke satu menit sebelum kuota dibuka."))
    travel(opens_at - MINUTE)


# --- A Monday at 09:40 ----------------------------------------------------------------------------
def _is_busy_morning(office: Office, now: datetime) -> bool:
    """True from 09:40 to closing on a day that has visits."""
    local = now.astimezone(office.zone)
    hours = working_hours(office, local.date())
    if hours is None:
        return False
    day = OfficeDay(office, local.date())
    return _twenty_to_ten(day) <= now < day.closes_at and day.in_hall > 0


def _is_busy_monday(office: Office, now: datetime) -> bool:
    return now.astimezone(office.zone).weekday() == MONDAY and _is_busy_morning(office, now)


def _twenty_to_ten(day: OfficeDay) -> datetime:
    return day.opens_at + timedelta(minutes=100)


def play_monday(office: Office, report: Report) -> None:
    """Fill the hall with forty people on the next Monday that can still be booked."""
    _play_morning(office, report, weekday=MONDAY)


def _play_morning(office: Office, report: Report, *, weekday: int | None = None) -> OfficeDay:
    """Play the next bookable working day until 09:40."""
    date_, book_at = _bookable_day(office, weekday=weekday)
    report(_("Jam demo maju ke hari pemesanan."))
    travel(book_at)
    scene = OfficeDay(office, date_, at=show)
    report(_("Pemohon memesan tempat."))
    morning = _twenty_to_ten(scene)
    for slot in scene.slots():
        comes_early = slot.starts_at - EARLIEST <= morning
        scene.book(slot, people=15 if comes_early else 5, now=clock.now())
    travel(scene.opens_at - 20 * MINUTE)
    report(_("Kantor buka. Orang datang, loket mulai melayani."))
    play_through(
        scene,
        [
            *scene.open_counters(3, every=timedelta(minutes=30)),
            scene.arrivals(full=PEOPLE_IN_HALL),
            scene.direct_arrivals(
                PRIORITY,
                begin=scene.opens_at + 7 * MINUTE,
                every=17 * MINUTE,
                full=PEOPLE_IN_HALL,
            ),
            scene.direct_arrivals(
                "walk_in",
                begin=scene.opens_at + 3 * MINUTE,
                every=9 * MINUTE,
                full=PEOPLE_IN_HALL,
            ),
        ],
        until=morning,
    )
    _fill_the_hall(scene)
    return scene


def _fill_the_hall(scene: OfficeDay) -> None:
    """Let in who is missing to forty: bookings of the next hour first, then without a booking."""
    scene.now = clock.now()
    for arrives_at, code in scene.expected():
        if scene.in_hall >= PEOPLE_IN_HALL:
            return
        if arrives_at - EARLIEST <= scene.now:
            try:
                scene.check_in(code)
            except DomainError:
                continue
    for lane in (PRIORITY, "walk_in"):
        while scene.in_hall < PEOPLE_IN_HALL and scene.admit(lane):
            pass


def _bookable_day(office: Office, *, weekday: int | None) -> tuple[date, datetime]:
    """Return the next working day that people can book, and the moment at which they book it.

    A day that was begun by an interrupted run is the first choice. Raises NoScene.
    """
    now = clock.now()
    prepare_windows(office_id=office.pk, now=now)
    today = office.local_day(now)
    for ahead in range(DAYS_TO_SEARCH):
        day = today + timedelta(days=ahead)
        if weekday not in (None, day.weekday()) or working_hours(office, day) is None:
            continue
        scene = OfficeDay(office, day)
        if now < _twenty_to_ten(scene) and scene.expected():
            return day, now
        moment = _booking_moment(office, day, now)
        if moment is not None and moment < scene.opens_at - 30 * MINUTE:
            return day, moment
    raise NoScene(_("Tidak ada hari kerja yang bisa dipesan dalam enam minggu ke depan."))


def _booking_moment(office: Office, day: date, now: datetime) -> datetime | None:
    windows = ReleaseWindow.objects.filter(
        office=office,
        lane=ONLINE,
        mode="first_come",
        first_day__lte=day,
        last_day__gte=day,
        closes_at__gt=now,
    )
    for window in windows.order_by("opens_at"):
        moment = max(now, window.opens_at + AFTER_OPENING)
        if moment < window.closes_at:
            return moment
    return None


# --- Closing time ---------------------------------------------------------------------------------
def _is_closing_time(office: Office, now: datetime) -> bool:
    """True for an hour after closing while people are still in the office."""
    day = office.local_day(now)
    if working_hours(office, day) is None:
        return False
    scene = OfficeDay(office, day)
    return scene.closes_at <= now < scene.closes_at + timedelta(hours=1) and scene.in_hall > 0


def play_closing(office: Office, report: Report) -> None:
    """Go on with today's hall, or with the next working day's, until closing time."""
    now = clock.now()
    if _is_busy_morning(office, now):
        scene = OfficeDay(office, office.local_day(now), at=show)
    else:
        scene = _play_morning(office, report)
    report(_("Siang berjalan: loket melayani, orang terakhir datang."))
    scene.now = clock.now()
    workers = [scene.work(session, keep=UNSERVED) for session in scene.sessions()]
    more = scene.open_counters(len(workers) + 2, every=timedelta(), keep=UNSERVED)
    play_through(
        scene,
        [scene.arrivals(), *workers, *more],
        until=scene.closes_at,
    )
    _leave_some_unserved(scene)
    send_due_messages()


def _leave_some_unserved(scene: OfficeDay) -> None:
    """Make sure that the day has visits to close: people who were not served."""
    for _arrives_at, code in scene.expected():
        if scene.in_hall >= UNSERVED:
            return
        try:
            scene.check_in(code)
        except DomainError:
            continue


# --- The first day with uncollected passports -----------------------------------------------------
def uncollected(office: Office, now: datetime) -> int:
    """Return how many passports have been ready for a week or longer."""
    return PassportBook.objects.filter(
        office=office, status=BookStatus.READY, ready_at__lte=now - UNCOLLECTED_AFTER
    ).count()


def _has_uncollected(office: Office, now: datetime) -> bool:
    return uncollected(office, now) > 0


def play_uncollected(office: Office, report: Report) -> None:
    """Make passports of a morning, hand some over, and go to the first day on which the rest is overdue."""
    ready = PassportBook.objects.filter(office=office, status=BookStatus.READY)
    if not ready.exists():
        if (
            not PassportBook.objects.filter(office=office)
            .exclude(status=BookStatus.HANDED_OVER)
            .exists()
        ):
            _serve_a_morning(office, report)
        _make_passports(office, report)
    first = ready.order_by("ready_at").first()
    if first is None or first.ready_at is None:
        raise NoScene(_("Belum ada paspor yang jadi di kantor ini."))
    report(_("Beberapa hari berlalu: sebagian paspor diambil, sisanya belum."))
    day = add_working_days(office, office.local_day(first.ready_at + UNCOLLECTED_AFTER), 0)
    while working_hours(office, day) is None:
        day = add_working_days(office, day, 1)
    hours = working_hours(office, day)
    assert hours is not None
    opens_at = office.at(day, hours.opens)
    while opens_at < first.ready_at + UNCOLLECTED_AFTER:
        opens_at += timedelta(hours=1)
    travel(opens_at)


def _serve_a_morning(office: Office, report: Report) -> None:
    """Let a dozen people book, come and be served on the next working day."""
    day, book_at = _bookable_day(office, weekday=None)
    report(_("Jam demo maju ke hari pemesanan."))
    travel(book_at)
    scene = OfficeDay(office, day, at=show)
    for slot in scene.slots()[:2]:
        scene.book(slot, people=READERS // 2, now=clock.now())
    travel(scene.opens_at - 20 * MINUTE)
    report(_("Kantor buka. Orang datang, loket mulai melayani."))
    play_through(
        scene,
        [scene.arrivals(), *scene.open_counters(3, every=timedelta())],
        until=scene.closes_at,
        is_over=lambda: scene.now > scene.opens_at + 70 * MINUTE and not scene.in_hall,
    )
    scene.leave_counters()


def _make_passports(office: Office, report: Report) -> None:
    """Print, check and shelve the books on the working days after the interview; hand over a third."""
    report(_("Paspor dicetak, diperiksa, dan siap diambil."))
    last = office.local_day(clock.now())
    for days, act in ((1, _print), (1, _check), (1, _shelve), (1, _collect)):
        last = add_working_days(office, last, days)
        hours = working_hours(office, last)
        assert hours is not None
        travel(office.at(last, hours.opens) + timedelta(hours=2))
        act(office)


def _books(office: Office, status: str) -> list[PassportBook]:
    rows = PassportBook.objects.filter(office=office, status=status).order_by("pk")
    return list(rows[:MOST_BOOKS])


def _makers(office: Office) -> tuple[Any, Any]:
    """Return who prints, and who checks: another person."""
    day = office.local_day(clock.now())
    printer = staff_of(office, role=Role.PICKUP, day=day)[0]
    return printer, (*staff_of(office, role=Role.SUPERVISOR, day=day), printer)[0]


def _print(office: Office) -> None:
    for book in _books(office, BookStatus.ORDERED):
        production_services.mark_printed(
            book_id=book.pk,
            book_number=demo_number(book),
            by=_makers(office)[0],
            now=clock.now(),
        )


def _check(office: Office) -> None:
    for book in _books(office, BookStatus.PRINTED):
        production_services.mark_checked(book_id=book.pk, by=_makers(office)[1], now=clock.now())


def _shelve(office: Office) -> None:
    for book in _books(office, BookStatus.CHECKED):
        production_services.mark_ready(
            book_id=book.pk, shelf=demo_shelf(book), by=_makers(office)[0], now=clock.now()
        )


def _collect(office: Office) -> None:
    for book in _books(office, BookStatus.READY)[::3]:
        hand_over(
            book_id=book.pk,
            book_number=book.book_number,
            collector_name="",
            right=Pickup.Right.SELF,
            evidence="KTP",
            where=Pickup.Where.DESK,
            by=_makers(office)[0],
            now=clock.now(),
        )


SCENES: Final = (
    Scene(
        "monday",
        _("Senin pukul 09.40"),
        _("40 orang di ruang layanan, beberapa loket melayani, jalur prioritas terisi."),
        "people",
        _is_busy_monday,
        play_monday,
    ),
    Scene(
        "release",
        _("Satu menit sebelum kuota dibuka"),
        _("Hitung mundur di beranda, lalu tempat bisa dipesan tepat pada waktunya."),
        "clock",
        _opens_within_a_minute,
        play_release,
    ),
    Scene(
        "closing",
        _("Waktu tutup"),
        _("Masih ada orang yang belum dilayani, loket yang terbuka, dan yang tidak datang."),
        "closed",
        _is_closing_time,
        play_closing,
    ),
    Scene(
        "uncollected",
        _("Paspor yang belum diambil"),
        _("Hari pertama dengan paspor yang sudah seminggu siap dan belum diambil."),
        "passport",
        _has_uncollected,
        play_uncollected,
    ),
)
BY_CODE: Final = {scene.code: scene for scene in SCENES}
