"""nginx with our configuration in front of a small server: cache keys cannot be poisoned."""

import os
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.core.signing import Signer

from devtools.stack import places
from tests.architecture.sources import ROOT

OFFICE = "/offices/palembang/"


class Echo(BaseHTTPRequestHandler):
    """Returns its request, cacheable for a minute."""

    requests = 0

    def do_GET(self) -> None:
        Echo.requests += 1
        sent = [self.path, self.headers["Cookie"], self.headers["Accept-Language"]]
        body = " ".join(text or "-" for text in sent).encode()
        self.send_response(200)
        self.send_header("Cache-Control", "public, max-age=60")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_args: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the logs of nginx."""
    return tmp_path_factory.mktemp("proxy")


@pytest.fixture(scope="module")
def nginx(folder: Path) -> Iterator[str]:
    """Start nginx with deploy/nginx.conf, without TLS, in front of `Echo`; yield its address."""
    port, http = places.free_port(), places.free_port()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for old, new in {
        "web:8000": f"127.0.0.1:{server.server_port}",
        "listen 80 ": f"listen 127.0.0.1:{http} ",
        "listen 443 ssl ": f"listen 127.0.0.1:{port} ",
        "    http2 on;\n": "",
        "/var/cache/nginx": str(folder / "cache"),
        "/dev/stdout": str(folder / "access.log"),
        "/dev/stderr": str(folder / "error.log"),
    }.items():
        assert old in text
        text = text.replace(old, new)
    text = "\n".join(line for line in text.splitlines() if "ssl_" not in line)
    (folder / "cache").mkdir()
    configuration = folder / "nginx.conf"
    user = "user root;\n" if os.geteuid() == 0 else ""
    configuration.write_text(f"pid {folder}/nginx.pid;\n{user}{text}")
    process = subprocess.Popen(
        ["nginx", "-e", str(folder / "error.log"), "-c", str(configuration), "-g", "daemon off;"]
    )
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)
        server.shutdown()
        server.server_close()


def wait_for(port: int) -> None:
    for _turn in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("nginx did not start")


def send(address: str, **headers: str) -> tuple[int, dict[str, str]]:
    """POST an empty form; return status and headers."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address, data=b"", headers=names)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers)


def get(address: str, **headers: str) -> str:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with urllib.request.urlopen(urllib.request.Request(address, headers=names)) as answer:
        text: str = answer.read().decode()
        return text


def test_unknown_parameters_and_cookies_are_dropped(nginx: str) -> None:
    first = get(nginx + OFFICE)
    assert first == f"{OFFICE} theme=auto id"
    before = Echo.requests
    assert get(f"{nginx}{OFFICE}?x=1&utm=abc") == first
    assert get(nginx + OFFICE, Cookie="my__Host-session=1; a=messages=2") == first
    assert get(nginx + OFFICE, Accept_Language="id-ID,id;q=0.9,en;q=0.8") == first
    assert Echo.requests == before


@pytest.mark.parametrize(
    "query",
    [
        "service%5Ftype=evil",
        "service_type=new&service_type=evil",
        "SERVICE_TYPE=new&service_type=evil",
        "x=1;service_type=evil",
    ],
)
def test_cache_keys_cannot_be_poisoned(nginx: str, query: str) -> None:
    address = f"{nginx}/offices/{zlib.crc32(query.encode())}/"
    assert "evil" not in get(f"{address}?{query}")
    assert "evil" not in get(address)
    assert "evil" not in get(f"{address}?service_type=new")


@pytest.mark.parametrize(
    ("headers", "variant"),
    [
        ({"Cookie": 'theme="dark"'}, "theme=auto id"),
        ({"Cookie": "a=1; theme=dark"}, "theme=dark id"),
        ({"Cookie": "theme=darker"}, "theme=auto id"),
        ({"Accept_Language": "fr,en-GB;q=0.8,id;q=0.5"}, "theme=auto en"),
        ({"Accept_Language": "jv-ID,*"}, "theme=auto id"),
        ({"Accept_Language": "ms-MY,en;q=0.8"}, "theme=auto id"),
        ({"Cookie": "django_language=en", "Accept_Language": "id"}, "theme=auto en"),
    ],
)
def test_the_application_receives_theme_and_language_of_the_key(
    nginx: str, headers: dict[str, str], variant: str
) -> None:
    assert get(f"{nginx}/offices/", **headers) == f"/offices/ {variant}"


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "a=1; __Host-session=abc"},
        {"Cookie": "messages=abc"},
        {"Authorization": "Token abc"},
    ],
)
def test_personal_requests_pass_unchanged_and_uncached(nginx: str, headers: dict[str, str]) -> None:
    address = f"{nginx}/releases/?x={zlib.crc32(str(headers).encode())}"
    before = Echo.requests
    assert "?x=" in get(address, **headers)
    get(address, **headers)
    assert Echo.requests == before + 2
    assert "?x=" not in get(address)


def test_a_selection_of_slot_and_people_is_not_cached(nginx: str) -> None:
    address = f"{nginx}/offices/palembang/2026-12-04/?choose=1&who=1&who=2"
    before = Echo.requests
    assert {get(address) for _turn in range(2)} == {
        "/offices/palembang/2026-12-04/?choose=1&who=1&who=2 - -"
    }
    assert Echo.requests == before + 2


def test_non_public_requests_pass_unchanged(nginx: str) -> None:
    before = Echo.requests
    for _turn in range(2):
        assert get(f"{nginx}/bookings/?x=1", Cookie="a=1") == "/bookings/?x=1 a=1 -"
    assert Echo.requests == before + 2


def test_parameters_of_another_shape_are_dropped(nginx: str) -> None:
    """Otherwise every invented value would be a cache entry of its own."""
    address = f"{nginx}/offices/shape/"
    assert "?" not in get(f"{address}?from=2026-12-1&to=x&date=9&service_type=a%20b")
    assert "&from=2026-12-01" in get(f"{address}?from=2026-12-01")


def test_answers_of_the_application_keep_their_headers(nginx: str) -> None:
    with urllib.request.urlopen(nginx + "/bookings/") as answer:
        assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]
        assert "Content-Security-Policy" not in answer.headers


TOKEN = Signer(salt="tests").sign_object(["7", 12, 1_795_000_000])


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        (f"/offers/{TOKEN}/", "/offers/[key]/"),
        (f"/offers/{TOKEN}", "/offers/[key]"),
        (f"/offers/{TOKEN.replace(':', '%3A')}/?decline=1", "/offers/[key]/"),
        (f"/watch/{TOKEN}/confirm/", "/watch/[key]/confirm/"),
        (f"/akun/pengingat/{TOKEN}/", "/akun/pengingat/[key]/"),
        ("/akun/confirm-email/MTA:1xU:swz/", "/akun/confirm-email/[key]"),
        ("/akun/password/reset/key/3-c9x/", "/akun/password/reset/key/[key]"),
    ],
)
def test_the_log_holds_no_token_of_a_link(nginx: str, folder: Path, path: str, logged: str) -> None:
    get(nginx + path)
    secret = next(text for text in (TOKEN, TOKEN.replace(":", "%3A"), "swz", "c9x") if text in path)
    wait_for_line(folder / "access.log", f"GET {logged} 200")
    for name in ("access.log", "error.log"):
        assert secret not in (folder / name).read_text()


def test_other_addresses_are_logged_as_they_are(nginx: str, folder: Path) -> None:
    """Control: without the mask, the log has the address."""
    get(f"{nginx}/offers/0198c0de-0000-7000-8000-000000000007/")
    get(f"{nginx}/bookings/ACDEFGHJKM/")
    wait_for_line(folder / "access.log", "GET /offers/0198c0de-0000-7000-8000-000000000007/ 200")
    wait_for_line(folder / "access.log", "GET /bookings/ACDEFGHJKM/ 200")
    assert "[key]" not in (folder / "access.log").read_text().splitlines()[-1]


# --- Limits: last, because they leave the limits used up -----------------------------------------
@pytest.mark.parametrize(
    ("path", "same_limit", "most"),
    [
        ("/akun/login/", "/api/v1/auth/token/", 61),
        ("/watch/x/stop/", "/offices/palembang/watch/", 21),
        ("/book/1/", "/api/v1/bookings/", 201),
        ("/admin/", "/admin/x/", 201),
    ],
)
def test_repeated_requests_are_limited(nginx: str, path: str, same_limit: str, most: int) -> None:
    sent, at = 0, time.monotonic()
    while (answer := send(nginx + path))[0] != 429:
        sent += 1
        assert sent < 5000
    # The bucket also drains while this loop sends.
    assert most // 2 <= sent <= most + 50 * (time.monotonic() - at) + 5
    assert 429 in {send(nginx + same_limit)[0] for _turn in range(20)}
    assert answer[1]["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer[1]["X-Content-Type-Options"] == "nosniff"


def test_one_session_is_limited_sooner_than_an_address(nginx: str) -> None:
    time.sleep(3)
    cookie = "__Host-session=abcdefabcdefabcdefabcdefabcdef12"
    counts = [send(f"{nginx}/book/1/", Cookie=cookie)[0] for _turn in range(60)]
    assert counts.count(429) >= 20
    assert 15 <= counts.count(200) <= 40


def test_the_error_log_holds_no_token_of_a_link(nginx: str, folder: Path) -> None:
    """Many requests at once are refused, which nginx writes to its error log with the address."""
    with ThreadPoolExecutor(20) as pool:
        refused = sum(pool.map(lambda _turn: is_refused(f"{nginx}/offers/{TOKEN}/"), range(200)))
        # Control: the same for an address without a token is written.
        others = sum(pool.map(lambda _turn: is_refused(f"{nginx}/akun/login/"), range(200)))
    assert refused
    assert others
    text = (folder / "error.log").read_text()
    assert "/akun/login/" in text
    assert TOKEN not in text


def is_refused(address: str) -> bool:
    try:
        get(address)
    except urllib.error.HTTPError as error:
        return error.code == 429
    return False


def wait_for_line(log: Path, part: str) -> None:
    for _turn in range(100):
        if part in log.read_text():
            return
        time.sleep(0.05)
    raise AssertionError(f"not in the log: {part}")
