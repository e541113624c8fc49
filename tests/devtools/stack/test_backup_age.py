"""Backups age out: erased data must not live on in them."""

from pathlib import Path

import pytest

from devtools.stack import dumps

NEWEST = "passport-office-20261129T200000Z.dump"
FILES = (
    "passport-office-20261029T200000Z.dump",
    "passport-office-20261030T200000Z.dump",
    NEWEST,
    "notes.txt",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(dumps, "FOLDER", tmp_path)
    for name in FILES:
        (tmp_path / name).write_text("")
    return tmp_path


def test_backups_older_than_thirty_days_are_deleted(folder: Path) -> None:
    assert dumps.delete_old(folder / NEWEST) == 1
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES[1:])


def test_zero_days_keep_every_backup(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dumps, "KEEP_DAYS", 0)
    assert dumps.delete_old(folder / NEWEST) == 0
