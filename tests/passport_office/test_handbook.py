"""The officer's handbook: a page for every screen, valid links, and the words of the screens."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from devtools import catalogues
from offices.staff.models import Role
from pages import handbook
from tests.builders import make_office, make_officer, make_user
from tests.gates.routes import every_route

# The lists of Django's admin site lead to the contents.
STOCK = "admin:"
CODE = re.compile(r"`[^`]*`")
BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
ITALIC = re.compile(r"(?<![*\\])\*(?![*\s])(.+?)(?<![\\\s])\*(?!\*)", re.DOTALL)
LINK = re.compile(r"\]\(([^)]+)\)")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")
LETTERS = re.compile(r"[^\W\d_]")
FEWEST_LETTERS = 3
# A text that begins with a placeholder matches almost anything unless the rest of it is long.
FEWEST_AFTER_PLACEHOLDER = 12
SLUGS = list(handbook.PAGES)


def text_of(slug: str) -> str:
    return (handbook.FOLDER / f"{slug}.md").read_text(encoding="utf-8")


def officer_screens() -> set[str]:
    """Return the names of the URLs below /admin/, without the stock lists and the handbook itself."""
    names = {route.name for route in every_route() if route.pattern.startswith("admin/")}
    return {name for name in names if not name.startswith((STOCK, "handbook:", "admin/"))}


# --- Pages and screens --------------------------------------------------------------------------
def test_every_officer_screen_has_a_page() -> None:
    screens = officer_screens()
    assert "counters:gate" in screens
    missing = screens - handbook.PAGE_OF.keys()
    assert not missing, missing


def test_every_page_explains_screens_that_exist() -> None:
    unknown = handbook.PAGE_OF.keys() - {route.name for route in every_route()}
    assert not unknown, unknown


def test_every_screen_has_one_page_only() -> None:
    names = [name for page in handbook.PAGES.values() for name in page]
    assert len(names) == len(set(names))


def test_the_files_match_the_pages() -> None:
    files = {path.stem for path in handbook.FOLDER.glob("*.md")}
    assert files == {*SLUGS, handbook.CONTENTS}


def test_the_contents_list_every_page() -> None:
    listed = {target.removesuffix(".md") for target in LINK.findall(text_of(handbook.CONTENTS))}
    assert listed == set(SLUGS)


@pytest.mark.parametrize("slug", [*SLUGS, handbook.CONTENTS])
def test_links_between_pages_resolve(slug: str) -> None:
    for target in LINK.findall(text_of(slug)):
        assert (handbook.FOLDER / target).is_file(), target
    urls = re.findall(r'href="([^"]*)"', handbook.rendered(text_of(slug)))
    assert urls
    assert set(urls) <= {handbook.page_url(one) for one in [*SLUGS, handbook.CONTENTS]}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_page_has_the_same_parts(slug: str) -> None:
    text = text_of(slug)
    assert text.startswith("# ")
    for part in (
        "Untuk: ",
        "Dipakai: ",
        "## Tombol",
        "## Pesan dan tindakan",
        "## Bila ada masalah",
    ):
        assert part in text, part


# --- Words of the screens -----------------------------------------------------------------------
@pytest.fixture(scope="module")
def words() -> list[tuple[str, re.Pattern[str]]]:
    """Return every text of the screens before its first placeholder, and a pattern of the whole."""
    ids = {one.id if isinstance(one.id, str) else one.id[1] for one in catalogues.marked_texts()}
    usable = [one for one in ids if _is_distinct(one)]
    return [
        (
            PLACEHOLDER.split(one)[0].lower(),
            re.compile(".+".join(map(re.escape, PLACEHOLDER.split(one))), re.IGNORECASE),
        )
        for one in (one.replace("%%", "%") for one in usable)
    ]


def _is_distinct(text: str) -> bool:
    least = FEWEST_AFTER_PLACEHOLDER if PLACEHOLDER.match(text) else FEWEST_LETTERS
    return len(LETTERS.findall(PLACEHOLDER.sub("", text))) >= least


def is_on_a_screen(text: str, words: list[tuple[str, re.Pattern[str]]]) -> bool:
    """True if a screen shows the text; `…` at its end stands for the rest of a message."""
    plain = " ".join(text.replace("\\*", "*").split())
    if plain.endswith("…"):
        start = plain.removesuffix("…").lower()
        return len(start) >= FEWEST_LETTERS and any(one.startswith(start) for one, _ in words)
    return any(pattern.fullmatch(plain) for _, pattern in words)


@pytest.mark.parametrize("slug", SLUGS)
def test_labels_and_messages_match_the_screens(
    slug: str, words: list[tuple[str, re.Pattern[str]]]
) -> None:
    """Bold text is a label, italic text a message: renaming one requires correcting the handbook."""
    text = CODE.sub("", text_of(slug))
    quoted = BOLD.findall(text) + ITALIC.findall(BOLD.sub("", text))
    unknown = [one for one in quoted if not is_on_a_screen(one, words)]
    assert quoted
    assert not unknown, unknown


# --- In the product -----------------------------------------------------------------------------
@pytest.mark.django_db
def test_an_officer_reads_every_page(client: Any) -> None:
    client.force_login(make_officer(make_office(), Role.GATE))
    for slug in [*SLUGS, handbook.CONTENTS]:
        answer = client.get(handbook.page_url(slug), headers={"Accept-Language": "en"})
        html = answer.content.decode()
        assert answer.status_code == 200
        assert '<html lang="en"' in html
        assert '<article class="panel handbook" lang="id"><h1>' in html
        assert ">Handbook</a>" in html


@pytest.mark.django_db
def test_a_screen_links_to_its_own_page(client: Any) -> None:
    client.force_login(make_officer(make_office(), Role.SUPERVISOR))
    for name, slug in [
        ("counters:gate", "gerbang"),
        ("draws:desk", "undian"),
        ("closures:closures", "penutupan"),
    ]:
        html = client.get(reverse(name)).content.decode()
        assert f'<a href="/admin/handbook/{slug}/">' in html
    html = client.get(reverse("admin:index") + "?all=1").content.decode()
    assert '<a href="/admin/handbook/">' in html


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["gerbang", handbook.CONTENTS])
def test_only_staff_read_the_handbook(client: Any, slug: str) -> None:
    url = handbook.page_url(slug)
    sign_in = client.get(url)
    assert sign_in.status_code == 302
    assert sign_in["Location"].startswith(reverse("admin:login"))
    client.force_login(make_user())
    assert client.get(url, follow=True).status_code == 403


@pytest.mark.django_db
def test_an_unknown_page_returns_404(client: Any) -> None:
    client.force_login(make_officer(make_office(), Role.GATE))
    assert client.get(reverse("handbook:page", args=["rahasia"])).status_code == 404


def test_the_image_contains_the_pages() -> None:
    ignored = Path(settings.BASE_DIR, ".dockerignore").read_text().split()
    assert not [one for one in ignored if one.startswith(("docs", "**/*.md", "*.md"))]


# --- One key, one meaning -------------------------------------------------------------------------
KEY_TABLE = re.compile(r"^\| <kbd>(F\d+)</kbd> \|", re.MULTILINE)
# A start tag; a template tag inside it may hold a ">" of its own.
TAG_WITH_KEY = re.compile(
    r"<(?:a|button|summary)\b(?:\{%.*?%\}|\{\{.*?\}\}|[^>{])*?data-key=\"(F\d+)\""
)
# Keys of one action only, and where it is done.
AT_THE_COUNTER = ("counters/service/", "devtools/styleguide/")


def keys_in_templates() -> list[tuple[str, str, str]]:
    """Return the name of each template, and the tags in it that a function key presses."""
    folder = settings.BASE_DIR / "templates"
    return [
        (path.relative_to(folder).as_posix(), match.group(1), match.group(0))
        for path in sorted(folder.rglob("*.html"))
        for match in TAG_WITH_KEY.finditer(path.read_text(encoding="utf-8"))
        if path.name != "officer_base.html"
    ]


def test_every_function_key_is_in_the_one_table() -> None:
    used = {key for _template, key, _tag in keys_in_templates()}
    assert used == set(KEY_TABLE.findall(text_of(handbook.CONTENTS)))


def test_one_key_has_one_meaning_on_every_screen() -> None:
    rows = keys_in_templates()
    assert len(rows) > 40
    for template, key, tag in rows:
        where = f"{template}: {key}"
        if key in ("F2", "F4", "F7", "F10"):
            assert template.startswith(AT_THE_COUNTER), where
        elif key == "F3":
            assert tag.startswith("<a "), where
        elif key == "F6":
            assert "btn--main" in tag, where
        elif key == "F9" and tag.startswith("<a "):
            assert "counters:outage" in tag, where


def test_the_pages_name_the_keys_of_the_table() -> None:
    known = {
        *KEY_TABLE.findall(text_of(handbook.CONTENTS)),
        "F11",
    }  # F11: the browser's full screen
    for slug in SLUGS:
        assert set(re.findall(r"<kbd>(F\d+)</kbd>", text_of(slug))) <= known, slug
