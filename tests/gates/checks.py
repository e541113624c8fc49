"""The checks of a page: axe, valid HTML, no console errors, no requests to other hosts."""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
import html5lib
from html5lib.html5parser import ParseError

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
ALL_RULES = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
    "preload": False,  # our Content-Security-Policy refuses what it would load
}
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
    "preload": False,
}
RUN = """options => axe.run(document, options).then(found => found.violations.map(rule => ({
  id: rule.id, nodes: rule.nodes.map(node => ({at: node.target.join(' '), html: node.html.slice(0, 160)}))})))"""
HTML_SPACE = "{http://www.w3.org/1999/xhtml}"


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Elements of flow content are invalid where only phrasing content is allowed.
BLOCKS = words(
    "address article aside blockquote div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main"
    " nav ol p pre section table ul"
)
PHRASES_ONLY = words(
    "b button code dfn em h1 h2 h3 h4 h5 h6 i kbd label p pre small span strong time"
)
# The browser logs a refusal's status as an error, but visits compare statuses; and our tool blocks service workers.
EXPECTED = ("the server responded with a status of", "Service Worker registration blocked")
POINTERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "form", "list")


@cache
def axe_source() -> str:
    return Path(axe_playwright_python.__path__[0], "axe.min.js").read_text(encoding="utf-8")


def axe(page: Any, options: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the violations reported by axe: each rule with its elements."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_source())
    violations: list[dict[str, Any]] = page.evaluate(RUN, options)
    return violations


def tell(violations: list[dict[str, Any]]) -> list[str]:
    return [
        f"axe {rule['id']}: {node['at']}  {node['html']}"
        for rule in violations
        for node in rule["nodes"][:4]
    ]


def invalid_html(html: str, language: str, *, is_ours: bool = True) -> list[str]:
    """Return the errors in a page's markup."""
    try:
        root = html5lib.HTMLParser(strict=True).parse(html)
    except ParseError as error:
        return [f"HTML: {error or type(error).__name__}"]
    elements = [node for node in root.iter() if isinstance(node.tag, str)]
    ids = Counter(node.get("id") for node in elements if node.get("id") is not None)
    faults = [f"HTML: id {name!r} stands {count} times" for name, count in ids.items() if count > 1]
    for node in elements:
        for name in POINTERS:
            faults += [
                f"HTML: {_tag(node)} {name} points to no {target!r}"
                for target in (node.get(name) or "").split()
                if target not in ids
            ]
        target = node.get("href", "") if _tag(node) == "a" else ""
        if len(target) > 1 and target.startswith("#") and target[1:] not in ids:
            faults.append(f"HTML: a link leads to no {target}")
    faults += _wrongly_nested(root, ())
    if is_ours:
        faults += _project_rules(root, elements, language)
    return faults


def _tag(node: Any) -> str:
    return str(node.tag).removeprefix(HTML_SPACE) if isinstance(node.tag, str) else ""


def _wrongly_nested(node: Any, above: tuple[str, ...]) -> list[str]:
    faults = []
    for child in node:
        tag = _tag(child)
        if not tag:
            continue
        parent = next((name for name in reversed(above) if name not in ("a", "ins", "del")), "")
        if tag in BLOCKS and parent in PHRASES_ONLY:
            faults.append(f"HTML: <{tag}> inside <{parent}>")
        if tag in ("a", "button") and {"a", "button"} & set(above):
            faults.append(f"HTML: <{tag}> inside a link or button")
        if tag in ("input", "select", "textarea") and {"a", "button"} & set(above):
            faults.append(f"HTML: <{tag}> inside a link or button")
        if tag == "li" and parent not in ("ul", "ol", "menu"):
            faults.append(f"HTML: <li> inside <{parent}>")
        if parent in ("ul", "ol") and tag not in ("li", "script", "template"):
            faults.append(f"HTML: <{tag}> inside <{parent}>")
        if tag in ("dt", "dd") and parent not in ("dl", "div"):
            faults.append(f"HTML: <{tag}> inside <{parent}>")
        if tag not in ("svg", "math"):
            faults += _wrongly_nested(child, (*above, tag))
    return faults


def _project_rules(root: Any, elements: list[Any], language: str) -> list[str]:
    faults = []
    if root.get("lang") != language:
        faults.append(f"the page says lang={root.get('lang')!r}, the reader wants {language!r}")
    if sum(_tag(node) == "h1" for node in elements) != 1:
        faults.append("not exactly one h1")
    for node in elements:
        inline = [name for name in node.attrib if name == "style" or name.startswith("on")]
        if inline or (
            _tag(node) == "script" and not node.get("src") and node.get("type") in (None, "module")
        ):
            faults.append(f"inline style or script in <{_tag(node)}> {inline}")
    return faults


class Witness:
    """Records the console, the requests and the bytes of one browser page."""

    def __init__(self, page: Any, host: str) -> None:
        self.page, self.host = page, host
        self.heard: list[str] = []
        self.requests: list[Any] = []
        self.weights: dict[str, tuple[str, int]] = {}
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.heard.append(f"script error: {error}"))
        page.on("request", self._request)
        page.on("response", self._response)

    def _request(self, request: Any) -> None:
        self.requests.append(request)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(
            text in message.text for text in EXPECTED
        ):
            self.heard.append(f"console {message.type}: {message.text[:300]}")

    def _response(self, response: Any) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.heard.append(f"{response.status} for {urlsplit(response.url).path}")

    def report(self) -> list[str]:
        """Return the problems recorded since the last report."""
        faults = list(self.heard)
        for request in self.requests:
            parts = urlsplit(request.url)
            if parts.scheme in ("http", "https") and parts.netloc != self.host:
                faults.append(f"a request to another host: {request.url[:120]}")
        self.heard.clear()
        return faults

    def weigh(self) -> dict[str, int]:
        """Return the transferred bytes of the page by type; cached files count again."""
        total: Counter[str] = Counter()
        for request in self.requests:
            if not request.url.startswith("http"):
                continue
            if request.url not in self.weights:
                answer = request.response()
                if answer is None:
                    continue
                sizes = request.sizes()
                size = sizes["responseBodySize"] + sizes["responseHeadersSize"]
                if request.resource_type == "document":
                    total["document"] += size
                    continue
                self.weights[request.url] = (request.resource_type, size)
            kind, size = self.weights[request.url]
            total[kind] += size
        return dict(total)

    def forget(self) -> None:
        self.requests.clear()
        self.heard.clear()
