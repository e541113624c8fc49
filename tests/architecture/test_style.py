"""The rules of the code base, each with what it prevents."""

import ast
import re
import statistics
import subprocess
import sys
from pathlib import Path

import grimp
import pytest
from django.apps import apps
from django.db import models
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template

from core.status import history_key, status_models
from tests.architecture.sources import (
    APPS,
    PACKAGES,
    ROOT,
    Source,
    called_name,
    dotted,
    identifiers,
    keywords,
    sources,
    sources_of_tests,
    sources_of_tools,
    statements_of,
)

pytestmark = pytest.mark.xdist_group("sources")  # one process parses the sources

MOST_FILES = 15
SPLIT_APPS = ("offices", "quotas", "booking", "counters", "reports", "privacy")
MOST_FUNCTION_LINES = 45
# Examples are data and may be long.
MADE_OF_EXAMPLES = ("devtools/styleguide.py",)
# Besides the clock itself: the supervisor of the embedded servers, which has no settings, and the test helper that reads its offset.
WHERE_THE_CLOCK_IS_READ = ("core/clock.py", "devtools/stack/", "tests/stacks.py")
WIDEST_TEMPLATE_LINE = 120
LONGEST_TEST_NAME = 12  # words
USUAL_TEST_NAME = 8  # words, the median at most
# Metaphors that docs/architecture.md replaces by literal names.
BANNED_WORDS = (
    "asked",
    "bears",
    "beside",
    "borne",
    "drawn",
    "found",
    "household",
    "meanwhile",
    "nights",
    "plainly",
    "rehearse",
    "said",
    "seen",
    "told",
    "ways_on",
    "wish",
)
PERMITTED_NAMES = {
    # Names of Django and REST framework, and our error code of the same name.
    "NotFound",
    "not_found",
    "page_not_found",
    # A key of the public proof of a lottery, and the column of the same name.
    "drawn_at",
    "drawn_at__isnull",
    "window__drawn_at",
    "window__drawn_at__isnull",
    "draw__drawn_at__isnull",
}
VERBS_AND_RIGHTS = {"officer_view", "access.officer_view"}


def as_lines(lines: list[str]) -> str:
    return "\n" + "\n".join(lines)


def snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def test_packages_and_layers_import_in_one_direction() -> None:
    """Foreign keys follow the import contracts in pyproject.toml."""
    program = "from importlinter.cli import lint_imports_command as run; run()"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_foreign_keys_point_to_lower_packages() -> None:
    order = {app: number for number, app in enumerate(APPS)}
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in order
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and field.related_model._meta.app_label in order
        and order[field.related_model._meta.app_label] > order[model._meta.app_label]
    ]
    assert not wrong, as_lines(wrong)


def test_functions_are_short() -> None:
    long = [
        f"{source.at(function)} {function.name}: {statements_of(function)}"
        for source in sources()
        if source.path not in MADE_OF_EXAMPLES
        for function in source.functions
        if statements_of(function) > MOST_FUNCTION_LINES
    ]
    assert not long, as_lines(long)


def test_there_are_no_utility_modules() -> None:
    names = {"utils.py", "helpers.py", "misc.py", "signals.py"}
    faults = [source.path for source in sources() if source.path.rsplit("/", 1)[-1] in names]
    assert not faults, as_lines(faults)


def test_there_are_no_signal_handlers() -> None:
    """The only exception is Celery's logging hook, which is configuration."""
    faults = [
        source.at(node)
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith(
            ("django.db.models.signals", "django.dispatch", "django.core.signals")
        )
    ]
    assert not faults, as_lines(faults)


def test_the_clock_is_read_in_one_place() -> None:
    """Tests too: TEST_CLOCK moves core.clock.now() and no other clock."""
    banned = (
        "timezone.now",
        "datetime.now",
        "datetime.utcnow",
        "date.today",
        "dt.datetime.now",
        "dt.date.today",
        "timezone.localdate",
        "timezone.localtime",
    )
    faults = [
        f"{source.at(call)} {dotted(call.func)}()"
        for source in (*sources(), *sources_of_tests())
        if not source.path.startswith(WHERE_THE_CLOCK_IS_READ)
        for call in source.calls
        if dotted(call.func).endswith(banned)
        and not (dotted(call.func).endswith("timezone.localtime") and call.args)
        and not (dotted(call.func).endswith("timezone.localdate") and call.args)
    ]
    assert not faults, as_lines(faults)


def test_services_and_selectors_receive_the_time() -> None:
    faults = [
        source.at(call)
        for source in sources()
        if source.package in APPS
        and source.package != "core"
        and source.in_layer("services", "selectors", "models", "forms")
        for call in source.calls
        if dotted(call.func) in ("clock.now", "core.clock.now")
    ]
    assert not faults, as_lines(faults)


def test_every_row_lock_is_a_no_key_lock() -> None:
    """A stronger lock would block every row that references this one."""
    faults = [
        source.at(call)
        for source in sources()
        for call in source.calls
        if called_name(call) == "select_for_update" and "no_key" not in keywords(call)
    ]
    assert not faults, as_lines(faults)


def test_raw_sql_locks_are_no_key_locks_too() -> None:
    pattern = re.compile(r"\bFOR\s+UPDATE\b")
    faults = [source.path for source in sources() if pattern.search(source.text)]
    assert not faults, as_lines(faults)


def test_every_save_names_the_fields_it_changes() -> None:
    """Otherwise a save overwrites concurrent changes. New rows are written whole."""
    faults = [
        source.at(call)
        for source in sources()
        for call in source.calls
        if called_name(call) == "save"
        and isinstance(call.func, ast.Attribute)
        and not keywords(call) & {"update_fields", "force_insert", "commit"}
        and not _is_of_form_or_parent(call)
    ]
    assert not faults, as_lines(faults)


def _is_of_form_or_parent(call: ast.Call) -> bool:
    assert isinstance(call.func, ast.Attribute)
    owner = call.func.value
    if isinstance(owner, ast.Call):
        return called_name(owner) == "super"
    return dotted(owner).rsplit(".", 1)[-1] in {
        "form",
        "session",
        "canvas",
        "document",
        "image",
        "drawing",
    }


def test_no_model_hides_a_rule_in_save() -> None:
    faults = [
        source.at(function)
        for source in sources()
        if source.in_layer("models")
        for function in source.functions
        if function.name in {"save", "delete", "clean"}
    ]
    assert not faults, as_lines(faults)


def test_a_service_takes_keywords_only() -> None:
    """Functions that take an actor or the time are writes; keywords name each argument at the call."""
    faults = [
        f"{source.at(function)} {function.name}"
        for source in sources()
        if source.package in APPS and source.in_layer("services")
        for function in source.tree.body
        if isinstance(function, ast.FunctionDef)
        and not function.name.startswith("_")
        and {argument.arg for argument in function.args.args} & {"now", "by"}
    ]
    assert not faults, as_lines(faults)


def test_services_never_call_tasks_or_touch_requests() -> None:
    faults = [
        source.at(node)
        for source in sources()
        if source.package in APPS and source.in_layer("services", "selectors", "models")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom)
        and ((node.module or "").endswith(".tasks") or (node.module or "") == "django.http")
    ]
    assert not faults, as_lines(faults)


def test_only_beat_sends_tasks_to_the_broker() -> None:
    """Due work is a row in the database; a task that was only queued would be lost with Redis."""
    faults = [
        source.at(call)
        for source in sources()
        for call in source.calls
        if called_name(call) in {"delay", "apply_async", "send_task"}
    ]
    assert not faults, as_lines(faults)


def test_every_public_view_declares_its_methods() -> None:
    faults = [
        f"{source.at(function)} {function.name}"
        for source in sources()
        if source.in_layer("views")
        for function in source.tree.body
        if isinstance(function, ast.FunctionDef)
        and not function.name.startswith("_")
        and function.args.args
        and function.args.args[0].arg == "request"
        and "HttpResponse" in (ast.unparse(function.returns) if function.returns else "")
        and not _bounds_the_verbs(function)
    ]
    assert not faults, as_lines(faults)


def _bounds_the_verbs(function: ast.FunctionDef) -> bool:
    """Return whether a decorator limits the methods: Django's, or `officer_view`, which also checks the right."""
    names = {ast.unparse(item).split("(")[0] for item in function.decorator_list}
    return any(name.startswith("require_") for name in names) or bool(names & VERBS_AND_RIGHTS)


def test_public_services_and_selectors_have_docstrings() -> None:
    faults = [
        f"{source.at(function)} {function.name}"
        for source in sources()
        if source.package in APPS and source.in_layer("services", "selectors")
        for function in source.tree.body
        if isinstance(function, ast.FunctionDef)
        and not function.name.startswith("_")
        and not ast.get_docstring(function)
    ]
    assert not faults, as_lines(faults)


def test_every_function_has_types() -> None:
    faults = [
        f"{source.at(function)} {function.name}"
        for source in sources()
        for function in source.functions
        if function.returns is None
    ]
    assert not faults, as_lines(faults)


def test_only_core_status_writes_statuses_and_histories() -> None:
    """Only `create`, `move` and `note` of core.status write them, so moves, history and triggers cannot be bypassed."""
    machines = status_models()
    guarded = [*machines, *(history_key(model).model for model in machines)]
    names = "|".join(model.__name__ for model in guarded)
    tables = "|".join(model._meta.db_table for model in guarded)
    managers = rf"\b(?:{names})\.objects|\bhistory"
    creating = re.compile(
        rf"(?:{managers})\.(?:\w+\(.*\)\.)?(?:create|bulk_create|get_or_create|update_or_create)\("
    )
    raw = re.compile(
        rf"(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|COPY)\s+\"?(?:{tables})\b", re.IGNORECASE
    )
    elsewhere = []
    for source in sources():
        if source.path == "core/status.py":
            continue
        elsewhere += [
            source.at(node)
            for node in ast.walk(source.tree)
            if isinstance(node, ast.expr) and _writes_a_status(node)
        ]
        if (
            source.path != "booking/bookings/services.py"
        ):  # inserts bookings with their first history line
            elsewhere += [f"{source.path}: {match.group()}" for match in raw.finditer(source.text)]
        elsewhere += [f"{source.path}: {match.group()}" for match in creating.finditer(source.text)]
    assert not elsewhere, as_lines(elsewhere)
    statements = raw.findall(Path(ROOT / "booking/bookings/services.py").read_text())
    assert statements == ["INSERT INTO booking_booking", "INSERT INTO booking_bookingevent"]


def _writes_a_status(node: ast.expr) -> bool:
    """True for `row.status = …`, `update(status=…)`, `setattr(row, "status", …)` and lists of fields with it."""
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return node.attr == "status" and dotted(node.value) != "self"
    if not isinstance(node, ast.Call):
        return False
    name, values = called_name(node), [*node.args, *(pair.value for pair in node.keywords)]
    if name == "update" and "status" in keywords(node):
        return True
    writes = name in {"setattr", "save", "bulk_update", "asave", "abulk_update"}
    texts = [
        each.value for value in values for each in ast.walk(value) if isinstance(each, ast.Constant)
    ]
    return writes and "status" in texts


def test_bookings_are_inserted_in_one_place() -> None:
    """`create_bookings` is the only writer, on every channel; the checks, locks and history are there."""
    writer = "booking/bookings/services.py"
    raw = re.compile(r"\b(INSERT\s+INTO|MERGE\s+INTO|COPY)\s+booking_booking\b", re.IGNORECASE)
    statements = [source.path for source in sources() for _each in raw.finditer(source.text)]
    assert statements == [writer]
    creating = {"create", "bulk_create", "get_or_create", "update_or_create", "create_defaults"}
    created = [
        source.at(call)
        for source in sources()
        for call in source.calls
        if called_name(call) in creating
        and re.search(r"\b(Booking\.\w+|bookings?)\.\w+$", dotted(call.func))
    ]
    assert not created, as_lines(created)
    # One instance is created in memory for the messages after the statement has written the row.
    made = [
        source.path
        for source in sources()
        for call in source.calls
        if dotted(call.func).rsplit(".", 1)[-1] == "Booking"
    ]
    assert made == [writer]


def test_free_places_are_defined_in_one_place() -> None:
    """The conditions of quotas/places/models.py, for the ORM and, by `place_sql`, for raw SQL."""
    condition = re.compile(
        r"(?<![\w.])(?:\w+\.)?holder\s+IS\s+NULL|holder__isnull\W{1,4}True"
        r"|cooldown_until\s*(?:[<>]|IS\b)|cooldown_until__",
        re.IGNORECASE,
    )
    elsewhere = {
        "booking/waiting_list/models.py",  # the constraint of an offer's own row
    }
    copies = {source.path for source in sources() if condition.search(source.text)}
    assert copies == {"quotas/places/models.py"} | elsewhere


@pytest.mark.parametrize("name", ["TODO", "FIXME", "XXX", "HACK"])
def test_comments_contain_no_open_tasks(name: str) -> None:
    pattern = re.compile(rf"#.*\b{name}\b")
    faults = [source.path for source in sources() if pattern.search(source.text)]
    assert not faults, as_lines(faults)


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    pattern = re.compile(
        r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)\b|unittest\.mock|\bmocker\b"
    )
    own = "tests/architecture/"
    faults = [
        source.path
        for source in sources_of_tests()
        if not source.path.startswith(own) and pattern.search(source.text)
    ]
    assert not faults, as_lines(faults)


def test_test_names_are_sentences() -> None:
    wrong = [
        f"{source.at(function)} {function.name}"
        for source in sources_of_tests()
        if source.path.rsplit("/", 1)[-1].startswith("test_")
        for function in source.tree.body
        if isinstance(function, ast.FunctionDef)
        and function.name.startswith("test_")
        and not 3 <= function.name.count("_") <= LONGEST_TEST_NAME
    ]
    assert not wrong, as_lines(wrong)


def test_test_names_are_short() -> None:
    lengths = [
        function.name.count("_")
        for source in sources_of_tests()
        for function in source.functions
        if function.name.startswith("test_")
    ]
    assert statistics.median(lengths) <= USUAL_TEST_NAME


def test_identifiers_contain_no_banned_word() -> None:
    word = re.compile(rf"(^|_)({'|'.join(BANNED_WORDS)})(_|$)")
    banned = [
        f"{source.path}:{line} {name}"
        for source in (*sources(), *sources_of_tests(), *sources_of_tools())
        for line, name in identifiers(source.tree)
        if name not in PERMITTED_NAMES and word.search(snake_case(name))
    ]
    assert not banned, as_lines(banned)


@pytest.mark.parametrize(
    ("name", "parts"),
    [("ways_on", "ways_on"), ("NotFound", "not_found"), ("DRAWN_AT", "drawn_at")],
)
def test_names_are_split_into_words(name: str, parts: str) -> None:
    assert snake_case(name) == parts


def test_templates_contain_no_inline_styles_or_scripts() -> None:
    """The Content-Security-Policy would refuse inline code."""
    pattern = re.compile(
        r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*(\bsrc=|application/json))|javascript:",
        re.IGNORECASE,
    )
    faults = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        if "notices" in path.relative_to(ROOT).parts:
            continue  # e-mails: mail programs cannot load our style sheets
        text = path.read_text()
        faults += [
            f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1} {match.group()}"
            for match in pattern.finditer(text)
        ]
    assert not faults, as_lines(faults)


def test_template_lines_are_short() -> None:
    """Longer lines hide a word from a search and a column from a review."""
    faults = [
        f"{path.relative_to(ROOT)}:{number} {len(line)} columns"
        for path in sorted((ROOT / "templates").rglob("*.*"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > WIDEST_TEMPLATE_LINE
    ]
    assert not faults, as_lines(faults)


def test_every_template_compiles() -> None:
    """Some pages are shown in rare states only."""
    folder, faults = ROOT / "templates", []
    for path in sorted(folder.rglob("*.*")):
        try:
            get_template(str(path.relative_to(folder)))
        except (TemplateSyntaxError, TemplateDoesNotExist) as error:
            faults.append(f"{path.relative_to(ROOT)}: {error}")
    assert not faults, as_lines(faults)


def test_the_list_of_packages_is_complete() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages == set(PACKAGES)


def test_every_package_has_an_owner() -> None:
    lines = (ROOT / ".github" / "CODEOWNERS").read_text().splitlines()
    owned = {line.split()[0].strip("/") for line in lines if line.startswith("/")}
    assert {*PACKAGES, "benchmarks"} <= owned


def test_the_checks_read_all_sources() -> None:
    """A check that reads no files would always pass."""
    assert len(sources()) > 50
    assert all(isinstance(source, Source) for source in sources())


def test_a_feature_has_at_most_fifteen_files() -> None:
    """A larger feature is split; file names are the same in each (docs/architecture.md)."""
    wrong = []
    for folder in {(ROOT / source.path).parent for source in sources()}:
        count = len([path for path in folder.glob("*.py") if path.name != "__init__.py"])
        parts = folder.relative_to(ROOT).parts
        if count > MOST_FILES and parts[0] in SPLIT_APPS and len(parts) > 1:
            wrong.append(f"{'/'.join(parts)}: {count}")
    assert not wrong, as_lines(sorted(wrong))


def test_packages_export_nothing() -> None:
    wrong = [
        source.path
        for source in sources()
        if source.path.endswith("/__init__.py")
        and any(isinstance(node, ast.Import | ast.ImportFrom) for node in source.tree.body)
    ]
    assert not wrong, as_lines(wrong)


def test_modules_import_each_other_without_cycles() -> None:
    graph = grimp.build_graph(*PACKAGES, include_external_packages=False)
    order: dict[str, int] = {}
    while waiting := [name for name in graph.modules if name not in order]:
        ready = [
            name
            for name in waiting
            if all(other in order for other in graph.find_modules_directly_imported_by(name))
        ]
        assert ready, as_lines(sorted(waiting))
        order |= dict.fromkeys(ready, len(order))
