"""The texts of a page, visible or for screen readers, and the language of each."""

from html.parser import HTMLParser

VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)
SILENT = frozenset({"style", "script", "code", "pre", "kbd"})
READ = frozenset({"alt", "title", "placeholder", "aria-label", "aria-description"})


class PageReader(HTMLParser):
    """Collects the texts of a page in one language."""

    def __init__(self, language: str) -> None:
        super().__init__(convert_charrefs=True)
        self.language = language
        self.page_language = ""
        self.open: list[tuple[str, str]] = []
        self.heard: list[str] = []

    @property
    def spoken(self) -> str:
        """The language of the innermost element that declares one."""
        return next((lang for _tag, lang in reversed(self.open) if lang), "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.page_language = values.get("lang", "")
        if tag not in VOID:
            self.open.append((tag, values.get("lang", "")))
        if (values.get("lang") or self.spoken) == self.language:
            self.heard += [value for name, value in values.items() if name in READ]
            if tag == "input" and values.get("type") in {"submit", "button"}:
                self.heard.append(values.get("value", ""))
            if tag == "meta" and values.get("name") == "description":
                self.heard.append(values.get("content", ""))

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _lang in self.open]
        if tag in names:
            del self.open[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        is_silent = any(tag in SILENT for tag, _lang in self.open)
        if data.strip() and not is_silent and self.spoken == self.language:
            self.heard.append(" ".join(data.split()))


def texts_in(html: str, language: str) -> list[str]:
    """Return a page's texts in a language, which must be the page's own."""
    reader = PageReader(language)
    reader.feed(html)
    reader.close()
    assert reader.page_language == language, html[:400]
    return [text for text in reader.heard if text.strip()]
