"""The parts of the cluster on one machine: ports, configuration files and commands. Only existing engines."""

import json
import os
import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from devtools.stack import places
from devtools.stack.errors import StackError
from devtools.stack.postgres import NAME, SETTINGS
from devtools.stack.state import ROOT
from devtools.stack.supervisor import web_command

HOST: Final = "127.0.0.1"
MASTER: Final = "office"
PACKAGES: Final = ROOT / ".local" / "cluster-packages"
NODES: Final = (1, 2)
THREE: Final = (1, 2, 3)
# Patroni: how soon a dead node loses its role, and how often the agents look.
TTL, LOOP, RETRY = 20, 5, 5
BOOTSTRAP: Final = {
    "dcs": {
        "ttl": TTL,
        "loop_wait": LOOP,
        "retry_timeout": RETRY,
        # A crashed primary is not waited for: the standby has every commit.
        "primary_start_timeout": 0,
        "synchronous_mode": True,
        "postgresql": {"use_pg_rewind": True, "use_slots": True},
    },
    "initdb": [
        {"encoding": "UTF8"},
        {"locale": "C"},
        {"locale-provider": "builtin"},
        {"builtin-locale": "C.UTF-8"},
    ],
}
DEBIAN: Final = {"etcd": "etcd-server", "pgbouncer": "pgbouncer", "nginx": "nginx-light"}


@dataclass(frozen=True)
class Ports:
    """Consecutive ports from `first` on."""

    first: int

    @property
    def site(self) -> int:
        return self.first

    @property
    def status(self) -> int:
        return self.first + 1

    @property
    def pooler(self) -> int:
        return self.first + 2

    @property
    def etcd(self) -> int:
        return self.first + 3

    @property
    def etcd_peer(self) -> int:
        return self.first + 4

    @property
    def mail(self) -> int:
        return self.first + 5

    def web(self, node: int) -> int:
        return self.first + 5 + node

    def postgres(self, node: int) -> int:
        return self.first + 7 + node

    def patroni(self, node: int) -> int:
        return self.first + 9 + node

    def valkey(self, number: int) -> int:
        return self.first + 11 + number

    def sentinel(self, number: int) -> int:
        return self.first + 14 + number

    @property
    def all(self) -> range:
        return range(self.first, self.first + 18)


class Layout:
    """Folders, passwords and addresses of one cluster."""

    def __init__(self, folder: Path, ports: Ports, password: str) -> None:
        self.folder, self.ports, self.password = folder, ports, password
        self.owner = places.server_owner()
        self.programs = places.postgres_programs(folder, self.owner)
        # PostgreSQL's user owns everything in it.
        self.home = places.server_home(folder, self.owner) / "cluster"

    @cached_property
    def python(self) -> str:
        """An interpreter for Patroni that PostgreSQL's user may run. Raises StackError if there is none."""
        for candidate in (sys.executable, "/usr/bin/python3"):
            real = Path(candidate).resolve()
            if f"python3.{sys.version_info.minor}" in real.name and self.owner.can_use(real):
                return str(real)
        raise StackError(
            "No Python that the user of PostgreSQL may run. Run this as an ordinary user."
        )

    def url(self, port: int, database: str = NAME) -> str:
        return f"postgres://{NAME}:{quote(self.password)}@{HOST}:{port}/{database}"

    def own(self, path: Path) -> Path:
        """Give a file or folder to PostgreSQL's user."""
        if self.owner.is_other:
            os.chown(path, self.owner.uid, self.owner.gid)
        return path

    def write(self, name: str, text: str) -> Path:
        """Write a file with a password for PostgreSQL's user."""
        path = self.home / name
        path.touch(mode=0o600)
        path.write_text(text)
        return self.own(path)

    @property
    def site_environment(self) -> dict[str, str]:
        """The settings of web, workers and beats: through the pooler, a replica and Sentinel."""
        ports = self.ports
        site = f"http://{HOST}:{ports.site}"
        return {
            "DJANGO_SETTINGS_MODULE": "passport_office.settings.demo",
            "DATA_DIR": str(self.folder),
            "PUBLIC_URL": site,
            "DATABASE_URL": self.url(ports.pooler),
            "REPLICA_URL": self.url(ports.pooler, f"{NAME}_replica"),
            "DATABASE_POOLED": "true",
            "REDIS_URL": f"redis://{MASTER}/0",
            "QUEUE_URL": f"redis://{MASTER}/0",
            "REDIS_SENTINELS": ",".join(f"{HOST}:{ports.sentinel(n)}" for n in THREE),
            "EMAIL_URL": f"smtp://{HOST}:{ports.mail}",
            "TRUSTED_PROXIES": "1",
            "CELERY_SKIP_CHECKS": "1",
            "PYTHONUNBUFFERED": "1",
        }


def check_programs() -> None:
    """Raise StackError with the command that installs what is missing."""
    missing = [package for name, package in DEBIAN.items() if shutil.which(name) is None]
    if missing:
        raise StackError(
            f"The cluster needs Debian's packages: apt-get install {' '.join(missing)}"
        )
    if not (PACKAGES / "patroni").is_dir():
        raise StackError("Patroni is not installed. Start with: make cluster")


# --- Files ---------------------------------------------------------------------------------------
def write_files(layout: Layout) -> None:
    """Write every configuration file; the data of PostgreSQL and etcd stay."""
    layout.home.mkdir(mode=0o755, parents=True, exist_ok=True)
    layout.own(layout.home)
    follower = layout.write(
        "follow_leader.py", Path(__file__).with_name("follow_leader.py").read_text()
    )
    for node in NODES:
        config = json.dumps(_patroni(layout, node, follower), indent=2)  # JSON is YAML
        layout.write(f"patroni-{node}.yml", config)
    layout.write("users.txt", f'"{NAME}" "{layout.password}"\n')
    if not (layout.home / "databases.ini").exists():
        layout.write("databases.ini", "[databases]\n")
    layout.write("pgbouncer.ini", _pgbouncer(layout))
    for number in THREE:
        for kind in ("valkey", "sentinel"):
            (layout.folder / f"{kind}-{number}").mkdir(parents=True, exist_ok=True)
        valkey = layout.folder / f"valkey-{number}" / "valkey.conf"
        valkey.write_text(_valkey(layout.ports, number))
        sentinel = layout.folder / f"sentinel-{number}" / "sentinel.conf"
        sentinel.write_text(_sentinel(layout.ports, number))
    (layout.folder / "nginx.conf").write_text(
        nginx((ROOT / "deploy" / "nginx.conf").read_text(), layout.folder, layout.ports)
    )


def _patroni(layout: Layout, node: int, follower: Path) -> dict[str, Any]:
    ports = layout.ports
    [other] = set(NODES) - {node}
    address = f"{HOST}:{ports.postgres(node)}"
    rest = f"{HOST}:{ports.patroni(node)}"
    words = [layout.python, follower, layout.home / "databases.ini", layout.home / "pgbouncer.pid"]
    words += [ports.postgres(node), ports.postgres(other)]
    follow = shlex.join(str(word) for word in words)
    parameters = {
        **{name: value for name, value in SETTINGS.items() if name != "listen_addresses"},
        "shared_buffers": "128MB",
    }
    return {
        "scope": MASTER,
        "name": f"postgres-{node}",
        "restapi": {"listen": rest, "connect_address": rest},
        "etcd3": {"host": f"{HOST}:{ports.etcd}"},
        "bootstrap": BOOTSTRAP,
        "postgresql": {
            "listen": address,
            "connect_address": address,
            "data_dir": str(layout.home / f"postgres-{node}"),
            "bin_dir": str(layout.programs),
            "pgpass": str(layout.home / f"pgpass-{node}"),
            "authentication": {
                "superuser": {"username": NAME, "password": layout.password},
                "replication": {"username": "replicator", "password": layout.password},
            },
            "pg_hba": [
                f"host all all {HOST}/32 scram-sha-256",
                f"host replication replicator {HOST}/32 scram-sha-256",
            ],
            "parameters": parameters,
            "remove_data_directory_on_rewind_failure": True,
            "remove_data_directory_on_diverged_timelines": True,
            "callbacks": {"on_start": follow, "on_role_change": follow},
        },
    }


def _pgbouncer(layout: Layout) -> str:
    return f"""
%include {layout.home}/databases.ini
[pgbouncer]
listen_addr = {HOST}
listen_port = {layout.ports.pooler}
unix_socket_dir =
pidfile = {layout.home}/pgbouncer.pid
auth_type = scram-sha-256
auth_file = {layout.home}/users.txt
pool_mode = transaction
max_client_conn = 300
default_pool_size = 20
server_login_retry = 1
server_connect_timeout = 2
# A request that finds no primary within two seconds says "busy" instead of waiting for the failover.
query_wait_timeout = 2
log_connections = 0
log_disconnections = 0
"""


def _valkey(ports: Ports, number: int) -> str:
    lines = [f"bind {HOST}", f"port {ports.valkey(number)}", 'save ""', "appendonly no"]
    lines += ["repl-diskless-sync-delay 0"]
    if number > 1:
        lines.append(f"replicaof {HOST} {ports.valkey(1)}")
    return "\n".join(lines) + "\n"


def _sentinel(ports: Ports, number: int) -> str:
    return (
        f"bind {HOST}\nport {ports.sentinel(number)}\n"
        f"sentinel monitor {MASTER} {HOST} {ports.valkey(1)} 2\n"
        f"sentinel down-after-milliseconds {MASTER} 1000\n"
        f"sentinel failover-timeout {MASTER} 3000\n"
    )


def nginx(text: str, folder: Path, ports: Ports) -> str:
    """Return deploy/nginx.conf for this machine: no TLS, two web nodes. The caching rules stay."""
    servers = "\n".join(
        f"    server {HOST}:{ports.web(node)} max_fails=1 fail_timeout=2s;" for node in NODES
    )
    temporary = "".join(
        f"  {name}_temp_path {folder}/nginx-{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    changes = [
        (r"\A", f"daemon off;\npid {folder}/nginx.pid;\n{user}"),
        (r"worker_processes auto", "worker_processes 1"),
        (r"http \{\n", f"http {{\n{temporary}"),
        (r"  server \{\n    listen 80 [\s\S]*?\n  \}\n", ""),
        (r"listen 443 ssl", f"listen {HOST}:{ports.site}"),
        (r" +(http2|ssl_\w+) [^\n]*\n", ""),
        (r" +server web:8000[^\n]*", servers),
        # A request that no node has received goes to the other one; a form is never sent twice.
        (r"proxy_next_upstream off", "proxy_next_upstream error timeout"),
        (r"X-Forwarded-Proto https", "X-Forwarded-Proto http"),
        (r"Host \$host;", "Host $http_host;"),  # the port is part of this site's address
        (r"__Host-session", "sessionid"),
        (r"/dev/std(out|err)", f"{folder}/log/nginx-\\1.log"),
        (r"/var/cache/nginx/pages", f"{folder}/nginx-cache"),
    ]
    for pattern, replacement in changes:
        text, count = re.subn(pattern, replacement, text)
        if not count:
            raise StackError(f"deploy/nginx.conf has no {pattern!r} any more.")
    return text


# --- Commands ------------------------------------------------------------------------------------
def engine_commands(layout: Layout) -> dict[str, list[str]]:
    """Return the commands of the engines, in the order of their start."""
    ports, home = layout.ports, layout.home
    client, peer = (f"http://{HOST}:{port}" for port in (ports.etcd, ports.etcd_peer))
    etcd = [shutil.which("etcd") or "etcd", "--data-dir", str(layout.folder / "etcd")]
    etcd += ["--listen-client-urls", client, "--advertise-client-urls", client]
    etcd += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
    etcd += ["--initial-cluster", f"default={peer}", "--logger", "zap", "--log-level", "warn"]
    valkey = str(places.valkey_program())
    commands = {"etcd": etcd}
    for node in NODES:
        config = str(home / f"patroni-{node}.yml")
        commands[f"postgres-{node}"] = [layout.python, "-m", "patroni", config]
    commands["pgbouncer"] = [shutil.which("pgbouncer") or "pgbouncer", f"{home}/pgbouncer.ini"]
    for number in THREE:
        file = layout.folder / f"valkey-{number}" / "valkey.conf"
        commands[f"valkey-{number}"] = [valkey, str(file)]
    for number in THREE:
        file = layout.folder / f"sentinel-{number}" / "sentinel.conf"
        commands[f"sentinel-{number}"] = [valkey, str(file), "--sentinel"]
    return commands


def office_commands(layout: Layout) -> dict[str, list[str]]:
    """Return the commands of the system's own processes, and of nginx."""
    ports, python = layout.ports, sys.executable
    celery = [python, "-m", "celery", "-A", "passport_office.celery:app"]
    mail = [python, "-m", "devtools.stack.mail_sink", "--folder", str(layout.folder / "mailbox")]
    mail += ["--port", str(ports.mail), "--clock-offset", "0"]
    mail += ["--clock-file", str(layout.folder / "demo-clock")]
    commands = {"mail": mail}
    for node in NODES:
        web = web_command(ports.web(node))
        web[web.index("--workers") + 1] = "1"
        commands[f"web-{node}"] = [python, *web]
        worker = [*celery, "worker", "--concurrency", "1", "--loglevel", "INFO"]
        worker += ["-n", f"worker-{node}@%h", "--without-gossip", "--without-mingle"]
        commands[f"worker-{node}"] = worker
        beat = [*celery, "beat", "--scheduler", "passport_office.beat:LeasedScheduler"]
        commands[f"beat-{node}"] = [*beat, "--pidfile=", "--loglevel", "INFO"]
    commands["nginx"] = [shutil.which("nginx") or "nginx", "-c", str(layout.folder / "nginx.conf")]
    return commands
