"""The embedded Valkey, a Redis server. It stores nothing on disk: its contents can be rebuilt."""

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from devtools.stack import places
from devtools.stack.children import Child
from devtools.stack.errors import StackError

WAIT_SECONDS = 15


@dataclass
class Valkey:
    """One server on 127.0.0.1."""

    data_dir: Path
    port: int = 0
    child: Child | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> Child:
        """Start and return when it answers. Raises StackError with the reason."""
        self.port = places.free_port(self.port)
        child = self.restart()
        last = time.monotonic() + WAIT_SECONDS
        while not self._answers():
            if not child.is_running or time.monotonic() > last:
                raise StackError(f"Valkey does not start. Its reason stands in {child.log}")
            time.sleep(0.02)
        return child

    def restart(self) -> Child:
        """Start (again) on the same port."""
        folder = self.data_dir / "valkey"
        folder.mkdir(parents=True, exist_ok=True)
        command = [
            str(places.valkey_program()),
            "--bind",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--save",
            "",
            "--appendonly",
            "no",
            "--databases",
            "64",
            "--daemonize",
            "no",
            "--protected-mode",
            "yes",
        ]
        log = self.data_dir / "log" / "valkey.log"
        self.child = Child.start("Valkey", command, log=log, env=os.environ, cwd=folder)
        return self.child

    def stop(self) -> None:
        if self.child:
            self.child.stop(seconds=5)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
