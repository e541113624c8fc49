"""The production shape on loopback (`make bench`): nginx with deploy/nginx.conf's rules in front of granian.

Measures public pages through nginx against an empty Django view through granian, counts how often Django was
requested, and lets Locust run a release through the proxy. Bounded in requests and time; 127.0.0.1 only.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Final

from benchmarks.checkout import HERE, Checkout, Load, background, load_client
from benchmarks.release import prepare_database
from benchmarks.stores import BenchError, Stores, own_stores, servers
from devtools.stack.places import free_port
from devtools.stack.processor import Meter

ROOT: Final = HERE.parent
LOCUST: Final = ROOT / ".local" / "bench-venv" / "bin" / "locust"
APPLICANTS, PLACES, CLIENTS = 600, 120, 100
TURNS: Final = 3
EMPTY_REQUESTS, CACHED_REQUESTS, CONNECTIONS = 2_000, 20_000, 32
LOCUST_SECONDS: Final = 90
HOST: Final = "127.0.0.1"
SETTINGS: Final = {
    "DJANGO_SETTINGS_MODULE": "passport_office.settings.production",
    "ALLOWED_HOSTS": HOST,
    "PUBLIC_URL": f"https://{HOST}",
    "TRUSTED_PROXIES": "1",
}


def nginx_config(text: str, *, port: int, web_port: int, folder: Path) -> str:
    """deploy/nginx.conf for this machine: no TLS, our ports and folders. The caching rules stay."""
    temporary = "".join(
        f"  {name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    changes = [
        (r"\A", f"daemon off;\npid {folder}/nginx.pid;\n" + "user root;\n" * (os.geteuid() == 0)),
        (r"http \{\n", f"http {{\n{temporary}"),
        (r"  server \{\n    listen 80 [\s\S]*?\n  \}\n", ""),
        (r"listen 443 ssl", f"listen {HOST}:{port}"),
        (r" +(http2|ssl_\w+) [^\n]*\n", ""),
        (r"server web:8000", f"server {HOST}:{web_port}"),
        (r"/dev/std(out|err)", f"{folder}/nginx-\\1.log"),
        (r"/var/cache/nginx/pages", f"{folder}/cache"),
    ]
    for pattern, replacement in changes:
        text, count = re.subn(pattern, replacement, text)
        if not count:
            raise BenchError(f"deploy/nginx.conf has no {pattern!r} any more.")
    return text


def measure(stores: Stores, folder: Path) -> None:
    port, web_port = free_port(), free_port()
    env = {**SETTINGS, "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics")}
    (folder / "metrics").mkdir()
    checkout = Checkout.prepare(ROOT, stores, str(folder), PORT=str(web_port), **env)
    checkout.run("manage.py", "collectstatic", "--no-input", "--verbosity", "0")
    prepare_database(ROOT, stores, **env)
    world = checkout.build_world(applicants=APPLICANTS, places=PLACES, room_in=3600)
    (folder / "world.json").write_text(json.dumps(world))
    config = folder / "nginx.conf"
    rules = (ROOT / "deploy" / "nginx.conf").read_text()
    config.write_text(nginx_config(rules, port=port, web_port=web_port, folder=folder))
    command = [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(config)]
    with (
        checkout.web_server(web_port) as web,
        background("nginx", command, port, env=checkout.env, cwd=folder) as nginx,
        load_client(world["headers"]) as load,
        Meter([nginx.pid]) as proxy,
        Meter([web.pid, *stores.pids], excluded=stores.other_sessions()) as rest,
    ):
        for name in ("calendar", "status"):
            print(name, public_page(load, world[name], port, web_port, proxy), flush=True)
        release(port, folder, proxy, rest)


def public_page(load: Load, path: str, port: int, web_port: int, proxy: Meter) -> str:
    """Answers a second through nginx against an empty view, in turns; the medians count."""
    page, empty = [{"path": path}], [{"path": "/healthz"}]
    load.send(port, "GET", page, 1)
    rows, errors = [], 0
    for _turn in range(TURNS):
        plain = load.send(web_port, "GET", empty, CONNECTIONS, repeat=EMPTY_REQUESTS)
        before = django_requests(web_port)
        phase = load.send(port, "GET", page, CONNECTIONS, repeat=CACHED_REQUESTS)
        frequency = (django_requests(web_port) - before) / max(1.0, phase.seconds)
        time.sleep(0.2)  # until nginx's processor time has been read
        cost = proxy.between(phase.began, phase.ended) / len(phase.answers) * 1e6
        errors += sum(answer.status != 200 for answer in phase.answers)
        rows.append((phase.rate, phase.rate / plain.rate, frequency, cost))
    rate, ratio, frequency, cost = map(statistics.median, zip(*rows, strict=True))
    return (
        f"{rate:.0f} a second, {ratio:.1f} times an empty view (reach: 8); Django {frequency:.1f} requests "
        f"a second (reach: 1); nginx {cost:.0f} us of processor an answer; {errors} errors"
    )


def django_requests(web_port: int, only: str = "") -> float:
    """Requests that Django has answered, those of one view or all but probes and metrics."""
    with urllib.request.urlopen(f"http://{HOST}:{web_port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    rows = re.findall(
        r'^passport_office_request_seconds_count\{.*?view="(\w+:?\w*)"\} (\S+)', text, re.MULTILINE
    )
    probes = () if only else ("healthz", "readyz", "metrics")
    return sum(float(n) for view, n in rows if only in ("", view) and view not in probes)


def release(port: int, folder: Path, proxy: Meter, rest: Meter) -> None:
    """Run Locust, which prints its figures; then nginx's processor time apart."""
    env = {**os.environ, "BENCH_WORLD": str(folder / "world.json"), "BENCH_PORT": str(port)}
    size = f"-u {CLIENTS} -r {CLIENTS} -t {LOCUST_SECONDS}"
    options = f"--headless --only-summary --loglevel ERROR {size} -f".split()
    began = time.monotonic()
    command = [str(LOCUST), *options, str(HERE / "locustfile.py")]
    subprocess.run(command, env=env, check=False, timeout=LOCUST_SECONDS + 60)
    ended = time.monotonic()
    for name, meter in (("nginx", proxy), ("web, PostgreSQL and Redis", rest)):
        cost = meter.between(began, ended) / APPLICANTS * 1000
        print(f"{name}: {cost:.2f} ms of processor an applicant")


def main() -> None:
    if not LOCUST.exists():
        sys.exit("Locust is not installed here. Run: make bench")
    with (
        tempfile.TemporaryDirectory(prefix="passport-bench-") as folder,
        servers() as (database_url, redis_url),
        own_stores(database_url=database_url, redis_url=redis_url) as stores,
    ):
        measure(stores, Path(folder))


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        sys.exit(str(error))
