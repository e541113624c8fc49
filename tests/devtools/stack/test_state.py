import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.stack import places, state
from devtools.stack.errors import StackError
from devtools.stack.supervisor import Supervisor

DEMO = {"DJANGO_SETTINGS_MODULE": "passport_office.settings.demo"}


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data dir"
    monkeypatch.setenv("DATA_DIR", str(folder))
    return folder


def write_stack(folder: Path, pid: int, started: str) -> None:
    state.write_private(folder / "stack.json", {"pid": pid, "started": started, "port": 1})


def test_without_a_stack_a_command_explains_how_to_start_it(data_dir: Path) -> None:
    assert state.explain_missing_database(["migrate"], DEMO) == state.HOW_TO_START


def test_a_command_without_queries_needs_no_stack(data_dir: Path) -> None:
    assert state.explain_missing_database(["makemigrations"], DEMO) is None
    assert state.explain_missing_database(["verify", "--help"], DEMO) is None


def test_an_external_database_needs_no_stack(data_dir: Path) -> None:
    given = {**DEMO, "DATABASE_URL": "postgres://x@y/z"}
    assert state.explain_missing_database(["migrate"], given) is None


def test_a_running_stack_is_detected(data_dir: Path) -> None:
    write_stack(data_dir, os.getpid(), state.start_time(os.getpid()))
    assert state.explain_missing_database(["migrate"], DEMO) is None


def test_a_killed_stack_counts_as_stopped(data_dir: Path) -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    write_stack(data_dir, done.pid, "1")
    assert state.read_stack() is None


def test_a_reused_process_id_counts_as_stopped(data_dir: Path) -> None:
    write_stack(data_dir, os.getpid(), "started at another time")
    assert state.read_stack() is None


def test_an_incomplete_state_file_counts_as_stopped(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "stack.json").write_text('{"pid": 1')
    assert state.read_stack() is None


def test_keys_are_created_once_and_readable_by_their_owner(data_dir: Path) -> None:
    first = state.load_secrets(create=True)
    assert state.load_secrets(create=True) == first
    assert stat.S_IMODE(state.secrets_file().stat().st_mode) == 0o600
    assert json.loads(state.secrets_file().read_text()) == first


def test_a_busy_port_is_reported_with_alternatives(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(StackError, match=f"PORT={port + 1} make run"):
            Supervisor().run()


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1"])
def test_an_invalid_port_is_reported_with_the_valid_range(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(StackError, match="from 1 to 65535"):
        Supervisor()


def test_an_invalid_demo_clock_is_reported_with_an_example(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO_CLOCK", "Friday")
    with pytest.raises(StackError, match="2026-06-05T13:58:00"):
        Supervisor()


def test_an_inaccessible_data_folder_is_replaced_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    owner = places.server_owner()
    home = places.server_home(hidden / "data", owner)
    if owner.is_other:
        assert home.name.startswith("passport-office-")
        home.rmdir()
    else:
        assert home == hidden / "data"
