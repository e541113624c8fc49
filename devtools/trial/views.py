"""/demo/: signs in as anybody of the demo, moves its clock, and opens its screens. Not in production."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.adapter import set_language_cookie
from accounts.models import User
from core import clock
from core.languages import reader_language
from counters.visits.models import Visit, VisitStatus
from devtools.demo import APPLICANT, ROLE_ORDER, read_credentials
from devtools.trial import jobs
from devtools.trial.scenes import BY_CODE, SCENES
from offices.directory.models import Office
from offices.staff.models import Role, StaffRole

# More officers of one role are folded.
SHOWN_OF_A_ROLE: Final = 2
JOBS: Final = {
    Role.GATE: gettext_lazy("Mencatat kedatangan dan menerima yang datang langsung."),
    Role.COUNTER: gettext_lazy("Memanggil nomor dan melayani semua tahap."),
    Role.PICKUP: gettext_lazy("Mencetak, memeriksa, dan menyerahkan paspor."),
    Role.SUPERVISOR: gettext_lazy("Memantau hari ini, kapasitas, dan aturan."),
    Role.REGIONAL: gettext_lazy("Membaca laporan semua kantor di wilayahnya."),
    Role.NATIONAL: gettext_lazy("Membaca laporan seluruh Indonesia."),
    Role.DATA_PROTECTION_OFFICER: gettext_lazy("Menjawab permintaan tentang data pribadi."),
    APPLICANT: gettext_lazy("Memesan tempat untuk dirinya dan anaknya."),
}
ICONS: Final = {
    Role.GATE: "door",
    Role.COUNTER: "serving",
    Role.PICKUP: "passport",
    Role.SUPERVISOR: "clock",
    Role.REGIONAL: "pin",
    Role.NATIONAL: "flag",
    Role.DATA_PROTECTION_OFFICER: "key",
    APPLICANT: "phone",
}


@dataclass(frozen=True)
class Person:
    """One sign-in of the page."""

    email: str
    name: str
    role: str

    @property
    def label(self) -> Any:
        return _("pemohon") if self.role == APPLICANT else Role(self.role).label


@dataclass(frozen=True)
class People:
    """The people of one role; from the third on they are folded."""

    role: str
    first: Sequence[Person]
    others: Sequence[Person]

    @property
    def label(self) -> Any:
        return self.first[0].label

    @property
    def job(self) -> Any:
        return JOBS.get(self.role, "")

    @property
    def icon(self) -> str:
        return ICONS.get(self.role, "people")


def only_in_the_demo(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 404 outside the demo, even if the address was included by mistake."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@never_cache
@only_in_the_demo
def show(request: HttpRequest) -> HttpResponse:
    """The page: the office now, the scenes, the screens, and who one can be."""
    offices = _offices()
    office = _chosen(offices, request.GET.get("office", ""))
    now = clock.now()
    job = jobs.current_job()
    context = {
        "offices": offices,
        "office": office,
        "board_url": reverse("display:board", args=[office.code]) if office else "",
        "kiosk_url": reverse("display:kiosk", args=[office.code]) if office else "",
        "now": now,
        "ahead": timedelta(seconds=clock.offset()),
        "figures": _figures(office) if office else None,
        "scenes": [(row, bool(office and row.is_there(office, now))) for row in SCENES],
        "job": job,
        "job_scene": BY_CODE.get(job.scene) if job else None,
        "people": _people(office) if office else [],
        "own_name": request.user.full_name if isinstance(request.user, User) else "",
    }
    return render(request, "devtools/demo.html", context)


@require_POST
@only_in_the_demo
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as a person on the demo's list of sign-ins, and open their first screen."""
    email = request.POST.get("email", "")
    row = next((one for one in read_credentials() if one.email == email), None)
    user = User.objects.filter(email=email, is_active=True).first() if row else None
    if row is None or user is None:
        messages.error(request, _("Orang ini tidak ada di daftar demo. Pilih yang lain."))
        return redirect("demo")
    target = reverse("booking:home" if row.role == APPLICANT else "admin:index")
    response: HttpResponse = perform_login(
        request, user, email_verification="none", redirect_url=target
    )
    # The language in which the demo was read, not the one of the invented person.
    set_language_cookie(response, reader_language())
    return response


@require_POST
@only_in_the_demo
def move(request: HttpRequest) -> HttpResponse:
    """Ask a worker for a scene of an office; one that is there already needs nothing."""
    office = _chosen(_offices(), request.POST.get("office", ""))
    scene = BY_CODE.get(request.POST.get("scene", ""))
    if office is None or scene is None:
        raise Http404
    address = f"{reverse('demo')}?office={office.code}"
    if scene.is_there(office, clock.now()):
        messages.info(request, _("Kantor sudah di waktu ini; tidak ada yang diubah."))
        return redirect(address)
    if not jobs.request_scene(scene=scene.code, office=office.code):
        messages.warning(request, _("Waktu lain masih disiapkan. Tunggu sampai selesai."))
    return redirect("demo_progress")


@require_safe
@never_cache
@only_in_the_demo
def progress(request: HttpRequest) -> HttpResponse:
    """How far the scene is; goes back to the page when it is over."""
    job = jobs.current_job()
    if job is None or not job.is_open:
        return redirect(f"{reverse('demo')}?office={job.office}" if job else "demo")
    office = Office.objects.filter(code=job.office).first()
    context = {"job": job, "scene": BY_CODE.get(job.scene), "office": office, "now": clock.now()}
    return render(request, "devtools/demo_progress.html", context)


def _offices() -> list[Office]:
    codes = {row.office for row in read_credentials() if row.office}
    return list(Office.objects.filter(code__in=codes).order_by("name"))


def _chosen(offices: Sequence[Office], code: str) -> Office | None:
    return next((row for row in offices if row.code == code), offices[0] if offices else None)


def _figures(office: Office) -> dict[str, int]:
    """Return how many people wait, are called, are served and were served today."""
    rows = Visit.objects.filter(office=office, day=office.local_day(clock.now()))
    counts = Counter(rows.values_list("status", flat=True))
    waiting, called = counts[VisitStatus.WAITING], counts[VisitStatus.CALLED]
    serving, finished = counts[VisitStatus.SERVING], counts[VisitStatus.FINISHED]
    hall = waiting + called + serving
    return {
        "hall": hall,
        "waiting": waiting,
        "at_counters": called + serving,
        "finished": finished,
        "all": hall + finished,
    }


def _people(office: Office) -> list[People]:
    rows = [row for row in read_credentials() if row.office in ("", office.code)]
    users = User.objects.in_bulk([row.email for row in rows], field_name="email")
    elsewhere = set(
        StaffRole.objects.exclude(region=None)
        .exclude(region=office.region_id)
        .values_list("user__email", flat=True)
    )
    by_role: dict[str, list[Person]] = {role: [] for role in ROLE_ORDER}
    for row in rows:
        if row.email in users and row.email not in elsewhere:
            person = Person(row.email, users[row.email].full_name, row.role)
            by_role[row.role].append(person)
    return [
        People(role, people[:SHOWN_OF_A_ROLE], people[SHOWN_OF_A_ROLE:])
        for role, people in by_role.items()
        if people
    ]
