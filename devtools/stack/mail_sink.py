"""A mail server that delivers nothing: it stores each message as a file for the demo's mailbox page."""

import argparse
import os
import secrets
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from core.shared_clock import read_offset

RECEIVED_AT = "X-Demo-Received-At"


class Keeper:
    """Writes each message atomically, with file names that sort by time."""

    def __init__(self, folder: Path, clock_offset: float, clock_file: Path | None) -> None:
        self.folder = folder
        self.clock_offset = clock_offset
        self.clock_file = clock_file

    def _now(self) -> datetime:
        # The sink runs without Django, so it reads the clock and the demo's offset itself.
        offset = self.clock_offset
        if self.clock_file is not None:
            offset = read_offset(self.clock_file, at_least=offset)
        return datetime.now(UTC) + timedelta(seconds=offset)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Answer 250 only after the message is on disk."""
        at = self._now()
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        draft = self.folder / f".{name}"
        head = f"{RECEIVED_AT}: {at.isoformat(timespec='seconds')}\r\n".encode()
        with draft.open("wb") as file:
            file.write(head + (envelope.original_content or envelope.content))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self.folder / f"{name}.eml")
        return "250 Message accepted for delivery"


def start(
    folder: Path, *, port: int, clock_offset: float = 0.0, clock_file: Path | None = None
) -> Controller:
    """Start the sink in a thread and return its controller."""
    folder.mkdir(parents=True, exist_ok=True)
    keeper = Keeper(folder, clock_offset, clock_file)
    controller = Controller(keeper, hostname="127.0.0.1", port=port, ready_timeout=10)
    controller.start()
    return controller


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--clock-offset", type=float, default=0.0)
    parser.add_argument("--clock-file", type=Path)
    given = parser.parse_args()
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    controller = start(
        given.folder,
        port=given.port,
        clock_offset=given.clock_offset,
        clock_file=given.clock_file,
    )
    signal.sigwait(signals)
    controller.stop()


if __name__ == "__main__":
    main()
