"""The previous release's code on this release's tables, as during a rollout (`make test-cluster`).

The previous release is the commit that last changed deploy/released_migrations.txt.
"""

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.cluster.programs import BOOK
from devtools.stack import state
from devtools.stack.postgres import Postgres
from tests.architecture.sources import ROOT

PEOPLE, PLACES = 4, 200
READ = """
import sys
import django
django.setup()
from django.test import Client
for path in sys.argv[1:]:
    print(path, Client(SERVER_NAME="127.0.0.1").get(path).status_code)
"""
RELEASED = "deploy/released_migrations.txt"


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout


@pytest.fixture
def previous_release(tmp_path: Path) -> Path:
    """The files of the previous release. Without the history of git this test is not collected."""
    commit = git("log", "-1", "--format=%H", "--", RELEASED).decode().strip()
    folder = tmp_path / "previous"
    with tarfile.open(fileobj=io.BytesIO(git("archive", commit))) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postgres]:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    password = state.load_secrets(create=True)["database_password"]
    postgres = Postgres(tmp_path / "data", password, is_throw_away=True)
    postgres.start()
    yield postgres
    postgres.stop()


def run(code: Path, server: Postgres, *arguments: str, stdin: str = "") -> str:
    """Run a program with this code on the server's database; return what it printed."""
    nowhere = "redis://127.0.0.1:1/0"
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "passport_office.settings.demo",
        "DATABASE_URL": server.url,
        "REDIS_URL": nowhere,
        "QUEUE_URL": nowhere,
    }
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=code, env=env, input=stdin, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.cluster
def test_the_previous_release_reads_and_books_on_the_new_tables(
    previous_release: Path, server: Postgres
) -> None:
    run(ROOT, server, "manage.py", "migrate", "--no-input", "-v", "0")
    run(ROOT, server, "manage.py", "load_scenario", "scenarios/national.yaml")

    # Its own models write the office, its places, accounts and applications.
    program = (previous_release / "benchmarks" / "world.py").read_text()
    counts = (f"--applicants={PEOPLE}", f"--places={PLACES}")
    world = json.loads(run(previous_release, server, "-", *counts, stdin=program).splitlines()[-1])
    for person in world["people"]:
        pairs = dict(pair.split("=", 1) for pair in person["body"].split("&"))
        person["applicant"] = pairs["applicants"]
        person["headers"] = world["headers"] + person["headers"]

    pages = ["/", world["calendar"]]
    read = run(previous_release, server, "-c", READ, *pages)
    assert read.splitlines() == [f"{page} 200" for page in pages]
    booked = run(previous_release, server, "-c", BOOK, json.dumps(world["people"][:2]))
    assert len(booked.splitlines()) == 2

    # This release books next to it, and no rule is broken by either.
    booked = run(ROOT, server, "-c", BOOK, json.dumps(world["people"][2:]))
    assert len(booked.splitlines()) == PEOPLE - 2
    run(ROOT, server, "manage.py", "verify")
