"""`manage.py make_pictures`: take the README's pictures of the running system with a browser."""

import json
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from core import clock
from devtools.demo import APPLICANT, credentials_file
from devtools.demo_days import book_ahead, live_through
from offices.directory.models import Office

OFFICE: Final = "balikpapan"
DAYS: Final = 6
PHONE: Final = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2}
DESK: Final = {"viewport": {"width": 1280, "height": 800}}
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")


class Command(BaseCommand):
    """Simulates some days of an office and writes docs/pictures/*.png."""

    help = "Takes the README's pictures from the running stack. `make pictures` opens one for it."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "make_pictures fills an office with invented people: only in the demo."
            )
        office, now = Office.objects.get(code=OFFICE), clock.now()
        live_through(office, days=DAYS, until=now)
        book_ahead(office, until=now)
        folder = Path(settings.BASE_DIR) / "docs" / "pictures"
        folder.mkdir(parents=True, exist_ok=True)
        # The browser's loop runs in this thread; the ORM is still used synchronously.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        for path in take(office, now, folder):
            self.stdout.write(
                f"{path.relative_to(settings.BASE_DIR)}: {path.stat().st_size // 1024} KB"
            )


def find_browser() -> str:
    """Return the browser's program. Raises CommandError that explains how to get one."""
    for name in (os.environ.get("CHROMIUM", ""), *BROWSERS):
        program = shutil.which(name) if name else None
        if program:
            return program
    raise CommandError("No Chromium here. Get it with: apt-get install chromium")


def take(office: Office, now: datetime, folder: Path) -> list[Path]:
    """Take every picture; return the files."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        photographer = _Photographer(browser, folder)
        photographer.public(office)
        photographer.ticket()
        photographer.officers()
        browser.close()
    return photographer.taken


class _Photographer:
    def __init__(self, browser: Any, folder: Path) -> None:
        self.browser, self.folder = browser, folder
        self.taken: list[Path] = []
        self.people = json.loads(credentials_file().read_text())

    def _page(self, options: dict[str, Any]) -> Any:
        context = self.browser.new_context(base_url=settings.PUBLIC_URL, locale="id-ID", **options)
        return context.new_page()

    def _sign_in(self, options: dict[str, Any], role: str) -> Any:
        person = next(
            row for row in self.people if row["role"] == role and row["office"] in ("", OFFICE)
        )
        page = self._page(options)
        page.goto(reverse("account_login"))
        page.fill("[name=login]", person["email"])
        page.fill("[name=password]", person["password"])
        page.locator("main form button").first.click()
        return page

    def _take(self, page: Any, name: str, **options: Any) -> None:
        path = self.folder / f"{name}.png"
        page.screenshot(path=str(path), animations="disabled", **options)
        self.taken.append(path)

    def public(self, office: Office) -> None:
        page = self._page(DESK)
        page.goto(reverse("booking:home"))
        self._take(page, "home")
        page.goto(reverse("booking:office", args=[office.code]))
        self._take(page, "calendar")

    def ticket(self) -> None:
        """Book as an applicant, from the home page to the ticket; take pictures, also on a phone in
        the dark theme.
        """
        page = self._sign_in(PHONE, APPLICANT)
        page.goto(reverse("booking:office", args=[OFFICE]))
        page.locator(".day[data-state=open] a").nth(2).click()
        page.locator("main .dock button").click()
        page.locator("main .dock button").click()
        page.wait_for_selector(".ticket")
        page.evaluate(
            "scrollTo(0, document.querySelector('.ticket').getBoundingClientRect().top - 12)"
        )
        self._take(page, "ticket")

    def officers(self) -> None:
        page = self._sign_in(DESK, "counter")
        page.goto(reverse("counters:counter"))
        self._take(page, "counter")
        page = self._sign_in(DESK, "supervisor")
        page.goto(reverse("reports:daily_load"))
        self._take(page, "daily-load")
        page.goto(reverse("counters:today"))
        self._take(page, "today")
