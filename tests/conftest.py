"""Fixtures for all tests: real databases, Redis, mail and a browser."""

import gc
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, connections
from django.test import Client, TransactionTestCase
from django.utils import translation
from django_redis import get_redis_connection
from pytest_django import DjangoDbBlocker, Settings

from core import clock
from devtools.mailbox import ReceivedMessage, read_messages
from devtools.stack import mail_sink, places
from tests import chromium, clients, databases, guards
from tests.stacks import Stack

# Nobody types an address, but each window would open two of Chromium's own pages for that.
WITHOUT_ADDRESS_BAR = (
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup"
)
LONGEST = ("tests/gates/", "tests/journeys/", "tests/ops/", "tests/devtools/stack/")
# Fixtures whose tests run where a program of Debian is installed.
PROGRAMS = {
    "espeak": "espeak-ng",
    "nginx": "nginx",
    "pgbouncer": "pgbouncer",
    "promtool": "promtool",
    "etcd": "etcd",
    "rsync": "rsync",
}
BROWSER_FIXTURES = {"browser", "new_page", "page"}
HOW_TO_GET_NGINX = (
    "No nginx here, so its tests were not collected. Get it with: apt-get install nginx-light"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run what `make test-long` runs")
    parser.addoption("--without-browser", action="store_true", help="leave out what needs Chromium")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot or should not run here; the closing lines say so. The longest come first.

    Otherwise one worker would still be at them when the others have nothing left to do.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
    if not config.getoption("--slow"):
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
    if os.environ.get("PYTEST_XDIST_WORKER"):
        items[:] = [item for item in items if not item.get_closest_marker("cluster")]
    if chromium.find_chromium() is None or config.getoption("--without-browser"):
        items[:] = [item for item in items if not _needs_browser(item)]
    missing = {name for name, program in PROGRAMS.items() if shutil.which(program) is None}
    if not _has_history():
        missing.add("previous_release")
    items[:] = [item for item in items if not missing & set(getattr(item, "fixturenames", ()))]


def pytest_collection_finish() -> None:
    """Let the garbage collector skip what start-up and collection created (a fifth of the processor time)."""
    gc.collect()
    gc.freeze()


def _has_history() -> bool:
    """True if this checkout has the commits before the present one, from which the previous release is read."""
    if shutil.which("git") is None:
        return False
    done = subprocess.run(
        ["git", "rev-parse", "--is-shallow-repository"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() == "false"


def _needs_browser(item: pytest.Item) -> bool:
    return bool(BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if chromium.find_chromium() is None:
        terminalreporter.write_line(chromium.HOW_TO_GET)
    if shutil.which("nginx") is None:
        terminalreporter.write_line(HOW_TO_GET_NGINX)


# --- Database -----------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def template_database(django_db_blocker: DjangoDbBlocker) -> str:
    with django_db_blocker.unblock():
        return databases.ready_template()


@pytest.fixture(scope="session")
def django_db_setup(
    template_database: str, django_db_blocker: DjangoDbBlocker
) -> Generator[None, None, None]:
    """Use a clone of the migrated template for this process; cloning is much faster than migrating."""
    name = databases.own_name()
    with django_db_blocker.unblock():
        databases.clone(name, template=template_database)
        databases.point_to(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: databases.empty())
        yield
    with django_db_blocker.unblock():
        connections.close_all()
        databases.drop(name)


@pytest.fixture
def throwaway_database(transactional_db: None, template_database: str) -> Iterator[str]:
    """A database for this test alone, which it may break."""
    with databases.throwaway_database("throwaway", template=template_database) as name:
        yield name


@pytest.fixture
def unguarded_database(throwaway_database: str) -> Iterator[str]:
    """A database without constraints and triggers, used without lock clauses."""
    with guards.unguarded():
        yield throwaway_database


@pytest.fixture
def kept_connection(db: None) -> Iterator[None]:
    """The WSGI application, unlike the test client, closes the connection of the test's transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


RunTogether = Callable[[Iterable[Callable[[], Any]]], list[Any]]


@pytest.fixture
def run_together(transactional_db: None) -> RunTogether:
    """Run calls at the same moment, each in a thread with a connection of its own.

    Returns each call's result, or the exception it raised, in the order given.
    """

    def run(calls: Iterable[Callable[[], Any]]) -> list[Any]:
        todo = list(calls)
        outcomes: list[Any] = [None] * len(todo)
        barrier = threading.Barrier(len(todo))

        def work(number: int, call: Callable[[], Any]) -> None:
            try:
                connection.ensure_connection()
                with guards.racing():
                    barrier.wait(timeout=30)
                    outcomes[number] = call()
            except BaseException as error:  # noqa: BLE001 - the outcome is what the test looks at
                outcomes[number] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work, args=pair) for pair in enumerate(todo)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        return outcomes

    return run


# --- Redis, clock, mail -------------------------------------------------------------------------
@pytest.fixture(scope="session", autouse=True)
def _refused_forms_are_followed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "post", clients.post_as_browser)
        yield


@pytest.fixture(autouse=True)
def source_language() -> None:
    """A request in English leaves the thread in English; each test starts in the source language."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _fresh_redis(request: pytest.FixtureRequest) -> None:
    """Start each database test with empty caches for this process."""
    caches["pages"].clear()
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        get_redis_connection("redis").flushdb()


@pytest.fixture(autouse=True)
def _clock_of_the_run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start each test at TEST_CLOCK, so that a failure can be repeated by running one test."""
    moment = os.environ.get("TEST_CLOCK")
    if moment:
        settings.DEMO_CLOCK_OFFSET = clock.offset_to(datetime.fromisoformat(moment))
        monkeypatch.setenv("TEST_CLOCK_OFFSET", str(settings.DEMO_CLOCK_OFFSET))


@pytest.fixture
def set_clock(settings: Settings) -> Callable[[datetime], None]:
    """Move the clock: set_clock(moment) makes core.clock.now() start from that moment."""

    def move(moment: datetime) -> None:
        settings.DEMO_CLOCK_OFFSET = clock.offset_to(moment)

    return move


@pytest.fixture(scope="session")
def _mail_sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    folder = tmp_path_factory.mktemp("mailbox")
    port = places.free_port()
    controller = mail_sink.start(folder, port=port)
    yield folder, port
    controller.stop()


class Mailbox:
    """What the SMTP server of the run received since the test began."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    @property
    def emails(self) -> list[ReceivedMessage]:
        """Return the e-mails, oldest first."""
        return read_messages()[::-1]

    @property
    def raw(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.folder.glob("*.eml"))]


@pytest.fixture
def mailbox(_mail_sink: tuple[Path, int], settings: Settings) -> Mailbox:
    """A real SMTP server; mail goes through it instead of Django's test outbox."""
    folder, port = _mail_sink
    for path in folder.glob("*.eml"):
        path.unlink()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    settings.MAILBOX_DIR = folder
    return Mailbox(folder, port)


@pytest.fixture(scope="session")
def stored_world(
    template_database: str,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    _mail_sink: tuple[Path, int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """The world of the gates (tests/gates/stored.py)."""
    from tests.gates.stored import ready_world

    folder = tmp_path_factory.getbasetemp()
    if databases.worker() != "main":
        folder = folder.parent  # the folder of all processes of the run
    with django_db_blocker.unblock():
        return ready_world(template=template_database, mailbox=Mailbox(*_mail_sink), folder=folder)


# --- A running office ---------------------------------------------------------------------------
@pytest.fixture(scope="session")
def office_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`make run` in its own data folder, not started yet.

    The first start takes longest: share it. Tests that use it have the mark `xdist_group("stack")`, and each
    starts it with a later clock than the one before.
    """
    made = Stack(tmp_path_factory.mktemp("office") / "data with space")
    yield made
    made.remove()


# --- Browser ------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for the whole run."""
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread; the ORM is still used synchronously.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(
            executable_path=chromium.find_chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", WITHOUT_ADDRESS_BAR],
        )
        yield program
        program.close()


@pytest.fixture
def new_page(browser: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """Open pages: new_page(java_script_enabled=False, locale="en", color_scheme="dark", viewport=…).

    Each page is another visitor (separate cookies) of the live server.
    """
    contexts = []

    def make(**options: Any) -> Any:
        options.setdefault("viewport", {"width": 360, "height": 740})
        options.setdefault("locale", "id-ID")
        context = browser.new_context(base_url=live_server.url, **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def desk_of(new_page: Callable[..., Any], live_server: Any) -> Callable[..., Any]:
    """Open a browser on the screen of a desk for a signed-in officer."""

    def make(user: Any, **options: Any) -> Any:
        client = Client()
        client.force_login(user)
        page = new_page(**{"viewport": {"width": 1280, "height": 800}, **options})
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
        )
        return page

    return make


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    return new_page()
