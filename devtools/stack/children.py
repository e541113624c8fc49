"""A child process of the supervisor."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
LOG_BYTES = 10_000_000
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Child:
    """A running process with a display name and its own log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str],
        death_signal: signal.Signals = signal.SIGTERM,
        **options: Any,
    ) -> "Child":
        """Start in its own session: Ctrl-C reaches only the supervisor, which stops the children in order."""
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".old.log"))
        parent = os.getpid()

        def die_with_parent() -> None:
            # If the supervisor is killed, its children end too and free their ports and locks.
            if _libc is not None:
                _libc.prctl(PR_SET_PDEATHSIG, death_signal)
                if os.getppid() != parent:
                    os._exit(1)

        with log.open("ab") as file:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=dict(env),
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - no thread of ours runs while we fork
                **options,
            )
        return cls(name=name, process=process, log=log)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def ask_to_stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.is_running:
            self.process.send_signal(how)

    def stop(self, how: signal.Signals = signal.SIGTERM, *, seconds: float = 10) -> None:
        """Terminate, wait, and kill the whole session if it has not ended."""
        self.ask_to_stop(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=seconds)
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()

    def end_its_own(self) -> None:
        """Kill the remaining session of a dead process: its workers would keep its port."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def last_words(self) -> str:
        """Return the end of its log in one line."""
        try:
            lines = self.log.read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1] if lines else ""


def end_left_over(leaders: Collection[int], *, mark: str) -> int:
    """Kill processes of these sessions that have our mark in their environment; return how many.

    A killed run leaves them, and other programs may have their ids by now: hence the mark.
    """
    ended = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            session = int((folder / "stat").read_text().rpartition(")")[2].split()[3])
            if session in leaders and mark in (folder / "environ").read_text(
                errors="replace"
            ).split("\0"):
                os.kill(int(folder.name), signal.SIGKILL)
                ended += 1
        except (OSError, ValueError, IndexError):
            continue
    return ended
