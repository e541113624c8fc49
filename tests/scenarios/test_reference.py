"""The reference of the scenario files, and the check of a file without loading it."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from offices.directory.models import Region
from scenarios.reference import expected, scenario_reference
from scenarios.schema import SECTIONS, DatedRow
from scenarios.services import find_mistakes

DOCS = Path(settings.BASE_DIR) / "docs" / "scenarios.md"
NATIONAL = "scenarios/national.yaml"

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def test_the_reference_matches_the_schema() -> None:
    """`manage.py scenario_reference` rewrites it."""
    assert DOCS.read_text() == scenario_reference()


@pytest.mark.parametrize(
    ("section", "keys", "right"),
    [
        ("counters", ["number"], "write a whole number from 1 to 999"),
        ("counters", ["stages", 0], "choose one of documents, interview, photo"),
        ("policies", ["percent"], "write a number from 0 to 1000, with at most two decimals"),
        ("service_types", ["documents", 0, "required"], "write yes or no"),
        ("opening_hours", ["breaks", 2, "from"], 'write a time such as "14:00"'),
    ],
)
def test_a_message_says_what_the_schema_expects(
    section: str, keys: list[str | int], right: str
) -> None:
    assert expected(SECTIONS[section], keys) == right


def test_every_dated_section_names_its_table_and_existing_key_columns() -> None:
    for kind in SECTIONS.values():
        if issubclass(kind, DatedRow):
            names = {field.name for field in kind.table._meta.get_fields()}
            assert set(kind.key) <= names


@pytest.mark.django_db
def test_a_check_reports_mistakes_and_loads_nothing(tmp_path: Path) -> None:
    out = StringIO()
    call_command("load_scenario", NATIONAL, "--check", stdout=out)
    assert "no mistakes" in out.getvalue()
    assert not Region.objects.exists()
    file = tmp_path / "salah.yaml"
    file.write_text("regions:\n  - {code: UTARA, name: Utara}\n")
    with pytest.raises(CommandError, match=r"line 2, regions\[1\]\.code"):
        call_command("load_scenario", str(file), "--check")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("regions: &all [*all]\n", 1),
        ("regions:\n  - &row {code: utara, name: *row}\n", 2),
        ("staff:\n  - {name: A, email: a@b.id, role: [gate], valid_from: 2026-01-01}\n", 2),
        ("office: {code: [a], name: {b: c}, region: [d], service_types: e}\n", 1),
        ("regions:\n  - {code: a, code: b, name: Utara}\n", 2),
        ("preset: [a]\npolicies: {a: b}\nholidays: x\n", 1),
        ("? {a: b}\n: c\n", 1),
    ],
)
def test_a_malformed_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / "salah.yaml"
    file.write_text(text)
    mistakes = find_mistakes(path=file, now=NOW)
    assert mistakes
    assert mistakes[0].line == line
