"""Runs every service of docker-compose.yml on this machine, with its production settings, and checks it.

    .venv/bin/python deploy/try_production.py

It needs nginx and openssl besides the project (apt-get install nginx-light openssl). All files are
in a temporary folder, which is deleted at the end. The exit code is 1 if a check failed.
"""

# ruff: noqa: S104, S310, S603, S607, T201

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from devtools.stack import places
from devtools.stack.children import Child
from devtools.stack.postgres import (
    SETTINGS,
    Postgres,
)

HOST = "paspor.example"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
GIVEN = {
    "SECRET_KEY": "only-for-this-trial-abcdefghijklmnopqrstuvwxyz-0123456789-ABC",
    "PERSON_KEY": "only-for-this-trial-0123456789-abcdef",
    "FIELD_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "POSTGRES_PASSWORD": "only-for-this-trial",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "ALLOWED_HOSTS": HOST,
    "PUBLIC_URL": f"https://{HOST}",
    "METRICS_TOKEN": "only-for-this-trial",
}
mistakes: list[str] = []


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="office-") as name, ExitStack() as at_end:
        Path(name).chmod(0o755)
        run_services(Path(name), at_end)
    print("\n".join(["", *(f"WRONG: {mistake}" for mistake in mistakes)]) or "")
    print(f"{len(mistakes)} things looked wrong." if mistakes else "All looked right.")
    return 1 if mistakes else 0


def run_services(folder: Path, at_end: ExitStack) -> None:
    ports = {name: places.free_port() for name in ("cache", "queue", "web", "http", "https")}
    postgres = Postgres(folder, GIVEN["POSTGRES_PASSWORD"])
    wanted = dict(word.split("=", 1) for word in SERVICES["postgres"]["command"] if "=" in word)
    del wanted["shared_buffers"]  # depends on the memory of the machine
    check("postgres: the settings of the compose file", wanted.items() <= SETTINGS.items())
    at_end.callback(postgres.stop)
    postgres.start()
    print("postgres runs")
    for name in ("cache", "queue"):
        own = ["--port", str(ports[name]), "--bind", "127.0.0.1"]
        command = [str(places.valkey_program()), *SERVICES[name]["command"][1:], *own]
        start(name, command, folder, {}, at_end)
    env = environment(folder, postgres.url, ports)
    print("collectstatic and migrate …")
    if not (ROOT / "staticfiles" / "staticfiles.json").exists():
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0"],
            cwd=ROOT,
            env=env,
            check=True,
        )
    subprocess.run(command_of("migrate"), cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    for scenario in ("national", "palembang"):
        load = [sys.executable, "manage.py", "load_scenario", f"scenarios/{scenario}.yaml"]
        subprocess.run(load, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    swap = {"8000": str(ports["web"]), "0.0.0.0": "127.0.0.1"}
    metrics = {"PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics")}
    start(
        "web",
        [swap.get(word, word) for word in command_of("web")],
        folder,
        {**env, **metrics},
        at_end,
    )
    start("worker", command_of("worker"), folder, env, at_end)
    start("beat", command_of("beat"), folder, env, at_end)
    start("proxy", proxy(folder, ports), folder, {}, at_end)
    check_services(ports, folder)
    postgres.stop()
    check_without_database(f"https://127.0.0.1:{ports['https']}")


def environment(folder: Path, database_url: str, ports: dict[str, int]) -> dict[str, str]:
    """Return the environment of our services in the compose file, with this machine's addresses."""

    def value(text: Any) -> str:
        return re.sub(
            r"\$\{(\w+)(?::?[-?]([^}]*))?\}",
            lambda m: GIVEN.get(m[1], "") or ("" if "?" in m[0] else m[2] or ""),
            str(text),
        )

    given = {
        key: value(text)
        for key, text in SERVICES["web"]["environment"].items()
        if key != "<<" and text is not None
    }
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    for key in COMPOSE["secrets"]:
        (secrets / key).write_text(GIVEN.get(key.upper(), ""))
        given[f"{key.upper()}_FILE"] = str(secrets / key)
    return {
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
        **given,
        "DATABASE_URL": database_url,
        "REDIS_URL": f"redis://127.0.0.1:{ports['cache']}/0",
        "QUEUE_URL": f"redis://127.0.0.1:{ports['queue']}/0",
        "PAPER_DIR": str(folder / "paper"),
    }


def command_of(service: str) -> list[str]:
    return [sys.executable if word == "python" else word for word in SERVICES[service]["command"]]


def proxy(folder: Path, ports: dict[str, int]) -> list[str]:
    """Return nginx with the production configuration except addresses and folders."""
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "1",
            "-subj",
            f"/CN={HOST}",
            "-keyout",
            str(folder / "privkey.pem"),
            "-out",
            str(folder / "fullchain.pem"),
        ],
        check=True,
        capture_output=True,
    )
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    old = (
        "nginx/1.2"
        in subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr
    )
    for was, now in (
        ("web:8000", f"127.0.0.1:{ports['web']}"),
        ("listen 80 ", f"listen 127.0.0.1:{ports['http']} "),
        ("listen 443 ssl", f"listen 127.0.0.1:{ports['https']} ssl"),
        ("/etc/nginx/tls", str(folder)),
        ("/var/cache/nginx", str(folder / "cache")),
        ("/dev/stdout", str(folder / "access.log")),
        ("rate=10r/s", "rate=1r/s"),  # a busy machine would never reach the real limit
        *([("    http2 on;\n", "")] if old else []),
    ):
        check(f"proxy: {was!r} stands in the file", was in text)
        text = text.replace(was, now)
    (folder / "cache").mkdir()
    (folder / "nginx.conf").write_text(
        f"pid {folder}/nginx.pid;\nuser root;\n{text}"
        if os.geteuid() == 0
        else f"pid {folder}/nginx.pid;\n{text}"
    )
    return ["nginx", "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]


def start(
    name: str, command: list[str], folder: Path, env: dict[str, str], at_end: ExitStack
) -> None:
    child = Child.start(name, command, log=folder / f"{name}.log", env=env or os.environ, cwd=ROOT)
    at_end.callback(child.stop)
    print(f"{name} runs: {' '.join(command)[:110]}")


# --- Checks ---------------------------------------------------------------------------------------------
def check(what: str, is_right: bool) -> None:
    print(("ok    " if is_right else "WRONG ") + what)
    if not is_right:
        mistakes.append(what)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_given: Any) -> None:
        return None


def ask(url: str, *, data: bytes | None = None, **headers: str) -> tuple[int, Any, bytes]:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _Stay)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        answer = opener.open(
            urllib.request.Request(url, data=data, headers={"Host": HOST, **names}), timeout=20
        )
    except urllib.error.HTTPError as error:
        answer = error
    except OSError as error:
        return 0, {}, str(error).encode()
    with answer:
        return int(answer.status), answer.headers, answer.read()


def wait_for(url: str, seconds: float) -> tuple[int, Any, bytes]:
    last = time.monotonic() + seconds
    while True:
        answer = ask(url)
        if answer[0] == 200 or time.monotonic() > last:
            return answer
        time.sleep(0.5)


def check_services(ports: dict[str, int], folder: Path) -> None:
    site, plain = f"https://127.0.0.1:{ports['https']}", f"http://127.0.0.1:{ports['http']}"
    inside = f"http://127.0.0.1:{ports['web']}"
    status, _headers, body = wait_for(f"{inside}/readyz", 120)
    check(f"web is ready, worker and beat work: {status} {body.decode()[:300]}", status == 200)
    status, headers, _body = ask(f"{plain}/")
    check("plain HTTP leads to HTTPS", status == 308 and headers["Location"].startswith("https://"))
    check("the probe's address answers without TLS", ask(f"{plain}/healthz")[0] == 200)
    check_pages(site)
    check(
        "nobody reads /metrics or /readyz from outside",
        {ask(f"{site}/{name}")[0] for name in ("metrics", "readyz")} == {404},
    )
    status, _headers, text = ask(
        f"{inside}/metrics", Authorization=f"Bearer {GIVEN['METRICS_TOKEN']}"
    )
    check(
        "the token opens /metrics inside", status == 200 and b"passport_office_queue_length" in text
    )
    check("several processes are summed", b"passport_office_request_seconds_count" in text)
    with ThreadPoolExecutor(40) as crowd:
        tries = list(
            crowd.map(lambda _each: ask(f"{site}/akun/login/", data=b"login=a")[0], range(120))
        )
    counts = {status: tries.count(status) for status in set(tries)}
    check(f"repeated sign-ins are slowed down: {counts}", 429 in counts and 403 in counts)
    lines = (folder / "web.log").read_text().splitlines()
    whole = [line for line in lines if line.startswith("{")]
    check("the log is JSON with request ids", bool(whole) and "request_id" in json.loads(whole[-1]))
    check("the proxy logged no query", "secret=" not in (folder / "access.log").read_text())


def check_pages(site: str) -> None:
    status, headers, body = wait_for(f"{site}/?secret=1", 20)
    check(f"the home page comes over TLS: {status}", status == 200 and b"<html" in body)
    check(
        "with HSTS and a strict policy",
        "max-age=" in headers["Strict-Transport-Security"]
        and "unsafe" not in headers["Content-Security-Policy"],
    )
    home = [ask(f"{site}/") for _each in range(4)]
    check(
        f"the crowd's page comes from the cache: {[one[1]['X-Cache'] for one in home]}",
        home[-1][1]["X-Cache"] in ("HIT", "UPDATING", "STALE"),
    )
    for cookie in ("__Host-session=x", "messages=x", "theme=dark; messages=x"):
        check(
            f"not for whoever has {cookie}",
            ask(f"{site}/", Cookie=cookie)[1]["X-Cache"] == "BYPASS",
        )
    english = ask(f"{site}/", Accept_Language="en-GB,en;q=0.9")[2]
    other = ask(f"{site}/", Accept_Language="fr,en;q=0.9")[2]
    indonesian = ask(f"{site}/", Accept_Language="id-ID,id;q=0.9,en;q=0.5")[2]
    check(
        "each language has its own page",
        b'lang="en"' in english and b'lang="en"' in other and b'lang="id"' in indonesian,
    )
    zipped = ask(f"{site}/", Accept_Encoding="gzip")
    check(
        "compressed for who asks for it",
        zipped[1]["Content-Encoding"] == "gzip" and b"<html" in ask(f"{site}/")[2],
    )
    sheet = re.search(rb'href="(/static/[^"]+\.[0-9a-f]{8,}\.css)"', body)
    check("static files have hashed names", sheet is not None)
    if sheet:
        status, headers, _body = ask(site + sheet[1].decode(), Accept_Encoding="br, gzip")
        check(
            f"and come compressed, for a year: {headers['Content-Encoding']}",
            status == 200
            and headers["Content-Encoding"] in ("br", "gzip")
            and "immutable" in headers["Cache-Control"],
        )


def check_without_database(site: str) -> None:
    """Without the database, cached pages are still served; others answer 503 with Retry-After."""
    time.sleep(2)
    status, headers, _body = ask(f"{site}/")
    check(
        f"without the database the crowd's page is the one that was kept: {headers['X-Cache']}",
        status == 200 and headers["X-Cache"] in ("STALE", "UPDATING"),
    )
    for path in ("/syarat/", "/api/v1/offices/"):
        status, headers, _body = ask(f"{site}{path}")
        check(
            f"without the database {path} says when to come back: {status}",
            status == 503 and int(headers["Retry-After"]) > 0,
        )


if __name__ == "__main__":
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        sys.exit("nginx and openssl are needed: apt-get install nginx-light openssl")
    sys.exit(main())
