"""The terminal output after the start: addresses, and one or two sign-ins per role."""

import json
from pathlib import Path

import pytest

from devtools.stack.announce import opened


def test_two_sign_ins_per_role_are_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = [
        {"role": role, "office": office, "email": f"{role}{n}@{office}.example", "password": "x"}
        for role, office in (("gate", "a"), ("counter", "a"), ("counter", "b"), ("national", ""))
        for n in range(1 if role in ("gate", "national") else 5)
    ]
    file = tmp_path / "demo-credentials.json"
    file.write_text(json.dumps(people))
    opened(data_dir=tmp_path, port=8000, seconds=1.0, clock_offset=0)
    output = capsys.readouterr().out
    assert f"Demo sign-ins (all 12 in {file})" in output
    assert [person["email"] for person in people if person["email"] in output] == [
        "gate0@a.example",
        "counter0@a.example",
        "counter1@a.example",
        "counter0@b.example",
        "counter1@b.example",
        "national0@.example",
    ]


def test_without_demo_data_only_addresses_are_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(data_dir=tmp_path, port=8000, seconds=1.0, clock_offset=0)
    output = capsys.readouterr().out
    assert "http://127.0.0.1:8000/admin/" in output
    assert "sign-ins" not in output
