"""Test settings: the real servers of the test run, cheap passwords, no cache between runs."""

import os

from ops import logs
from passport_office.settings.base import *
from passport_office.settings.base import caches, database, env, mail

DEMO = True
WEBHOOKS_TO_LOOPBACK = True
INSTALLED_APPS = [*INSTALLED_APPS, "devtools", "benchmarks"]
SECRET_KEY = "tests-only-" + "x" * 50
PERSON_KEY = "tests-only-person-key"
BANK_NOTICE_SECRET = "tests-only-" + "b" * 32
FIELD_KEYS = ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
RATE_LIMIT_LOOPBACK = False
# A slow test run takes longer than the five minutes after which allauth asks for the password again.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 3600
# `TEST_CLOCK=<moment> make test` moves the clock of the tests and of the processes that they start (tests/servers.py).
DEMO_CLOCK_OFFSET = env.float("TEST_CLOCK_OFFSET", default=0.0)

_nowhere = "127.0.0.1:1"
DATABASES = {
    "default": database(env.str("TEST_DATABASE_URL", default=f"postgres://{_nowhere}/none"))
}
# Parallel test processes share one Redis server, each with its own database number.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
REDIS_URL = (
    env.str("TEST_REDIS_URL", default=f"redis://{_nowhere}/0").rpartition("/")[0] + f"/{_worker}"
)
CACHES = caches(REDIS_URL)
CELERY_BROKER_URL = REDIS_URL
locals().update(mail(env.str("TEST_EMAIL_URL", default=f"smtp://{_nowhere}")))
MAILBOX_DIR = BASE_DIR / ".cache" / "mailbox" / os.environ.get("PYTEST_XDIST_WORKER", "main")

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
# Look up static files on request: no scan of all files for each test client.
WHITENOISE_AUTOREFRESH = True
STATIC_ROOT = None  # type: ignore[assignment]

# Tests must read their own writes at once.
SHARED_READ_SECONDS = 0.0

LOGGING = logs.configure(as_json=False)
