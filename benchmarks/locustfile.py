"""Applicants of a release through the proxy: slot page, booking form, ticket. `make bench` runs it with Locust.

BENCH_WORLD names the file with everyone's requests, BENCH_PORT the proxy's port on this machine.
"""

import json
import os
from pathlib import Path
from typing import Any

from locust import FastHttpUser, task

WORLD: dict[str, Any] = json.loads(Path(os.environ["BENCH_WORLD"]).read_text())
HEADERS = dict(line.split(": ", 1) for line in WORLD["headers"].strip().split("\r\n"))
HEADERS["Content-Type"] = "application/x-www-form-urlencoded"
waiting = list(WORLD["people"])
finished: list[str] = []


class Applicant(FastHttpUser):
    """One connection, one applicant after another until all have come; the last one ends the run."""

    host = f"http://127.0.0.1:{os.environ['BENCH_PORT']}"

    @task
    def visit(self) -> None:
        if not waiting:
            self.stop()
            return
        person = waiting.pop()
        headers = {**HEADERS, "Cookie": person["headers"].strip().removeprefix("Cookie: ")}
        self.client.get(person["page"], headers=headers, name="page")
        form = {"data": person["body"], "headers": headers, "allow_redirects": False}
        with self.client.post(person["book"], name="POST", catch_response=True, **form) as answer:
            if answer.status_code in (302, 303, 409):
                answer.success()
        if answer.status_code in (302, 303):
            self.client.get(answer.headers["Location"], headers=headers, name="ticket")
        finished.append(person["page"])
        if len(finished) == len(WORLD["people"]):
            self.environment.runner.quit()
