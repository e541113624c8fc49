"""The officer's handbook: the Markdown files of docs/handbook, shown inside the admin site."""

from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from core.errors import NotFound

FOLDER: Final = Path(settings.BASE_DIR, "docs", "handbook")
CONTENTS: Final = "README"
SUFFIX: Final = ".md"
# Each page, in the order of the contents, with the URL names of the screens that it explains.
PAGES: Final[dict[str, tuple[str, ...]]] = {
    "masuk": ("admin:login", "admin:logout"),
    "gerbang": (
        "counters:gate",
        "counters:gate_walk_in",
        "counters:gate_card",
        "counters:gate_check_in",
        "counters:gate_application",
        "counters:gate_refuse",
        "counters:gate_leave",
        "counters:gate_hours",
        "counters:gate_turn_away",
        "counters:gate_next_hour",
        "counters:gate_undo",
        "counters:gate_priority",
    ),
    "jadwal-hari-lain": (
        "counters:assist",
        "counters:assist_ticket",
        "counters:assist_cancel",
    ),
    "pemeriksaan": (
        "counters:screening",
        "counters:screening_person",
        "counters:screening_decide",
        "counters:protocol",
        "counters:protocol_off",
    ),
    "loket": (
        "counters:counter",
        "counters:counter_take",
        "counters:counter_out_of_order",
        "counters:counter_do",
        "counters:counter_work",
        "counters:counter_visit",
        "counters:counter_draft",
        "counters:counter_receipt",
        "photos:photo",
        "counters:late_reason",
    ),
    "produksi": ("counters:production", "counters:production_do", "counters:production_batch"),
    "pengambilan": ("counters:pickup", "counters:hand_over", "counters:pickup_file"),
    "drive-thru": ("counters:drive_thru",),
    "belum-diambil": ("counters:uncollected",),
    "gangguan": ("counters:outage", "counters:outage_end", "counters:outage_confirm"),
    "daftar-kertas": ("counters:paper", "counters:from_paper", "reports:paper_list"),
    "sengketa": ("brokers:contests", "brokers:contest_at_desk", "brokers:contest"),
    "hari-ini": ("counters:today", "counters:today_offices", "counters:free_counter"),
    "tutup-hari": ("counters:closing", "counters:closing_informed"),
    "waktu-tunggu": ("counters:waits", "counters:late_visit"),
    "kapasitas": ("counters:capacity", "counters:evening", "counters:shift_do"),
    "simulasi": ("reports:simulation",),
    "saran": ("reports:advice",),
    "jadwal-petugas": ("counters:roster",),
    "aturan-kuota": (
        "counters:rules",
        "counters:rules_places",
        "counters:rules_roll_over",
        "counters:rules_returns",
        "counters:rules_attendance",
        "counters:rules_admission",
        "counters:rules_no_show",
        "counters:rules_limit",
        "counters:rules_products",
        "counters:rules_notice",
        "counters:rules_rebooking",
        "counters:rules_day",
        "counters:rules_ledger",
        "counters:rules_quota",
        "counters:rules_release",
    ),
    "pemeriksaan-kantor": (
        "officers:inspections",
        "officers:inspection_answer",
        "officers:inspection_judge",
    ),
    "keputusan": ("counters:decrees", "counters:decree"),
    "preset": ("presets:presets",),
    "papan": ("counters:kiosks", "counters:kiosk_revoke"),
    "sakelar": ("counters:switch",),
    "penutupan": (
        "closures:closures",
        "closures:closure_new",
        "closures:closure",
        "closures:told",
    ),
    "hari-libur": (
        "holidays:holidays",
        "holidays:holiday_new",
        "holidays:holiday_withdraw",
        "holidays:hours",
        "holidays:proposals",
        "holidays:proposal_decide",
    ),
    "ketidakhadiran": ("absences:absences", "absences:absence"),
    "keberatan": ("objections:objections", "objections:objection"),
    "pembayaran": ("payments:payments", "payments:payment", "payments:settlement"),
    "pengaduan": ("counters:complaints", "counters:complaint"),
    "kepuasan": ("counters:satisfaction",),
    "undian": ("draws:desk", "draws:value", "draws:round"),
    "petugas": ("officers:officers", "officers:officer", "officers:officer_do"),
    "isyarat-calo": (
        "brokers:signals",
        "brokers:signal_seen",
        "brokers:restrictions",
        "brokers:restriction",
        "brokers:evidence",
    ),
    "penolakan": ("refusals:refusals",),
    "beban-harian": (
        "reports:daily_load",
        "reports:daily_load_people",
        "reports:subscriptions",
        "reports:sent",
    ),
    "janji-layanan": ("reports:promises",),
    "pengingat": ("reports:reminders",),
    "bukti-integritas": ("reports:evidence",),
    "prakiraan": ("reports:forecast",),
    "data-pribadi": (
        "protection:requests",
        "protection:at_desk",
        "protection:request",
        "protection:request_file",
        "protection:correct_person",
    ),
}
PAGE_OF: Final = {name: slug for slug, names in PAGES.items() for name in names}


class _ForTheProduct(Treeprocessor):
    """Turn links between files into links between pages, and give tables the style of the other screens."""

    def run(self, root: Element) -> None:
        for link in root.iter("a"):
            target = link.get("href", "")
            if target.endswith(SUFFIX):
                link.set("href", page_url(target.removesuffix(SUFFIX)))
        for table in root.iter("table"):
            table.set("class", "q")
        for heading in root.iter("th"):
            heading.set("scope", "col")


class _ProductExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the library's name
        # After the inline patterns (priority 20), which make the links.
        md.treeprocessors.register(_ForTheProduct(md), "for_the_product", 5)


def page_url(slug: str) -> str:
    """Return the URL of a page of the handbook, or of its contents."""
    if slug == CONTENTS:
        return reverse("handbook:contents")
    return reverse("handbook:page", args=[slug])


def url_for_screen(request: HttpRequest) -> str:
    """Return the URL of the page that explains the current screen; the contents if none does."""
    match = request.resolver_match
    return page_url(PAGE_OF.get(match.view_name, CONTENTS) if match else CONTENTS)


@require_safe
def contents(request: HttpRequest) -> HttpResponse:
    """Show the table of contents."""
    return _show(request, CONTENTS)


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one page. Raises NotFound."""
    if slug not in PAGES:
        raise NotFound
    return _show(request, slug)


def _show(request: HttpRequest, slug: str) -> HttpResponse:
    text = (FOLDER / f"{slug}{SUFFIX}").read_text(encoding="utf-8")
    context = {
        **admin.site.each_context(request),
        "title": _("Buku panduan") if slug == CONTENTS else title_of(text),
        "is_contents": slug == CONTENTS,
        "article": rendered(text),
    }
    return render(request, "admin/handbook.html", context)


def title_of(text: str) -> str:
    """Return the heading of a page, its first line."""
    return text.partition("\n")[0].removeprefix("# ")


def rendered(text: str) -> SafeString:
    """Return a page as HTML. The files are part of this project, so their HTML is trusted."""
    # A list inside a numbered item is indented by three spaces, as repository sites read it.
    html = Markdown(extensions=["tables", _ProductExtension()], tab_length=3).convert(text)
    return mark_safe(html)  # noqa: S308 - our own files
