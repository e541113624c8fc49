import json
import os
import runpy
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet

from devtools.stack.checks import THROW_AWAY
from devtools.stack.state import ROOT

PRODUCTION = "passport_office.settings.production"
NEEDED = [name for name in THROW_AWAY if name not in ("DJANGO_SETTINGS_MODULE", "TRUSTED_PROXIES")]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Complete production settings for a test to break, loaded afresh."""
    monkeypatch.delitem(sys.modules, PRODUCTION, raising=False)
    for name, value in THROW_AWAY.items():
        monkeypatch.setenv(name, value)
    for name in ("DEMO_CLOCK", "DEMO_CLOCK_OFFSET"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def refusal() -> str:
    with pytest.raises(SystemExit) as refused:
        runpy.run_module(PRODUCTION)
    return str(refused.value.code)


@pytest.mark.parametrize("name", NEEDED)
def test_production_requires_each_of_its_secrets(
    environment: pytest.MonkeyPatch, name: str
) -> None:
    environment.delenv(name)
    sentence = refusal()
    assert name in sentence
    assert "\n" not in sentence


def test_all_missing_settings_are_named_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("SECRET_KEY")
    environment.setenv("EMAIL_URL", "")
    assert "set SECRET_KEY, EMAIL_URL" in refusal()


def test_a_short_key_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SECRET_KEY", "short")
    assert "at least 50 characters" in refusal()


def test_a_short_former_key_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SECRET_KEY_FALLBACKS", f"{'x' * 50},short")
    assert "SECRET_KEY_FALLBACKS" in refusal()


def test_former_keys_are_optional_and_kept_in_order(environment: pytest.MonkeyPatch) -> None:
    assert runpy.run_module(PRODUCTION)["SECRET_KEY_FALLBACKS"] == []
    environment.setenv("SECRET_KEY_FALLBACKS", f"{'x' * 50},{'y' * 50}")
    assert runpy.run_module(PRODUCTION)["SECRET_KEY_FALLBACKS"] == ["x" * 50, "y" * 50]


def test_field_keys_must_be_valid(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FIELD_KEYS", f"{Fernet.generate_key().decode()},no-key")
    assert "Fernet keys" in refusal()


@pytest.mark.parametrize("name", ["DEMO_CLOCK", "DEMO_CLOCK_OFFSET"])
def test_production_refuses_a_moved_clock(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.setenv(name, "2026-06-05T14:00:00+07:00")
    assert "for the demo only" in refusal()


def test_production_has_no_page_and_no_clock_of_the_demo() -> None:
    program = (
        "import django; django.setup(); from datetime import timedelta; "
        "from django.conf import settings; from django.urls import Resolver404, resolve; "
        "from core import clock; import passport_office.celery as wiring\n"
        "for path in ('/demo/', '/demo/sign-in/', '/demo/scene/', '/demo/mailbox/'):\n"
        "    try: resolve(path)\n"
        "    except Resolver404: continue\n"
        "    raise SystemExit(path)\n"
        "assert settings.DEMO_CLOCK_FILE is None and clock.offset() == 0\n"
        "tasks = {row['task'] for row in wiring.app.conf.beat_schedule.values()}\n"
        "assert tasks and not [name for name in tasks if name.startswith('devtools')]\n"
        "try: clock.move_to(clock.now() + timedelta(hours=1))\n"
        "except RuntimeError: print('refused')\n"
    )
    assert output_of(program) == "refused\n"


def test_a_worker_has_every_task_of_the_schedule() -> None:
    """In a process of its own: here, other tests may have imported a task that no worker imports."""
    program = (
        "import django; django.setup(); import passport_office.celery as wiring\n"
        "wiring.app.loader.import_default_modules()\n"
        "scheduled = {row['task'] for row in wiring.app.conf.beat_schedule.values()}\n"
        "print(len(scheduled) > 30, sorted(scheduled - set(wiring.app.tasks)))\n"
    )
    assert output_of(program) == "True []\n"


def output_of(program: str) -> str:
    """Run a program with the settings of production; return what it prints."""
    hidden = ("DEMO_CLOCK", "DEMO_CLOCK_OFFSET")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**kept, **THROW_AWAY},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    return done.stdout


def test_error_messages_contain_no_secret(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("EMAIL_URL")
    assert os.environ["SECRET_KEY"] not in refusal()


def test_a_cluster_is_described_by_four_settings() -> None:
    program = (
        "import json; import passport_office.settings.production as s; "
        "print(json.dumps([s.DATABASES, s.DATABASE_ROUTERS, s.CACHES['queue'], s.CELERY_BROKER_URL, "
        "s.CELERY_BROKER_TRANSPORT_OPTIONS]))"
    )
    environment = {
        **os.environ,
        **THROW_AWAY,
        "DATABASE_POOLED": "true",
        "REPLICA_URL": "postgres://nobody@127.0.0.1:2/none",
        "QUEUE_URL": "redis://queue/0",
        "REDIS_SENTINELS": "127.0.0.1:3,127.0.0.1:4",
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    databases, routers, queue, broker, options = json.loads(done.stdout)
    for one in databases.values():
        assert one["DISABLE_SERVER_SIDE_CURSORS"]
        assert "options" not in one["OPTIONS"], "PgBouncer refuses settings at the start"
    assert databases["replica"]["OPTIONS"]["connect_timeout"] == 1
    assert routers == ["core.replica.ReplicaRouter"]
    assert queue["OPTIONS"]["SENTINELS"] == [["127.0.0.1", 3], ["127.0.0.1", 4]]
    assert broker == "sentinel://127.0.0.1:3;sentinel://127.0.0.1:4"
    assert options["master_name"] == "queue"
    assert options["global_keyprefix"], "the options of one server stay"
