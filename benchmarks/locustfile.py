"""Applicants of a release through the proxy: slot page, booking form, ticket. Locust runs it (`make bench`).

BENCH_WORLD names the file with everyone's requests. Each user is one applicant after another until all have come.
"""

import json
import os
from pathlib import Path
from typing import Any

from locust import FastHttpUser, events, task

WORLD: dict[str, Any] = json.loads(Path(os.environ["BENCH_WORLD"]).read_text())
HEADERS = dict(line.split(": ", 1) for line in WORLD["headers"].strip().split("\r\n"))
waiting = list(WORLD["people"])
finished: list[str] = []


class Applicant(FastHttpUser):
    """One connection; the wait between requests is none: everyone wants a place now."""

    @task
    def visit(self) -> None:
        if not waiting:
            self.stop()
            return
        person = waiting.pop()
        headers = {**HEADERS, "Cookie": person["headers"].strip().removeprefix("Cookie: ")}
        self.client.get(person["page"], headers=headers, name="page")
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        with self.client.post(
            person["book"], person["body"], headers=headers, name="booking POST",
            allow_redirects=False, catch_response=True,
        ) as answer:  # fmt: skip
            if answer.status_code not in (302, 303, 409):
                answer.failure(f"status {answer.status_code}")
            else:
                answer.success()
        if answer.status_code in (302, 303):
            self.client.get(answer.headers["Location"], headers=headers, name="ticket")
        finished.append(person["page"])
        if len(finished) == len(WORLD["people"]):
            self.environment.runner.quit()


@events.init.add_listener
def only_this_machine(environment: Any, **_kwargs: Any) -> None:
    if not environment.host.startswith("http://127.0.0.1:"):
        raise SystemExit("This load test sends to 127.0.0.1 only.")
