"""Starts the cluster, keeps its processes running, and stops it in order."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Final

from devtools.cluster import parts, status
from devtools.cluster.parts import HOST, NODES, Layout, Ports
from devtools.stack import places, state
from devtools.stack.children import Child, end_left_over
from devtools.stack.errors import StackError
from devtools.stack.locks import hold_run_lock
from devtools.stack.postgres import NAME

START_SECONDS: Final = 180
# A killed node stays away longer than its role lasts, so that the other one takes over.
NODE_STAYS_AWAY: Final = parts.TTL + 20.0
RESTARTS_AFTER: Final = 0.5
STOP_ORDER: Final = ("nginx", "beat", "worker", "web", "mail", "pgbouncer", "sentinel", "valkey")
DEMO: Final = (("prepare_stack",), ("set_role_defaults",))
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def folder() -> Path:
    """Return the cluster's data folder: CLUSTER_DIR, or `.local/cluster`."""
    given = os.environ.get("CLUSTER_DIR", "")
    return (Path.cwd() / given).resolve() if given else state.ROOT / ".local" / "cluster"


def ports() -> Ports:
    """Return the ports, from CLUSTER_PORT on."""
    given = os.environ.get("CLUSTER_PORT") or "8300"
    if not given.isdigit() or not 1024 <= int(given) <= 65000:
        raise StackError(f"CLUSTER_PORT must be a number from 1024 to 65000, not {given!r}.")
    return Ports(int(given))


def state_file() -> Path:
    return folder() / "cluster.json"


class Cluster:
    """One run of the cluster; `start` returns when the site is ready.

    `preparation` are the commands that fill the database, at each start.
    """

    def __init__(self, preparation: Sequence[Sequence[str]] = DEMO) -> None:
        self.preparation = preparation
        self.folder, self.ports = folder(), ports()
        self.folder.mkdir(parents=True, exist_ok=True)
        # The keys belong to this cluster: load_secrets reads them from DATA_DIR.
        os.environ["DATA_DIR"] = str(self.folder)
        password = state.load_secrets(create=True)["database_password"]
        self.layout = Layout(self.folder, self.ports, password)
        self.commands: dict[str, list[str]] = {}
        self.children: dict[str, Child] = {}
        self.down_since: dict[str, float] = {}
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.pages: Any = None

    # --- Start -----------------------------------------------------------------------------------
    def start(self) -> None:
        """Start everything. Raises StackError with the reason if a part does not come."""
        parts.check_programs()
        self._end_left_over()
        for port in self.ports.all:
            if not places.port_is_free(port):
                raise StackError(
                    f"Port {port} is taken. Choose others: CLUSTER_PORT=8400 make cluster"
                )
        parts.write_files(self.layout)
        (self.folder / "log").mkdir(exist_ok=True)
        self.commands = parts.engine_commands(self.layout)
        for name in self.commands:
            self._spawn(name)
            if name == "etcd":
                self._wait_for(f"http://{HOST}:{self.ports.etcd}/health", "etcd")
        self._say("Waiting for a primary and its synchronous standby ...")
        self._wait_until(self.has_synchronous_standby, "PostgreSQL has no synchronous standby")
        self._prepare()
        office = parts.office_commands(self.layout)
        self.commands |= office
        for name in office:
            self._spawn(name)
        self.pages = status.serve(self.ports.status, self.table)
        for node in NODES:
            self._wait_for(f"http://{HOST}:{self.ports.web(node)}/readyz", f"web-{node}")
        self._wait_for(f"http://{HOST}:{self.ports.site}/", "nginx")

    def _spawn(self, name: str) -> None:
        layout, options = self.layout, {}
        env: dict[str, str] = {**os.environ, "DATA_DIR": str(self.folder)}
        if name.startswith(("postgres", "pgbouncer")):
            options = {**layout.owner.popen_options(), "cwd": "/"}
            kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
            env = {
                **kept,
                "PYTHONPATH": str(parts.PACKAGES),
                "LC_ALL": "C",
                "HOME": str(layout.home),
            }
        elif name.startswith(("web", "worker", "beat")):
            env |= layout.site_environment | {"APPLICATION_NAME": f"passport_office {name}"}
            options = {"cwd": state.ROOT}
        elif name == "mail":
            options = {"cwd": state.ROOT}
        if name.startswith("web"):
            metrics = self.folder / f"metrics-{name}"
            shutil.rmtree(metrics, ignore_errors=True)
            env["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
        log = self.folder / "log" / f"{name}.log"
        child = Child.start(name, self.commands[name], log=log, env=env, **options)
        with self.lock:
            self.children[name] = child
            pids = {one: each.pid for one, each in self.children.items()}
        content = {"pid": os.getpid(), "pids": pids, "started": state.start_time(os.getpid())}
        state.write_private(state_file(), content)

    def _end_left_over(self) -> None:
        left = (state._read(state_file()) or {}).get("pids", {})
        leaders = {int(pid) for pid in left.values()}
        if leaders and end_left_over(leaders, mark=f"DATA_DIR={self.folder}"):
            self._say("Ended what a killed run had left running.")

    def has_synchronous_standby(self) -> bool:
        """True if a booking is on two machines before it is confirmed."""
        members = status.postgres_members(self.ports)
        roles = {row["role"] for row in members if row["state"] in ("running", "streaming")}
        return {"leader", "sync_standby"} <= roles

    def _prepare(self) -> None:
        """Create, migrate and fill the database, on the primary itself."""
        self._say("Preparing the database ...")
        leader = status.leader(self.ports)
        assert leader is not None
        port = self.ports.postgres(leader)
        self._create_database(port)
        env = {
            **os.environ,
            **self.layout.site_environment,
            "DATABASE_URL": self.layout.url(port),
            "DATABASE_POOLED": "false",
            "REPLICA_URL": "",
        }
        for command in self.preparation:
            log = self.folder / "log" / f"{command[0]}.log"
            with log.open("wb") as file:
                done = subprocess.run(
                    [sys.executable, str(state.ROOT / "manage.py"), *command],
                    stdout=file,
                    stderr=file,
                    env=env,
                    check=False,
                )
            if done.returncode != 0:
                raise StackError(f"The database could not be prepared; the reason is in {log}")

    def _create_database(self, port: int) -> None:
        env = {"PATH": os.environ["PATH"], "PGPASSWORD": self.layout.password, "LC_ALL": "C"}
        where = ["-h", HOST, "-p", str(port), "-U", NAME]
        command = [str(places.client_programs() / "createdb"), *where, NAME]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0 and "already exists" not in done.stderr:
            raise StackError(f"The database could not be created: {done.stderr.strip()}")

    def _wait_for(self, url: str, name: str) -> None:
        def answers() -> bool:
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return True
            except OSError:
                return False

        self._wait_until(answers, f"{name} does not answer; its log: {self.folder}/log/{name}.log")

    def _wait_until(self, condition: Any, otherwise: str) -> None:
        last = time.monotonic() + START_SECONDS
        while not condition():
            if time.monotonic() > last or self.stopping.is_set():
                raise StackError(f"{otherwise}.")
            self.revive()
            time.sleep(0.2)

    # --- While it runs ---------------------------------------------------------------------------
    def revive(self) -> None:
        """Start again what has ended. A killed PostgreSQL node is left alone until the other one leads."""
        now = time.monotonic()
        for name, child in list(self.children.items()):
            if child.is_running:
                self.down_since.pop(name, None)
                continue
            wait = NODE_STAYS_AWAY if name.startswith("postgres") else RESTARTS_AFTER
            if now - self.down_since.setdefault(name, now) >= wait:
                child.end_its_own()
                self.down_since.pop(name)
                self._spawn(name)

    def table(self) -> list[status.Row]:
        """Return each part, its state and its role."""
        with self.lock:
            children = dict(self.children)
        pids = {name: child.pid if child.is_running else None for name, child in children.items()}
        return list(status.rows(self.ports, pids))

    def kill(self, name: str) -> None:
        """Kill a part with SIGKILL, as a power failure would. `node-1`: agent and PostgreSQL."""
        kill(name, self.folder, {one: child.pid for one, child in self.children.items()})

    def _say(self, text: str) -> None:
        print(text, flush=True)

    # --- End -------------------------------------------------------------------------------------
    def stop(self) -> None:
        """Stop everything, standbys before the primary; the data stay."""
        self.stopping.set()
        if self.pages is not None:
            self.pages.shutdown()
            self.pages.server_close()
        leader = status.leader(self.ports)
        nodes = sorted(NODES, key=lambda node: node == leader)
        order = [
            *(name for kind in STOP_ORDER for name in self.children if name.startswith(kind)),
            *(f"postgres-{node}" for node in nodes if f"postgres-{node}" in self.children),
            *(["etcd"] if "etcd" in self.children else []),
        ]
        ours = [name for name in order if name.startswith(("beat", "worker", "web"))]
        for name in ours:
            self.children[name].ask_to_stop()
        for name in order:
            self.children[name].stop(seconds=15)
        state_file().unlink(missing_ok=True)


def forget() -> None:
    """Delete the data of a cluster that does not run."""
    home = places.server_home(folder(), places.server_owner()) / "cluster"
    for each in (home, folder()):
        shutil.rmtree(each, ignore_errors=True)


def kill(name: str, folder: Path, pids: dict[str, int]) -> None:
    """Kill one part. Raises StackError if there is no such part."""
    node = name.removeprefix("node-") if name.startswith("node-") else ""
    if node:
        name = f"postgres-{node}"
    if name not in pids:
        raise StackError(f"There is no {name}. Parts: node-1, node-2, {', '.join(pids)}")
    if name.startswith("postgres"):
        if node:
            os.kill(pids[name], signal.SIGKILL)
        home = places.server_home(folder, places.server_owner()) / "cluster"
        postmaster = int((home / name / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
    else:
        os.killpg(pids[name], signal.SIGKILL)


def run() -> int:
    """Run the cluster until Ctrl-C or SIGTERM."""
    cluster = Cluster()
    with hold_run_lock(cluster.folder):

        def on_signal(_number: int, _frame: FrameType | None) -> None:
            cluster.stopping.set()

        for number in STOP_SIGNALS:
            signal.signal(number, on_signal)
        try:
            cluster.start()
            site = f"http://{HOST}:{cluster.ports.site}"
            print(f"The cluster runs: {site}/demo/", flush=True)
            print(f"Who leads: http://{HOST}:{cluster.ports.status}/", flush=True)
            while not cluster.stopping.wait(0.2):
                cluster.revive()
        finally:
            for number in STOP_SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            print("Stopping ...", flush=True)
            cluster.stop()
            print("Stopped. The data is kept.", flush=True)
    return 0
