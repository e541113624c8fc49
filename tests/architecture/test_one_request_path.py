"""Every request goes through Django (docs/adr/0017); earlier code in front of it is removed."""

import ast
import re
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from devtools.stack.supervisor import web_command
from passport_office.wsgi import application
from tests.architecture.sources import ROOT, sources

pytestmark = pytest.mark.xdist_group("sources")  # one process parses the sources

OWN_MIDDLEWARE = [
    "ops.metrics.MeasureMiddleware",
    "core.caching.PrivateAnswersMiddleware",
    "core.requests.CookieMiddleware",
    "core.replica.ReplicaMiddleware",
    "core.languages.LanguageMiddleware",
    "core.tracing.TracingMiddleware",
    "accounts.rate_limits.ApiHeadersMiddleware",
    "core.requests.InputMiddleware",
    "core.drafts.FormDraftMiddleware",
    "accounts.middleware.StaffSecondFactorMiddleware",
    "accounts.middleware.MessageOriginMiddleware",
    "core.web.DomainErrorMiddleware",
]
REMOVED_MODULES = (
    "booking/services/alone.py",
    "booking/services/plainly.py",
    "booking/views/drawn.py",
    "core/templatetags/qr_codes.py",
    "passport_office/bench",
    "passport_office/cache.py",
    "passport_office/first_come.py",
    "passport_office/headers.py",
    "passport_office/late_comers.py",
    "passport_office/page_cache.py",
    "passport_office/postgresql",
    "passport_office/request_log.py",
    "passport_office/room_answers.py",
)
REMOVED_NAMES = (
    "FirstCome",
    "RoomAnswers",
    "PageCache",
    "IgnoringRedisCache",
    "RequestLogMiddleware",
    "PolicyMiddleware",
)
WORK_OF_LIBRARIES = (
    r"\bgzip\.(compress|GzipFile)\b",  # GZipMiddleware and the proxy
    r"\b_?mask_cipher_(secret|token)\b|\b_unmask\b",  # CSRF tokens: Django
    r"\b(select\.poll|is_usable)\b",  # whether a connection is alive: Django
)


def test_the_wsgi_module_contains_only_djangos_application() -> None:
    tree = ast.parse((ROOT / "passport_office/wsgi.py").read_text())
    statements = [ast.unparse(node) for node in tree.body[1:]]  # after the docstring
    assert statements == [
        "import os",
        "from django.core.wsgi import get_wsgi_application",
        "from django.utils.module_loading import import_string",
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'passport_office.settings.production')",
        "application = get_wsgi_application()",
        "application.request_class = import_string('core.requests.Request')",
    ]
    assert type(application) is WSGIHandler


def test_the_web_server_starts_the_wsgi_module() -> None:
    assert "passport_office.wsgi:application" in web_command(8000)
    assert settings.WSGI_APPLICATION == "passport_office.wsgi.application"


def test_our_own_middlewares() -> None:
    own = [name for name in settings.MIDDLEWARE if name.split(".")[0] in _own_packages()]
    assert own == OWN_MIDDLEWARE


def test_database_and_caches_use_library_backends() -> None:
    """Except rate limits, which count in PostgreSQL."""
    engines = [settings.DATABASES["default"]["ENGINE"]]
    engines += [cache["BACKEND"] for cache in settings.CACHES.values()]
    own = [name for name in engines if name.split(".")[0] in _own_packages()]
    assert own == ["accounts.limits.PostgresCache"]


def _own_packages() -> set[str]:
    return {source.package for source in sources()}


def test_modules_in_front_of_django_are_removed() -> None:
    assert [path for path in REMOVED_MODULES if (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    "pattern", [*(rf"\b{name}\b" for name in REMOVED_NAMES), *WORK_OF_LIBRARIES]
)
def test_code_replaced_by_libraries_is_removed(pattern: Any) -> None:
    paths = [source.path for source in sources() if re.search(pattern, source.text)]
    assert paths == []
