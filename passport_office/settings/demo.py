"""`make run`: everything on this machine, with this checkout's own keys and the embedded servers."""

from devtools.stack.state import CLOCK_FILE, data_dir, load_secrets, read_stack
from ops import logs
from passport_office.settings.base import *
from passport_office.settings.base import broker, caches, databases, env, mail

_stack = read_stack() or {}
_secrets = load_secrets(create=False)

DEMO = True
WEBHOOKS_TO_LOOPBACK = True
INSTALLED_APPS = [*INSTALLED_APPS, "devtools", "benchmarks"]
SECRET_KEY = env.str("SECRET_KEY", default=_secrets["secret_key"])
PERSON_KEY = env.str("PERSON_KEY", default=_secrets["person_key"])
BANK_NOTICE_SECRET = env.str("BANK_NOTICE_SECRET", default=_secrets["bank_notice_secret"])
FIELD_KEYS = env.list("FIELD_KEYS", default=_secrets["field_keys"].split(","))
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{_stack.get('port', 8000)}")

# Commands that need no database load these settings too: then the URL is a placeholder.
_nowhere = "127.0.0.1:1"
DATABASES = databases(
    env.str("DATABASE_URL", default=_stack.get("database_url", f"postgres://{_nowhere}/none"))
)
REDIS_URL = env.str("REDIS_URL", default=_stack.get("redis_url", f"redis://{_nowhere}/0"))
QUEUE_URL = env.str("QUEUE_URL", default=REDIS_URL)
CACHES = caches(REDIS_URL, QUEUE_URL)
locals().update(broker(QUEUE_URL))
locals().update(mail(env.str("EMAIL_URL", default=_stack.get("email_url", f"smtp://{_nowhere}"))))
MESSAGE_GATEWAY_URL = env.str("MESSAGE_GATEWAY_URL", default=f"{PUBLIC_URL}/demo/gateway/")
MESSAGE_GATEWAY_KEY = env.str("MESSAGE_GATEWAY_KEY", default=_secrets["secret_key"])
MAILBOX_DIR = data_dir() / "mailbox"
PAPER_DIR = env.str("PAPER_DIR", default=str(data_dir() / "paper"))

DEMO_CLOCK_OFFSET = env.float("DEMO_CLOCK_OFFSET", default=float(_stack.get("clock_offset", 0)))
DEMO_CLOCK_FILE = data_dir() / CLOCK_FILE
RATE_LIMIT_LOOPBACK = env.bool("RATE_LIMIT_LOOPBACK", default=False)

# Served from the sources, without collectstatic before the first start.
STATIC_ROOT = None  # type: ignore[assignment]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 60

LOGGING = logs.configure(as_json=False)
