"""Production: every secret and address comes from the environment, or the start fails."""

import os
import sys

from cryptography.fernet import Fernet

from ops import logs
from passport_office.settings.base import *
from passport_office.settings.base import BASE_DIR, TRUSTED_PROXIES, caches, database, env, mail

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


def _refuse(sentence: str) -> None:
    sys.exit(f"The passport office does not start: {sentence}")


def _check_environment() -> None:
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        _refuse(f"set {', '.join(missing)} (docs/operations.md tells what each is).")
    for name, length in SHORTEST.items():
        if len(os.environ[name]) < length:
            _refuse(f"{name} must have at least {length} characters.")
    fallbacks = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]
    if any(len(key) < SHORTEST["SECRET_KEY"] for key in fallbacks):
        _refuse(
            f"each of SECRET_KEY_FALLBACKS must have at least {SHORTEST['SECRET_KEY']} characters."
        )
    try:
        for key in os.environ["FIELD_KEYS"].split(","):
            Fernet(key.strip())
    except ValueError:
        _refuse("FIELD_KEYS must be Fernet keys, separated by commas, the newest first.")
    if os.environ.get("DEMO_CLOCK") or os.environ.get("DEMO_CLOCK_OFFSET"):
        _refuse("DEMO_CLOCK moves the clock and is for the demo only. Unset it.")


_check_environment()

SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
PERSON_KEY = env.str("PERSON_KEY")
FIELD_KEYS = [key.strip() for key in env.list("FIELD_KEYS")]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
PUBLIC_URL = env.str("PUBLIC_URL")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL])

DATABASES = {"default": database(env.str("DATABASE_URL"))}
REDIS_URL = env.str("REDIS_URL")
CACHES = caches(REDIS_URL)
CELERY_BROKER_URL = REDIS_URL
locals().update(mail(env.str("EMAIL_URL")))

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
