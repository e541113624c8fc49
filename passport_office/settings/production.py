"""Production: every secret and address comes from the environment or from a file, or the start fails."""

import sys
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from ops import logs
from passport_office.settings.base import *
from passport_office.settings.base import (
    BASE_DIR,
    TRUSTED_PROXIES,
    broker,
    caches,
    databases,
    env,
    mail,
)

NEEDED = (
    "SECRET_KEY",
    "PERSON_KEY",
    "FIELD_KEYS",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "ALLOWED_HOSTS",
    "PUBLIC_URL",
)
SHORTEST = {"SECRET_KEY": 50, "PERSON_KEY": 32}
MOST_PROXIES = 5


def _refuse(sentence: str) -> None:
    sys.exit(f"The passport office does not start: {sentence}")


def _value(name: str) -> str:
    return str(env.str(name, default="")).strip()


def _values(name: str) -> list[str]:
    return [value.strip() for value in _value(name).split(",") if value.strip()]


def _check_environment() -> None:
    values = {name: _value(name) for name in NEEDED}
    missing = [name for name, value in values.items() if not value]
    if missing:
        _refuse(f"set {', '.join(missing)} (docs/operations.md explains each setting).")
    for name, length in SHORTEST.items():
        if len(values[name]) < length:
            _refuse(f"{name} must have at least {length} characters.")
    if 0 < len(_value("BANK_NOTICE_SECRET")) < SHORTEST["PERSON_KEY"]:
        _refuse(f"BANK_NOTICE_SECRET must have at least {SHORTEST['PERSON_KEY']} characters.")
    if any(len(key) < SHORTEST["SECRET_KEY"] for key in _values("SECRET_KEY_FALLBACKS")):
        _refuse(
            f"each of SECRET_KEY_FALLBACKS must have at least {SHORTEST['SECRET_KEY']} characters."
        )
    try:
        for key in values["FIELD_KEYS"].split(","):
            Fernet(key.strip())
    except ValueError:
        _refuse("FIELD_KEYS must be Fernet keys, separated by commas, the newest first.")
    if _value("MESSAGE_GATEWAY_URL"):
        _check_gateway(_value("MESSAGE_GATEWAY_URL"), _value("MESSAGE_GATEWAY_KEY"))
    if _value("DEMO_CLOCK") or _value("DEMO_CLOCK_OFFSET"):
        _refuse("DEMO_CLOCK moves the clock and is for the demo only. Unset it.")
    _check_addresses(values["ALLOWED_HOSTS"], values["PUBLIC_URL"])


def _check_gateway(url: str, key: str) -> None:
    if urlsplit(url).scheme != "https":
        _refuse("MESSAGE_GATEWAY_URL must be an https address.")
    if len(key) < SHORTEST["PERSON_KEY"]:
        least = SHORTEST["PERSON_KEY"]
        _refuse(f"MESSAGE_GATEWAY_KEY must have at least {least} characters.")


def _check_addresses(hosts: str, public_url: str) -> None:
    names = [name.strip() for name in hosts.split(",")]
    if any("*" in name or not name.strip(".") for name in names):
        _refuse("ALLOWED_HOSTS must name the host names of the site, without *.")
    url = urlsplit(public_url)
    if url.scheme != "https" or not url.hostname or url.path.strip("/") or url.query:
        _refuse("PUBLIC_URL must be the https address of the site without a path.")
    if not 0 <= TRUSTED_PROXIES <= MOST_PROXIES:
        _refuse(f"TRUSTED_PROXIES must be the number of proxies, from 0 to {MOST_PROXIES}.")


_check_environment()

SECRET_KEY = _value("SECRET_KEY")
SECRET_KEY_FALLBACKS = _values("SECRET_KEY_FALLBACKS")
PERSON_KEY = _value("PERSON_KEY")
PERSON_KEY_OLD = _value("PERSON_KEY_OLD")
FIELD_KEYS = _values("FIELD_KEYS")
BANK_NOTICE_SECRET = _value("BANK_NOTICE_SECRET")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
PUBLIC_URL = _value("PUBLIC_URL")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[]) or [PUBLIC_URL]

DATABASES = databases(_value("DATABASE_URL"))
REDIS_URL = _value("REDIS_URL")
QUEUE_URL = _value("QUEUE_URL") or REDIS_URL
CACHES = caches(REDIS_URL, QUEUE_URL)
locals().update(broker(QUEUE_URL))
locals().update(mail(_value("EMAIL_URL")))

SECURE_SSL_REDIRECT = True
# Probes from inside the network use no TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_SECURE = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
STAFF_NEEDS_SECOND_FACTOR = True

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_ROOT = BASE_DIR / "staticfiles"

LOGGING = logs.configure(as_json=True, level=env.str("LOG_LEVEL", default="INFO"))
LOGGING_CONFIG = "logging.config.dictConfig"

if env.str("SENTRY_DSN", default=""):
    import sentry_sdk

    sentry_sdk.init(
        dsn=env.str("SENTRY_DSN"),
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=logs.mask_sentry,  # type: ignore[arg-type]
    )
