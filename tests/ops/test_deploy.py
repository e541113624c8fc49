"""The production files, read as text; their commands are started here with the same arguments."""

import functools
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from devtools.stack import places
from devtools.stack.checks import THROW_AWAY
from tests.architecture.sources import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
NGINX = (ROOT / "deploy" / "nginx.conf").read_text()
SECRETS = ("SECRET_KEY", "PERSON_KEY", "FIELD_KEYS", "EMAIL_URL", "POSTGRES_PASSWORD")


def test_every_production_service_is_defined() -> None:
    assert set(SERVICES) == {
        *("postgres", "cache", "queue", "migrate", "web", "worker", "beat", "proxy")
    }
    assert SERVICES["postgres"]["image"] == "postgres:18"


@pytest.mark.parametrize("name", OURS)
def test_secrets_are_files_without_defaults(name: str) -> None:
    environment = SERVICES[name]["environment"]
    assert set(THROW_AWAY) <= {key.removesuffix("_FILE") for key in environment}
    for secret in SECRETS:
        assert secret not in environment
        assert environment[f"{secret}_FILE"] == f"/run/secrets/{secret.lower()}"
        assert secret.lower() in SERVICES[name]["secrets"]
        assert COMPOSE["secrets"][secret.lower()]["file"].endswith(f"/{secret.lower()}")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_contained(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert ("healthcheck" in service) is (name != "migrate")


def test_only_the_queue_keeps_every_key() -> None:
    assert SERVICES["cache"]["command"][-1] == "allkeys-lru"
    assert SERVICES["queue"]["command"][-1] == "noeviction"
    environment = SERVICES["web"]["environment"]
    assert environment["REDIS_URL"] == "redis://cache:6379/0"
    assert environment["QUEUE_URL"] == "redis://queue:6379/0"


@pytest.mark.parametrize("file", [".gitignore", ".dockerignore"])
def test_secrets_reach_neither_the_repository_nor_the_image(file: str) -> None:
    lines = {line.strip("/") for line in (ROOT / file).read_text().splitlines()}
    for name in (".env", ".env.*", "secrets", "deploy/tls", "*.pem", "*.key"):
        assert name in lines or f"**/{name}" in lines


def test_the_secrets_script_writes_what_the_compose_file_reads(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    command = [sys.executable, "deploy/make_secrets.py", str(folder)]
    run = functools.partial(subprocess.run, command, cwd=ROOT, check=True, capture_output=True)
    run(input=b"smtp://127.0.0.1:1\n")
    before = {file.name: file.read_text() for file in folder.iterdir()}
    assert set(before) == set(COMPOSE["secrets"])
    assert folder.stat().st_mode & 0o777 == 0o700
    run()
    assert {file.name: file.read_text() for file in folder.iterdir()} == before


def test_every_setting_of_the_handbook_reaches_the_services() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text()
    table = operations[
        operations.index("## Settings") : operations.index("**Limits of the proxy**")
    ]
    named = {
        name
        for line in table.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`([A-Z_]+)`", line.split("|")[1])
    }
    # Settings of the compose file itself and of the backup command.
    outside = {"POSTGRES_SHARED_BUFFERS", "TLS_FOLDER", "BACKUP_DIR", "BACKUP_KEEP_DAYS"}
    outside |= {"POSTGRES_CPUS", "POSTGRES_MEMORY", "WEB_CPUS", "WEB_MEMORY"}
    for name in OURS:
        own = {key.removesuffix("_FILE") for key in SERVICES[name]["environment"]}
        assert named - outside <= own


def test_database_and_redis_are_not_reachable_from_outside() -> None:
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["proxy"]


def test_services_wait_for_a_healthy_migrated_database() -> None:
    for name in ("web", "worker", "beat"):
        conditions = {
            key: value["condition"] for key, value in SERVICES[name]["depends_on"].items()
        }
        assert conditions == {
            "postgres": "service_healthy",
            "cache": "service_healthy",
            "queue": "service_healthy",
            "migrate": "service_completed_successfully",
        }


def test_the_image_uses_an_unprivileged_user_and_locked_packages() -> None:
    last_stage = DOCKERFILE.rpartition("FROM ")[2]
    assert re.search(r"^USER office$", last_stage, re.MULTILINE)
    assert "pip" not in last_stage
    assert "--require-hashes" in DOCKERFILE
    assert "collectstatic" in DOCKERFILE


def test_image_and_compose_file_start_the_web_alike() -> None:
    words = re.findall(r'"([^"]+)"', DOCKERFILE[DOCKERFILE.rindex("CMD [") :])
    assert words == SERVICES["web"]["command"]


def test_the_proxy_does_not_cache_signed_in_pages() -> None:
    assert r'"~(^|;\s*)__Host-session=" 1;' in NGINX
    assert r'"~(^|;\s*)messages=" 1;' in NGINX
    assert "|$http_authorization" in NGINX
    assert "proxy_no_cache $is_personal;" in NGINX
    assert "proxy_cache_bypass $is_personal;" in NGINX
    assert "location = /metrics { return 404; }" in NGINX


def test_shared_pages_receive_only_the_cache_key() -> None:
    """Otherwise `?service%5Ftype=x` or a quoted cookie could store another page under this one's key."""
    location = NGINX[
        NGINX.index("location ~ ^/($|offices/") : NGINX.index("location / { proxy_pass")
    ]
    assert "proxy_cache_key $scheme://$host$uri?$args|$language|$theme;" in location
    assert location.index("set $args $public_args;") < location.index("proxy_pass")
    for header in ("Cookie $public_cookie", "Accept-Language $public_language"):
        assert f"proxy_set_header {header};" in location


def test_metrics_of_web_processes_are_summed() -> None:
    web = SERVICES["web"]
    assert web["environment"]["PROMETHEUS_MULTIPROC_DIR"].startswith("/tmp/")
    assert web["tmpfs"] == ["/tmp"]
    assert set(SERVICES["worker"]["environment"]) <= set(web["environment"])


def test_the_paper_list_folder_belongs_to_the_images_user() -> None:
    folder = SERVICES["worker"]["environment"]["PAPER_DIR"]
    assert SERVICES["worker"]["volumes"] == [f"paper:{folder}"]
    assert f"install -d -o office -g office -m 0700 {folder}" in DOCKERFILE


def test_the_proxy_logs_neither_query_nor_browser() -> None:
    log_format = re.search(r"log_format plain '([^']*)'", NGINX)
    assert log_format
    assert not re.search(
        r"\$(request_uri|request |args|http_user_agent|remote_addr)", log_format[1]
    )


def production_environment() -> dict[str, str]:
    return {
        **os.environ,
        **THROW_AWAY,
        "DATABASE_URL": os.environ["TEST_DATABASE_URL"],
        "REDIS_URL": os.environ["TEST_REDIS_URL"].rpartition("/")[0] + "/40",
        "CELERY_SKIP_CHECKS": SERVICES["worker"]["environment"]["CELERY_SKIP_CHECKS"],
        "PYTHONWARNINGS": "ignore",
    }


def start(command: list[str], log: Path, *, alive: str = "") -> subprocess.Popen[bytes]:
    words = [sys.executable if word == "python" else word for word in command]
    env = production_environment()
    if alive:
        env["CELERY_ALIVE_FILE"] = str(log.parent / alive)
    with log.open("wb") as file:
        return subprocess.Popen(words, cwd=ROOT, env=env, stdout=file, stderr=file)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def test_the_web_command_works_with_production_settings(tmp_path: Path) -> None:
    port = places.free_port()
    command = [
        {"8000": str(port), "0.0.0.0": "127.0.0.1", "4": "1"}.get(word, word)
        for word in SERVICES["web"]["command"]
    ]
    process = start(command, tmp_path / "web.log")
    try:
        assert ask(port, "/healthz") == 200, (tmp_path / "web.log").read_text()
        probe = [sys.executable, "deploy/probe.py", f"http://127.0.0.1:{port}/healthz"]
        assert (
            subprocess.run(probe, cwd=ROOT, env=production_environment(), check=False).returncode
            == 0
        )
    finally:
        stop(process)


def test_the_probe_reports_a_stopped_process(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    probe = functools.partial(
        subprocess.run, [sys.executable, "deploy/probe.py", str(file), "60"], cwd=ROOT, check=False
    )
    assert probe().returncode == 1
    file.touch()
    assert probe().returncode == 0
    os.utime(file, (0, 0))
    assert probe().returncode == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name"),
        ({"ALLOWED_HOSTS": "paspor.example,*.example"}, "ALLOWED_HOSTS must name"),
        ({"PUBLIC_URL": "http://paspor.example"}, "PUBLIC_URL must be the https address"),
        ({"PUBLIC_URL": "https://paspor.example/office"}, "PUBLIC_URL must be the https address"),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES must be"),
        ({"TRUSTED_PROXIES": "17"}, "TRUSTED_PROXIES must be"),
    ],
)
def test_impossible_settings_are_refused(changes: dict[str, str], sentence: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", "import passport_office.settings.production"],
        cwd=ROOT,
        env=production_environment() | changes,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert sentence in result.stderr


def test_secrets_are_read_from_files(tmp_path: Path) -> None:
    """The password of the database is in its own file, with or without a line feed."""
    (tmp_path / "password").write_text("from a file\n")
    environment = production_environment() | {
        "DATABASE_URL": "postgres://office@127.0.0.1/office",
        "POSTGRES_PASSWORD_FILE": str(tmp_path / "password"),
    }
    code = (
        "from passport_office.settings.production import *; print(DATABASES['default']['PASSWORD'])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "from a file\n"


def ask(port: int, path: str) -> int:
    headers = {"Host": "paspor.example"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    last = time.monotonic() + 40
    while time.monotonic() < last:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except (TimeoutError, OSError):
            time.sleep(0.2)
    return 0


def test_worker_and_beat_work_with_production_settings(tmp_path: Path) -> None:
    worker = start(SERVICES["worker"]["command"], tmp_path / "worker.log", alive="worker")
    beat = start(SERVICES["beat"]["command"], tmp_path / "beat.log", alive="beat")
    try:
        assert heartbeat_comes(), (tmp_path / "worker.log").read_text()[-3000:]
        for name in ("worker", "beat"):
            probe = [sys.executable, "deploy/probe.py", str(tmp_path / name), "60"]
            assert subprocess.run(probe, cwd=ROOT, check=False).returncode == 0
    finally:
        stop(beat)
        stop(worker)


def heartbeat_comes() -> bool:
    from ops import broker

    client = redis.Redis.from_url(production_environment()["REDIS_URL"])
    client.flushdb()
    last = time.monotonic() + 60
    while time.monotonic() < last:
        if client.get(broker.HEARTBEAT_KEY):
            return True
        time.sleep(0.2)
    return False
