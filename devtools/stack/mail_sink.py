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

RECEIVED_AT = "X-Demo-Received-At"


class Keeper:
    """Writes each message atomically, with file names that sort by time."""

    def __init__(self, folder: Path, clock_offset: float) -> None:
        self.folder = folder
        self.clock_offset = clock_offset

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Answer 250 only after the message is on disk."""
        # The sink runs without Django, so it reads the clock and the demo's offset itself.
        at = datetime.now(UTC) + timedelta(seconds=self.clock_offset)
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        draft = self.folder / f".{name}"
        head = f"{RECEIVED_AT}: {at.isoformat(timespec='seconds')}\r\n".encode()
        with draft.open("wb") as file:
            file.write(head + (envelope.original_content or envelope.content))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self.folder / f"{name}.eml")
        return "250 Message accepted for delivery"


def start(folder: Path, *, port: int, clock_offset: float = 0.0) -> Controller:
    """Start the sink in a thread and return its controller."""
    folder.mkdir(parents=True, exist_ok=True)
    keeper = Keeper(folder, clock_offset)
    controller = Controller(keeper, hostname="127.0.0.1", port=port, ready_timeout=10)
    controller.start()
    return controller


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--clock-offset", type=float, default=0.0)
    given = parser.parse_args()
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    controller = start(given.folder, port=given.port, clock_offset=given.clock_offset)
    signal.sigwait(signals)
    controller.stop()


if __name__ == "__main__":
    main()
