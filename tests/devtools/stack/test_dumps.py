"""A backup, a loss, a restore: the same rows, verified before they replace the others."""

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection, connections

from accounts.models import User
from devtools.stack import dumps, reset, state
from devtools.stack.errors import StackError


@pytest.fixture
def own_url(throwaway_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database for this test alone, as `make backup` uses it."""
    settings = connection.settings_dict
    url = f"postgres://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}/"
    url = urlunsplit(urlsplit(url)._replace(path=f"/{throwaway_database}"))
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "passport_office.settings.demo")
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    monkeypatch.setattr(dumps, "FOLDER", tmp_path / "backups")
    return url


def test_a_restored_dump_contains_the_same_rows(own_url: str, tmp_path: Path) -> None:
    User.objects.create_user("siti@example.org", "kata-sandi-panjang", full_name="Siti")
    assert dumps.backup() == 0
    (dump,) = (tmp_path / "backups").glob("*.dump")
    assert dump.stat().st_mode & 0o077 == 0

    User.objects.all().delete()
    User.objects.create_user("budi@example.org", "kata-sandi-panjang", full_name="Budi")
    connections.close_all()
    assert dumps.restore(str(dump)) == 0
    assert list(User.objects.values_list("email", flat=True)) == ["siti@example.org"]


def test_an_invalid_dump_changes_nothing(own_url: str, tmp_path: Path) -> None:
    User.objects.create_user("siti@example.org", "kata-sandi-panjang", full_name="Siti")
    wrong = tmp_path / "wrong.dump"
    wrong.write_text("no dump")
    with pytest.raises(StackError, match="pg_restore failed"):
        dumps.restore(str(wrong))
    assert User.objects.count() == 1
    dumps._sql(
        dumps._with_database(own_url, "postgres"),
        f'DROP DATABASE "{urlsplit(own_url).path[1:]}_restored"',
    )


@pytest.mark.parametrize("name", ["", "nowhere.dump"])
def test_without_a_file_the_newest_is_suggested(name: str) -> None:
    with pytest.raises(StackError, match=r"Which file|no file"):
        dumps.restore(name)


def test_reset_deletes_data_and_keeps_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    keys = state.load_secrets(create=True)
    (tmp_path / "mailbox").mkdir()
    (tmp_path / "prepared.json").write_text("{}")
    assert reset.reset() == 0
    assert state.load_secrets(create=False) == keys
    assert {path.name for path in tmp_path.iterdir()} == {"secrets.json", "run.lock"}
