"""Hostile input for every address, form field and JSON field.

Nothing here lists addresses or fields: they come from the URL configuration, the forms of the
rendered pages, the form and serializer classes, the parameter names in the sources and the API
schema. So a new field is part of the next run.
"""

import ast
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from math import inf
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit
from zlib import crc32

from django import forms
from django.db import transaction
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers

from tests.architecture.sources import dotted, sources

Thing = TypeVar("Thing")
DEEP = "[" * 100_000
# Of a security key, in form only.
KEY_ANSWER = json.dumps(
    {
        "id": "YQ",
        "rawId": "YQ",
        "type": "public-key",
        "clientExtensionResults": {},
        "response": dict.fromkeys(
            ("clientDataJSON", "attestationObject", "authenticatorData", "signature"), "YQ"
        ),
    }
)
TEXTS = (
    "",
    "\x00",
    "a\x00b",
    "9999-12-31",
    "0001-01-01",
    "10000-01-01",
    "2026-02-30",
    "2099-12-31",
    "9" * 30,
    "-" + "9" * 30,
    "9" * 5_000,
    "9223372036854775807",
    "2147483648",
    "-1",
    "0",
    "1e999999",
    "NaN",
    "Infinity",
    "25.61",
    "\u202a\u202e\u2066\u200b",
    "Jose\u0301 \u2018Aisyah",
    "٣٤",
    "²",
    "'; -- %s %(x)s {0} <b>",
    "https://jahat.example/",
    DEEP,
    '{"a": "\\ud800", "b": "\\u0000", "c": 1e999}',
    KEY_ANSWER,
    "a" * 20_000,
    "😀" * 200,
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1.5,
    10**30,
    -(10**30),
    1e308,
    [],
    {},
    [[]],
    [None],
    [{}],
    [10**30],
    list(range(2_000)),
    {"$ne": 1},
    "\ud800",
    *(text for text in TEXTS if text is not DEEP),
)
SEGMENTS = (
    "%00",
    "0",
    "9" * 18,
    "9" * 30,
    "9" * 5_000,
    "9999-12-31",
    "0001-01-01",
    "2026-02-30",
    "%ED%A0%80",
    "%FF%FE",
    "a" * 3_000,
    "..%2f..%2f",
    "%E2%80%AE",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
)
FORM_TYPE = "application/x-www-form-urlencoded"
# Content type and body.
BODIES = (
    (f"{FORM_TYPE}; charset=utf-16", "a=1".encode("utf-16")),
    (f"{FORM_TYPE}; charset=base64", b"a=1"),
    (f"{FORM_TYPE}; charset=tidak-ada", b"a=1"),
    (FORM_TYPE, b"\xff\xfe=\x00&%ED%A0%80=%00&a=%FF"),
    (FORM_TYPE, b"&".join(b"a%d=1" % number for number in range(3_000))),
    (FORM_TYPE, b"a=" + b"x" * 1_200_000),
    ("multipart/form-data", b"--x"),
    ("multipart/form-data; boundary=x; charset=utf-16", b"--x\r\n\r\n--x--"),
    ("multipart/form-data; boundary=" + "x" * 300, b"--x"),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a\x00"\r\n\r\n\x00\r\n--x--\r\n',
    ),
    ("application/json; charset=utf-16", "{}".encode("utf-16")),
    ("application/json", DEEP.encode()),
    ("application/json", b'{"a":' * 100_000),
    ("application/json", b"9" * 5_000),
    ("application/json", b"\xff\xfe"),
    ("application/json", b'"\\ud800\\u0000"'),
    ("application/json", b"[1, NaN, -Infinity, 1e999]"),
    ("application/json", b""),
    ("text/plain", b"\x00" * 100),
    ("", b"{}"),
)
HEADERS = (
    {"HTTP_COOKIE": 'sessionid="\\000\\000\\000\\000\\000\\000\\000\\000\\000"; messages="\\000"'},
    {"HTTP_COOKIE": 'django_language="\\000"; theme="\\000"; csrftoken="\\000"'},
    {"HTTP_AUTHORIZATION": "Token \xff\xfe"},
    {"HTTP_AUTHORIZATION": "Token " + "a" * 20_000},
    {"HTTP_AUTHORIZATION": "Token a\x00b"},
    {"HTTP_IDEMPOTENCY_KEY": "\xff" * 300},
    {"HTTP_ACCEPT": "\x01;q=x,*/*;q=9e999", "HTTP_ACCEPT_LANGUAGE": "x-" * 4_000},
    {"HTTP_USER_AGENT": "\xff" * 2_000, "HTTP_REFERER": "http://[::1"},
    {"HTTP_X_FORWARDED_FOR": "a, \x01", "HTTP_X_WAITING_ROOM": "\xff:9:9"},
    {"HTTP_IF_NONE_MATCH": 'W/"\xff', "HTTP_IF_MODIFIED_SINCE": "Thu, 99 Foo 99999"},
    {"CONTENT_LENGTH": "9" * 30},
    {"CONTENT_LENGTH": "-5"},
)
# Names that Django's admin lists read, with the look-ups of each model's dates.
LOOKUPS = (
    "__year",
    "__month",
    "__day",
    "__gte",
    "__lt",
    "__date",
    "__week",
    "__in",
    "__isnull",
    "",
)

DATE_LOOKUPS: tuple[dict[str, str], ...] = (
    {"year": "9999"},
    {"year": "0"},
    {"year": "2026", "month": "99"},
    {"year": "2026", "month": "2", "day": "31"},
    {"gte": "9999-12-31", "lt": "0001-01-01"},
)
ACTIONS = (
    {"action": "delete_selected", "_selected_action": "abc"},
    {"action": "send_again", "_selected_action": "9" * 30, "index": "x"},
    {"action": "\u202e", "select_across": "9"},
)


@cache
def known_names() -> tuple[str, ...]:
    """Return every name of a field that a form class declares or that the sources read from a request."""
    names = set()
    for kind in subclasses_of(forms.Form) | subclasses_of(forms.ModelForm):
        names |= set(kind.base_fields)
    for serializer in subclasses_of(serializers.Serializer):
        names |= set(serializer._declared_fields)
    for source in sources():
        names |= set(_names_read(source.tree))
    return tuple(sorted(names))


def subclasses_of(kind: type) -> set[Any]:
    below: set[Any] = set(kind.__subclasses__())
    return below.union(*(subclasses_of(inner) for inner in below))


def _names_read(tree: ast.Module) -> Iterator[str]:
    """Yield "day" for `request.GET.get("day")`, `params["day"]` and `"day" in request.POST`."""
    places = re.compile(r"(^|\.)(GET|POST|query_params|params|query|sent|data|FILES)$")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            key = node.args[0] if places.search(dotted(node.func.value)) else None
        elif isinstance(node, ast.Call) and len(node.args) > 1:
            key = node.args[1] if dotted(node.func).endswith("posted_text") else None
        elif isinstance(node, ast.Subscript):
            key = node.slice if places.search(dotted(node.value)) else None
        elif isinstance(node, ast.Compare):
            key = node.left if places.search(dotted(node.comparators[0])) else None
        else:
            key = None
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value


@dataclass
class PageForm:
    """A form of a rendered page: where it goes and what it would send."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)  # also of boxes that are not ticked


class FormReader(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.forms: list[PageForm] = []
        self.select: str | None = None
        self.text_area: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urlsplit(values.get("action") or self.path)
            method = values.get("method", "get").upper()
            self.forms.append(PageForm(action.path or urlsplit(self.path).path, method))
        elif self.forms and tag in {"input", "select", "textarea", "button"}:
            self._add(tag, values)
        elif self.forms and tag == "option" and self.select and "selected" in values:
            self.forms[-1].values[self.select] = [values.get("value", "")]

    def handle_data(self, data: str) -> None:
        if self.text_area is not None:
            self.text_area.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            if self.text_area is not None:
                self.text_area[:] = ["".join(self.text_area).removeprefix("\n")]
            self.text_area = None

    def _add(self, tag: str, values: dict[str, str]) -> None:
        name = values.get("name", "")
        if not name:
            return
        form = self.forms[-1]
        form.names.add(name)
        self.select = name if tag == "select" else None
        kind = values.get("type", "")
        is_sent = tag != "button" and kind not in {"submit", "image"}
        if kind in {"radio", "checkbox"} and "checked" not in values:
            is_sent = False
        if tag == "textarea":
            self.text_area = form.values[name] = []
        elif is_sent:
            form.values.setdefault(name, []).append(values.get("value", ""))


@dataclass
class Run:
    """Sends requests, undoes what they change, and keeps the server errors.

    A full run sends all values to each address until its share of `seconds` is over, then a few values.
    """

    is_full: bool
    seconds: float = 600.0
    began: float = field(default_factory=monotonic)
    until: float = inf  # of the present address's share
    shortened: int = 0  # addresses whose share was too short
    addresses: set[str] = field(default_factory=set)
    fields: set[tuple[str, str]] = field(default_factory=set)
    requests: int = 0
    faults: dict[str, str] = field(default_factory=dict)

    def send(self, client: Client, method: str, path: str, what: str = "", **options: Any) -> Any:
        """Send a request in a transaction that is rolled back; return the response."""
        self.requests += 1
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        response = None
        with transaction.atomic():
            try:
                response = client.generic(method, path, **options)
                if getattr(response, "streaming", False):
                    b"".join(response)
            finally:
                transaction.set_rollback(True)
        client.cookies.clear()
        client.cookies.load(cookies)
        if response.status_code >= 500 and not _is_answer(path, response.status_code):
            self._note(client, method, path, what, response)
        return response

    def _note(self, client: Client, method: str, path: str, what: str, response: Any) -> None:
        info = getattr(response, "exc_info", None)
        error = f"{info[0].__name__}: {str(info[1])[:160]}" if info else ""
        where = _own_frame(info[2]) if info else ""
        key = f"{where} {error[:60]}"
        self.faults.setdefault(key, f"{method} {path[:120]} {what[:120]}: {error} at {where}")

    def each(self, things: Sequence[Thing]) -> Iterator[Thing]:
        """Yield things, each with an equal share of the time that is left."""
        for number, thing in enumerate(things):
            now = monotonic()
            left = max(0.0, self.began + self.seconds - now)
            self.until = now + left / (len(things) - number)
            yield thing
            self.shortened += self.is_full and not self.has_time
        self.until = inf

    @property
    def has_time(self) -> bool:
        return monotonic() < self.until

    def some(
        self, values: tuple[Any, ...], key: str, few: int, many: int | None = None
    ) -> list[Any]:
        """Return a few of the values, others for each key; in the full run all, or as many as given."""
        wanted = (many or len(values)) if self.is_full and self.has_time else few
        if wanted < 1:
            return []
        if len(values) <= wanted:
            return list(values)
        start = crc32(key.encode())
        step = max(len(values) // wanted, 1)
        return [values[(start + number * step) % len(values)] for number in range(wanted)]

    def report(self) -> str:
        return (
            f"{len(self.addresses)} addresses, {len(self.fields)} fields,"
            f" {self.requests} requests in {monotonic() - self.began:.0f} s,"
            f" {len(self.faults)} server errors"
            + (f", {self.shortened} addresses without all values" if self.shortened else "")
        )


def _is_answer(path: str, status: int) -> bool:
    """True for the examples of error pages, and for /readyz a minute after the last heartbeat."""
    return path.startswith("/styleguide/errors/") or (path == "/readyz" and status == 503)


def _own_frame(traceback: Any) -> str:
    """Return the last two places of the traceback: the line that failed and our line that led to it."""
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/work/', 1)[-1]}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    ours = [
        frame for frame in frames if "site-packages" not in frame and "/lib/python" not in frame
    ]
    return " <- ".join(dict.fromkeys([frames[-1].rsplit("site-packages/")[-1], *ours[-1:]]))


def fuzz_path(run: Run, client: Client, path: str, values: dict[str, Any], method: str) -> None:
    """Replace each parameter of an address by hostile ones."""
    plain = path.partition("?")[0]
    for name, value in values.items():
        run.fields.add((plain, f"<{name}>"))
        text = f"/{quote(str(value))}"
        for hostile in run.some(SEGMENTS, plain + name, 1):
            run.send(client, method, plain.replace(text, f"/{hostile}", 1), f"<{name}>")


def fuzz_query(run: Run, client: Client, path: str) -> None:
    """Send each hostile text in all known parameters at once, and in a few of them at a time."""
    plain = path.partition("?")[0]
    run.addresses.add(plain)
    short = tuple(text for text in TEXTS if len(text) < 6_000)
    chunks = (known_names(), *_chunks(known_names(), 12))
    for text in run.some(short, plain, 1, 8):
        for names in run.some(chunks, plain + text, 1, 2):
            query = urlencode(dict.fromkeys(names, text[:500]))
            run.send(client, "GET", plain, f"{names[:12]}={text[:40]!r}", QUERY_STRING=query)


def _chunks(names: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]


def fuzz_form(run: Run, client: Client, form: PageForm, *, is_each: bool = True) -> None:
    """Send a page's form with one hostile field after the other, then with all of them.

    If not `is_each`, the short run sends only all fields at once.
    """
    run.addresses.add(form.action)
    for name in sorted(form.names - {"csrfmiddlewaretoken"}):
        run.fields.add((form.action, name))
        few, many = (1, None) if is_each else (0, 4)
        for text in run.some(TEXTS, form.action + name, few, many):
            submit(run, client, form, {**form.values, name: [text]}, name, text)
    for text in run.some(TEXTS, form.action, 1, 8):
        values = {name: [text[:2_000]] for name in [*form.names, *known_names()]}
        submit(run, client, form, values, "all", text)


def submit(
    run: Run, client: Client, form: PageForm, values: dict[str, list[str]], name: str, text: str
) -> None:
    body = urlencode(values, doseq=True)
    what = f"{name}={text[:40]!r}"
    if form.method == "POST":
        run.send(client, "POST", form.action, what, data=body, content_type=FORM_TYPE)
    else:
        run.send(client, "GET", form.action, what, QUERY_STRING=body)


def forms_of(run: Run, client: Client, path: str) -> list[PageForm]:
    """Return the forms of a page, without the ones of the site's frame on every page."""
    response = run.send(client, "GET", path)
    if response.status_code != 200 or "html" not in response.get("Content-Type", ""):
        return []
    reader = FormReader(path)
    reader.feed(response.content.decode())
    return reader.forms


def fuzz_bodies(run: Run, client: Client, path: str) -> None:
    """Send malformed bodies and headers, and each hostile text in all known fields."""
    run.addresses.add(path)
    sent: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", f"body {kind}", {"data": body, "content_type": kind}) for kind, body in BODIES
    ]
    sent += [("GET", f"{headers}"[:80], dict(headers)) for headers in HEADERS]
    for text in TEXTS:
        body = urlencode(dict.fromkeys(known_names(), text[:2_000]))
        sent.append(("POST", f"all={text[:40]!r}", {"data": body, "content_type": FORM_TYPE}))
    for method, what, options in run.some(tuple(sent), path, 1):
        run.send(client, method, path, what, **options)


# --- API -----------------------------------------------------------------------------------------
@cache
def schema() -> dict[str, Any]:
    generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return generated


def operations_at(path: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the operations of the API schema at an address."""
    for template, operations in schema()["paths"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path):
            return list(operations.items())
    return []


def body_fields(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an operation's body with a plausible value for each."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return _fields(content.get("schema", {}))


def _fields(part: dict[str, Any]) -> dict[str, Any]:
    resolved = _resolved(part)
    return {name: _plausible(inner) for name, inner in resolved.get("properties", {}).items()}


def _resolved(part: dict[str, Any]) -> dict[str, Any]:
    if "allOf" in part:
        return _resolved(part["allOf"][0])
    if "$ref" in part:
        name = part["$ref"].rsplit("/", 1)[-1]
        return _resolved(schema()["components"]["schemas"][name])
    return part


def _plausible(part: dict[str, Any]) -> Any:
    resolved = _resolved(part)
    if "enum" in resolved:
        return resolved["enum"][0]
    kind = resolved.get("type")
    if kind == "array":
        return [_plausible(resolved.get("items", {}))]
    if kind == "object":
        return _fields(resolved)
    plain = {"integer": 1, "number": 1.0, "boolean": True}
    if resolved.get("format") == "date":
        return "2026-12-04"
    return plain.get(str(kind), "new")


def fuzz_operation(
    run: Run, client: Client, path: str, method: str, operation: dict[str, Any], few: int
) -> None:
    """Send an API call with one hostile field after the other, and hostile query parameters."""
    run.addresses.add(path)
    base = body_fields(operation)
    for name in base:
        run.fields.add((f"{method} {path}", name))
        for value in run.some(VALUES, method + path + name, few):
            _call(run, client, method, path, {**base, name: value}, name)
            if isinstance(base[name], list):
                _call(run, client, method, path, {**base, name: [value]}, name)
        _call(run, client, method, path, {key: base[key] for key in base if key != name}, name)
    for value in run.some(VALUES, method + path, few):
        _call(run, client, method, path, dict.fromkeys(base, value), "all")
        _call(run, client, method, path, value, "body")
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "query":
            run.fields.add((f"{method} {path}", parameter["name"]))
            for text in run.some(TEXTS, path + parameter["name"], few):
                query = urlencode({parameter["name"]: text[:6_000]})
                run.send(client, method, path, query[:60], QUERY_STRING=query)


def _call(run: Run, client: Client, method: str, path: str, value: Any, name: str) -> None:
    body = json.dumps(value)
    run.send(
        client, method, path, f"{name} {body[:80]}", data=body, content_type="application/json"
    )


# --- Admin lists ---------------------------------------------------------------------------------
def fuzz_list(run: Run, client: Client, path: str, model: Any, few: int) -> None:
    """Send hostile look-ups to an admin list: of every column, and of the list's own parameters."""
    names = [column.name for column in model._meta.concrete_fields]
    own = ["q", "p", "o", "all", "e", "_facets", "_popup", "_to_field", "_changelist_filters"]
    names_sent = [*own, *(f"{name}{lookup}" for name in names for lookup in LOOKUPS)]
    short = tuple(text for text in TEXTS if len(text) < 6_000)
    for name in run.some(tuple(names_sent), path, few * 4, 40):
        run.fields.add((path, name))
        for text in run.some(short, path + name, 1, 2):
            run.send(
                client, "GET", path, f"{name}={text[:40]!r}", QUERY_STRING=urlencode({name: text})
            )
    dates = [column.name for column in model._meta.concrete_fields if _is_date(column)]
    for name in dates if run.is_full else dates[:1]:
        for query in run.some(DATE_LOOKUPS, path + name, 2):
            named = {f"{name}__{lookup}": value for lookup, value in query.items()}
            run.send(client, "GET", path, f"{named}", QUERY_STRING=urlencode(named))
    for action in run.some(ACTIONS, path, 1):
        body = urlencode(action)
        run.send(client, "POST", path, f"{action}", data=body, content_type=FORM_TYPE)


def _is_date(column: Any) -> bool:
    return column.get_internal_type() in {"DateField", "DateTimeField"}
