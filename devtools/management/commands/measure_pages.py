"""`manage.py measure_pages`: measure the public pages on a slow phone."""

import os
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from core import clock
from devtools.management.commands.make_pictures import find_browser
from offices.directory.models import Office, ServiceGroup
from quotas.calendar.selectors import nearest_open_slots

# 4G at its slowest: 1.6 Mbit/s, 150 ms there and back; a processor four times slower than this one.
NETWORK: Final = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWER: Final = 4
WATCH: Final = """window.seen = {paint: 0, shift: 0};
new PerformanceObserver(list => { for (const entry of list.getEntries()) seen.paint = entry.startTime; })
  .observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(list => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.shift += entry.value; })
  .observe({type: 'layout-shift', buffered: true});"""


class Command(BaseCommand):
    """Prints a table: bytes, largest paint and layout shift of every public page's first load."""

    help = "Measures the public pages on a slowed phone against the running stack (make measure)."

    def handle(self, *_args: Any, **_options: Any) -> None:
        from playwright.sync_api import sync_playwright

        addresses = _addresses()
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        self.stdout.write(
            "| Page | Transferred | Script | Largest paint | Layout shift |\n|---|--:|--:|--:|--:|"
        )
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=find_browser(), args=["--no-sandbox"]
            )
            for address in addresses:
                total, script, paint, shift = _measure(browser, address)
                self.stdout.write(
                    f"| {address} | {total / 1024:.1f} KB | {script / 1024:.1f} KB | {paint / 1000:.2f} s | {shift:.3f} |"
                )
            browser.close()


def _addresses() -> list[str]:
    office, now = Office.objects.get(code="balikpapan"), clock.now()
    group = ServiceGroup.objects.get(code="citizens")
    days = [
        view.day for view in nearest_open_slots(office, group=group, after=now, now=now, limit=1)
    ]
    pages = ("requirements", "help", "complaints", "privacy", "accessibility")
    return [
        reverse("booking:home"),
        reverse("booking:offices"),
        *(reverse("booking:office", args=[code]) for code in ("balikpapan", "palembang", "jaksel")),
        *(reverse("booking:day", args=[office.code, day]) for day in days),
        *(reverse(f"pages:{page}") for page in pages),
        reverse("account_login"),
        reverse("account_signup"),
        reverse("api_docs"),
    ]


def _measure(browser: Any, address: str) -> tuple[float, float, float, float]:
    """Load a page without a cache; return total bytes, script bytes, milliseconds and layout shift."""
    context = browser.new_context(
        base_url=settings.PUBLIC_URL, locale="id-ID", viewport={"width": 360, "height": 740}
    )
    page = context.new_page()
    page.add_init_script(WATCH)
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", NETWORK)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    wire.on(
        "Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]})
    )
    wire.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    page.goto(address)
    page.wait_for_timeout(700)
    measured = page.evaluate("seen")
    script = sum(size for number, size in sizes.items() if kinds.get(number) == "Script")
    context.close()
    return sum(sizes.values()), script, measured["paint"], measured["shift"]
