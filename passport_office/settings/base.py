"""Settings shared by demo, tests and production. Addresses and secrets come from the environment."""

import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parents[2]
# NAME_FILE names a file with the value of NAME, for secrets that must not stand in the environment.
env = environ.FileAwareEnv()

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY", default="")
# Former values: what they signed stays valid until it expires.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
PERSON_KEY = env.str("PERSON_KEY", default="")
# Only while `manage.py rotate_person_key` runs.
PERSON_KEY_OLD = env.str("PERSON_KEY_OLD", default="")
FIELD_KEYS: list[str] = env.list("FIELD_KEYS", default=[])
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
RATE_LIMIT_LOOPBACK = True
DEMO = False
STAFF_NEEDS_SECOND_FACTOR = False
DEMO_CLOCK_OFFSET = 0.0
# The file with which the demo moves the clock of all its processes. There is none in production.
DEMO_CLOCK_FILE: Path | None = None
# Shared with the bank: signs its notices of payments (booking/settlement/notices.py). Empty: all are refused.
BANK_NOTICE_SECRET = env.str("BANK_NOTICE_SECRET", default="")
# Hours, quiet hours excluded, for which a lottery winner's place is held before it goes to the next rank.
DRAW_CLAIM_HOURS = env.int("DRAW_CLAIM_HOURS", default=13)
# A relay of the randomness beacon drand, e.g. https://api.drand.sh; without one, supervisors enter the round.
BEACON_RELAY = env.str("BEACON_RELAY", default="").rstrip("/")
# Applicants admitted per second by a waiting room at the start, and the limits within which the rate then
# adapts to the measured capacity, of which it uses at most three quarters.
WAITING_ROOM_RATE = env.float("WAITING_ROOM_RATE", default=20.0)
WAITING_ROOM_LEAST_RATE = env.float("WAITING_ROOM_LEAST_RATE", default=2.0)
WAITING_ROOM_MOST_RATE = env.float("WAITING_ROOM_MOST_RATE", default=500.0)
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000")
# /metrics answers direct requests from these networks, and requests with the token.
METRICS_NETWORKS: list[str] = env.list("METRICS_NETWORKS", default=["127.0.0.0/8", "::1/128"])
METRICS_TOKEN = env.str("METRICS_TOKEN", default="").strip()
# The processes of one machine share their metrics in this folder; the library expects it to exist.
if _metrics_folder := env.str("PROMETHEUS_MULTIPROC_DIR", default=""):
    Path(_metrics_folder).mkdir(parents=True, exist_ok=True)
# A collector of traces that speaks OTLP over HTTP, e.g. http://collector:4318, and the share of requests it receives.
TRACES_URL = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="").rstrip("/")
TRACES_SHARE = env.float("TRACES_SHARE", default=0.05)
# Folder of the morning's printed lists. Web and worker need not share it: the page renders its own.
PAPER_DIR = env.str("PAPER_DIR", default=str(BASE_DIR / ".local" / "paper"))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "core",
    "notices",
    "accounts",
    "offices",
    "quotas",
    "booking",
    "counters",
    "reports",
    "privacy",
    "pages",
    "scenarios",
    "ops",
    "passport_office",
    "passport_office.admin_apps.OfficeAdminConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "csp",
    "pgtrigger",
    "django_structlog",
]

MIDDLEWARE = [
    "ops.metrics.MeasureMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.caching.PrivateAnswersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "core.requests.CookieMiddleware",
    "core.replica.ReplicaMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "core.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "core.tracing.TracingMiddleware",
    "accounts.rate_limits.ApiHeadersMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "core.requests.InputMiddleware",
    "core.drafts.FormDraftMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.StaffSecondFactorMiddleware",
    "accounts.middleware.MessageOriginMiddleware",
    "core.web.DomainErrorMiddleware",
]

ROOT_URLCONF = "passport_office.urls"
WSGI_APPLICATION = "passport_office.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"


# True if DATABASE_URL leads to a pooler that gives each transaction another connection (PgBouncer, pool_mode =
# transaction). Nothing then outlives a transaction: no settings of a connection, no PREPARE, no server-side cursor.
DATABASE_POOLED = env.bool("DATABASE_POOLED", default=False)
# A replica for reads that may lag (core.replica), and the most seconds that it may lag; off without an address.
REPLICA_URL = env.str("REPLICA_URL", default="").strip()
REPLICA_MAX_LAG = env.float("REPLICA_MAX_LAG", default=5.0)
DATABASE_ROUTERS = ["core.replica.ReplicaRouter"] if REPLICA_URL else []
# What holds for every connection: sent at its start or, through a pooler, set for the role by
# `manage.py set_role_defaults`. One plan for each prepared statement (core.db.Planned): a plan for each call takes
# 0.6 to 1.1 ms longer (ADR 17).
CONNECTION_DEFAULTS = {
    "statement_timeout": "10000",
    "lock_timeout": "3000",
    "timezone": "UTC",
    "plan_cache_mode": "force_generic_plan",
}


def database(url: str) -> dict[str, Any]:
    """Django's settings of one database, with limits on every wait and keepalives to detect a dead network."""
    config: dict[str, Any] = env.db_url_config(url)
    config["PASSWORD"] = config["PASSWORD"] or env.str("POSTGRES_PASSWORD", default="").strip()
    config["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
    config["CONN_HEALTH_CHECKS"] = True
    config["OPTIONS"] = {
        **config.get("OPTIONS", {}),
        "connect_timeout": 5,
        "keepalives": 1,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "application_name": env.str("APPLICATION_NAME", default="passport_office"),
    }
    if DATABASE_POOLED:
        config["DISABLE_SERVER_SIDE_CURSORS"] = True
    else:
        defaults = CONNECTION_DEFAULTS.items()
        config["OPTIONS"]["options"] = " ".join(f"-c {name}={value}" for name, value in defaults)
    return config


def databases(url: str) -> dict[str, Any]:
    """Return the primary, and the replica if there is one. A dead replica is given up after a second."""
    configs = {"default": database(url)}
    if REPLICA_URL:
        configs["replica"] = database(REPLICA_URL)
        configs["replica"]["OPTIONS"]["connect_timeout"] = 1
    return configs


# Addresses of Sentinel, host:port. With them the host in REDIS_URL and QUEUE_URL is the name of a master that
# Sentinel watches, such as redis://queue/0: clients ask Sentinel where it is, again after each failover.
REDIS_SENTINELS: list[str] = env.list("REDIS_SENTINELS", default=[])
DJANGO_REDIS_CONNECTION_FACTORY = (
    "django_redis.pool.SentinelConnectionFactory"
    if REDIS_SENTINELS
    else "django_redis.pool.ConnectionFactory"
)


def redis_cache(url: str) -> dict[str, Any]:
    """Return a cache of one Redis, whose every wait ends after half a second."""
    options: dict[str, Any] = {"SOCKET_TIMEOUT": 0.5, "SOCKET_CONNECT_TIMEOUT": 0.5}
    if REDIS_SENTINELS:
        pairs = [address.rpartition(":") for address in REDIS_SENTINELS]
        options |= {
            "CLIENT_CLASS": "django_redis.client.SentinelClient",
            "SENTINELS": [(host, int(port)) for host, _colon, port in pairs],
            "SENTINEL_KWARGS": {"socket_timeout": 0.5},
        }
    return {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url, "OPTIONS": options}


def broker(url: str) -> dict[str, Any]:
    """Return the settings of Celery's broker."""
    if not REDIS_SENTINELS:
        return {"CELERY_BROKER_URL": url}
    options = {**CELERY_BROKER_TRANSPORT_OPTIONS, "master_name": urlsplit(url).hostname}
    return {
        "CELERY_BROKER_URL": ";".join(f"sentinel://{address}" for address in REDIS_SENTINELS),
        "CELERY_BROKER_TRANSPORT_OPTIONS": options,
    }


def caches(url: str, queue_url: str = "") -> dict[str, Any]:
    """Return the caches: Redis for what can be computed again, PostgreSQL for rate limits.

    `queue_url` is the Redis of the task queue, by default the same one. It must not evict keys; the cache may.

    Without Redis, "redis" stores nothing and returns nothing. Limits on sign-in and second factor must still
    hold then, so they count in PostgreSQL: allauth uses "default", and so does the API's sign-in throttle.
    """
    return {
        "default": {
            "BACKEND": "accounts.limits.PostgresCache",
        },
        # Public pages (core.public_pages), in the memory of each process.
        "pages": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "pages",
            "OPTIONS": {"MAX_ENTRIES": 500},
        },
        "redis": {**redis_cache(url), "KEY_PREFIX": "cache", "TIMEOUT": 300},
        # The server of the task queue, read by health checks and metrics (ops.broker). Nothing is cached in it.
        "queue": redis_cache(queue_url or url),
    }


DJANGO_REDIS_IGNORE_EXCEPTIONS = True
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True


def mail(url: str) -> dict[str, Any]:
    """Return the settings of outgoing mail for an EMAIL_URL such as smtp+tls://user:pw@host:587."""
    return {**env.email_url_config(url), "EMAIL_TIMEOUT": 10}


# The most messages of a group (notices.kinds.Group) to one address, caused by one account, and from one network:
# (what is counted, hours, most). A carrier's network is one address for hundreds of phones. What is over a
# budget is kept and shown to officers, but not sent. Moves and cancellations by the office have no budget.
MESSAGE_BUDGETS: dict[str, list[tuple[str, int, int]]] = {
    "access": [("address", 1, 5), ("address", 24, 10), ("account", 1, 20), ("network", 1, 300)],
    "security": [("address", 1, 20), ("account", 1, 20), ("network", 1, 300)],
    "own": [("address", 1, 30), ("account", 1, 30), ("network", 1, 3_000)],
    "optional": [("address", 1, 30), ("account", 1, 30), ("network", 1, 3_000)],
    "staff": [("address", 1, 100), ("account", 1, 30), ("network", 1, 300)],
    "office": [],
}
# To an address that nobody has confirmed, messages about its own bookings; optional messages not at all.
MESSAGES_TO_UNCONFIRMED_A_DAY = 6

# The HTTP gateway for SMS and WhatsApp (notices.gateway); without an address there are e-mails only.
MESSAGE_GATEWAY_URL = env.str("MESSAGE_GATEWAY_URL", default="").strip()
MESSAGE_GATEWAY_KEY = env.str("MESSAGE_GATEWAY_KEY", default="").strip()

# Lets events of webhooks go to http://127.0.0.1 (accounts.webhooks.addresses); demo and tests only.
WEBHOOKS_TO_LOOPBACK = False

# Seconds for which requests share one answer to "how many places are left?" (core.db.shared_read); 0 turns it off.
SHARED_READ_SECONDS = 1.0

REDIS_URL = env.str("REDIS_URL", default="")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Kantor Paspor <noreply@paspor.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Accounts -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
] + [{"NAME": "accounts.validators.RevokesTokens"}]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignupForm",
    "login": "accounts.forms.LoginForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "add_email": "accounts.forms.AddEmailForm",
    "request_login_code": "accounts.forms.RequestSignInCodeForm",
    "confirm_login_code": "accounts.forms.SignInCodeForm",
}
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
# Wrong codes until a new one is needed; the limits of wrong passwords hold too.
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 60 * 15
# As many codes as messages: MESSAGE_BUDGETS["access"]. A code more would not be sent.
ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip,5/3600s/key,10/86400s/key"}
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_MAX_EMAIL_ADDRESSES = 2
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_ADAPTER = "accounts.adapter.SecondStepAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.SecondStepForm",
    "add_webauthn": "accounts.forms.AddSecurityKeyForm",
    "authenticate_webauthn": "accounts.forms.SecurityKeyForm",
    "edit_webauthn": "accounts.forms.EditSecurityKeyForm",
    "login_webauthn": "accounts.forms.LoginKeyForm",
    "reauthenticate_webauthn": "accounts.forms.ReauthenticateKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Kantor Paspor"
# "Last seen" would cost a transaction on every signed-in request; "signed in since" is kept.
USERSESSIONS_TRACK_ACTIVITY = False

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_CACHE_ALIAS = "redis"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
# Messages go into a signed cookie; in the session, each would cost two database writes.
MESSAGE_STORAGE = "django.contrib.messages.storage.fallback.FallbackStorage"

# --- API ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "accounts.throttles.AddressThrottle",
        "accounts.throttles.AccountThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"address": "600/min", "account": "240/min", "sign_in": "20/min"},
    "EXCEPTION_HANDLER": "core.web.api_exception_handler",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {
    "SECURE_HASH_ALGORITHM": "hashlib.sha512",
    "TOKEN_TTL": timedelta(hours=24),
    "TOKEN_LIMIT_PER_USER": None,
    "AUTO_REFRESH": False,
    "AUTH_HEADER_PREFIX": "Token",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Passport office API",
    "DESCRIPTION": (
        "Everything an applicant, a kiosk or a supervisor's program can do. JSON in and out; times are "
        "ISO 8601 with their offset. Sign in with `Authorization: Token <token>`. Every refusal has one "
        "form: `code` is stable, `detail` is a sentence in the reader's language (Accept-Language), "
        "`fields` names the input that cannot be right, `alternatives` are ways on."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "BookingStatusEnum": "booking.statuses.Status",
        "CalendarStatusEnum": "quotas.calendar.api.STATUSES",
        "StateEnum": "quotas.waiting_room.api.STATES",
        "BoardStateEnum": "counters.display.api.STATES",
        "KioskStateEnum": "counters.display.api.KIOSK_STATES",
        "PaymentStateEnum": "booking.settlement.selectors.PAYMENT_STATES",
        "PaymentTimingEnum": "offices.limits.models.PaymentRule.Timing",
        "ReceiptKindEnum": "booking.settlement.api.RECEIPT_KINDS",
        "AppealStateEnum": "booking.restrictions.api.APPEAL_STATES",
        "ExcuseEnum": "booking.restrictions.models.Excuse",
        "ContestStatusEnum": "booking.integrity.models.ContestStatus",
        "ReasonEnum": "booking.applications.models.PassportApplication.Reason",
        "WebhookPauseEnum": "accounts.webhooks.api.PAUSES",
        "WebhookKindEnum": "accounts.webhooks.kinds.NAMES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "pages.api_schema.document_refusals",
    ],
}

# --- Tasks --------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_limit": 100,
    # Look for tasks of lost workers every 10 s instead of every 100 s.
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 15,
    "global_keyprefix": "celery:",
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TASK_DEFAULT_QUEUE = "passport_office"

# --- Language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "id"
LANGUAGES = [("id", _("Bahasa Indonesia")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Jakarta"

# --- Static files -------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# --- Security headers ---------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "accelerometer": [],
    "autoplay": [],
    "browsing-topics": [],
    "display-capture": [],
    "encrypted-media": [],
    "gyroscope": [],
    "magnetometer": [],
    "microphone": [],
    "midi": [],
    "payment": [],
    "usb": [],
    "camera": ["self"],  # a kiosk and the gate scan the ticket
    "fullscreen": ["self"],
    "geolocation": ["self"],  # sorting the offices by distance
    "publickey-credentials-get": ["self"],
    "publickey-credentials-create": ["self"],
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# Forms that take a photo (letter of authority, proof of an excuse, documents): at most 5 MB, and what is larger up to
# here gets a sentence instead of an error page. deploy/nginx.conf lets the same addresses through.
ADDRESSES_WITH_FILES = re.compile(
    r"^/(admin/pickup/[0-9]{1,18}|(api/v1/)?restrictions/[0-9]{1,18}/appeal"
    r"|people/[0-9]{1,18}/application/[-\w]{1,40}/photos/[-\w]{1,40})/$"
)
MOST_BYTES_WITH_FILES = 12_000_000

DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
# A request id is accepted from a trusted proxy only; a client could send anything.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = TRUSTED_PROXIES > 0
DJANGO_STRUCTLOG_TRUST_UPSTREAM_CORRELATION_ID = False
# One line per request and per failed task: beat sends a task every few seconds.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_TASK_SUCCESS_LOG_LEVEL = logging.DEBUG

# W161 compares a fixed default (quiet hours from 20:00) with the clock and would fail the checks at 20:00 UTC.
SILENCED_SYSTEM_CHECKS = ["fields.W161"]
