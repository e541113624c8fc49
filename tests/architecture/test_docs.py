"""The pages for newcomers name files and identifiers that exist."""

import re

import pytest

from tests.architecture.sources import ROOT

PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md", "docs/glossary.md")
PATH = re.compile(r"`((?:[a-z_]+|\.github)/[\w/.-]*)`")
NAME_IN_FILE = re.compile(r"`([A-Za-z_][\w.]*)` (?:in|of) `([\w/]+\.\w+)`")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
MADE_LATER = (".local/",)


@pytest.mark.parametrize("page", PAGES)
def test_named_paths_and_links_exist(page: str) -> None:
    text = (ROOT / page).read_text()
    linked = {(ROOT / page).parent / target for target in LINK.findall(text)}
    named = {ROOT / path for path in PATH.findall(text) if not path.startswith(MADE_LATER)}
    missing = sorted(str(path) for path in linked | named if not path.exists())
    assert not missing


@pytest.mark.parametrize("page", PAGES)
def test_named_identifiers_are_in_their_files(page: str) -> None:
    pairs = NAME_IN_FILE.findall((ROOT / page).read_text())
    wrong = [
        (name, path)
        for name, path in pairs
        if (ROOT / path).is_file() and name.rsplit(".")[-1] not in (ROOT / path).read_text()
    ]
    assert not wrong
