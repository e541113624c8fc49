"""The project's own source files, parsed once."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "core",
    "notices",
    "accounts",
    "offices",
    "quotas",
    "booking",
    "counters",
    "reports",
    "privacy",
)
PACKAGES = (*APPS, "pages", "scenarios", "ops", "devtools", "passport_office")

# Modules with other names than the standard ones that follow the rules of a layer.
LAYER_OF = {
    "booking/bookings/changes.py": "services",
    "booking/closures/moves.py": "services",
    "booking/closures/rounds.py": "services",
    "booking/integrity/contests.py": "services",
    "booking/integrity/broker_signals.py": "services",
    "booking/lottery/results.py": "services",
    "booking/waiting_list/offers.py": "services",
    "booking/waiting_list/accepting.py": "services",
    "quotas/places/lottery.py": "services",
    "quotas/places/returns.py": "services",
    "quotas/places/roll_over.py": "services",
    "quotas/rules/evening.py": "services",
    "quotas/windows/closures.py": "services",
    "quotas/windows/openings.py": "services",
    "quotas/windows/reconciliation.py": "services",
    "quotas/waiting_room/tally.py": "services",
    "counters/service/returns.py": "services",
    "counters/service/transfers.py": "services",
    "counters/service/conversion.py": "services",
    "counters/production/moves.py": "services",
    "quotas/places/tallies.py": "selectors",
    "quotas/calendar/releases.py": "selectors",
    "quotas/waiting_room/status.py": "selectors",
    "quotas/capacity/office_days.py": "selectors",
    "quotas/rules/preview.py": "selectors",
    "quotas/rules/effects.py": "selectors",
    "quotas/rules/history.py": "selectors",
    "quotas/rules/wide.py": "services",
    "booking/holidays/proposals.py": "services",
    "quotas/rules/terms.py": "views",
    "quotas/rules/decree_views.py": "views",
    "booking/applications/products.py": "selectors",
    "booking/applications/choices.py": "selectors",
    "officer_views.py": "views",
    "booking/public/tickets.py": "views",
    "booking/waiting_list/returns.py": "views",
}


@dataclass(frozen=True)
class Source:
    """One Python file of the project."""

    path: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.path.split("/")[0]

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    def in_layer(self, *names: str) -> bool:
        """Return whether this file belongs to one of these layers, by its name or by `LAYER_OF`."""
        file = self.path.rsplit("/", 1)[-1]
        return LAYER_OF.get(self.path, LAYER_OF.get(file, file.removesuffix(".py"))) in names

    @property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        return [node for node in ast.walk(self.tree) if isinstance(node, kinds)]

    @property
    def calls(self) -> list[ast.Call]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]

    def at(self, node: ast.stmt | ast.expr) -> str:
        return f"{self.path}:{node.lineno}"


@cache
def sources() -> tuple[Source, ...]:
    """Return every file of the product packages except migrations."""
    return _parsed(*PACKAGES)


@cache
def sources_of_tests() -> tuple[Source, ...]:
    return _parsed("tests")


@cache
def sources_of_tools() -> tuple[Source, ...]:
    """Return the files that are neither product nor tests."""
    return _parsed("benchmarks", "deploy")


def _parsed(*folders: str) -> tuple[Source, ...]:
    parsed = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" in path.parts or "__pycache__" in path.parts:
                continue
            text = path.read_text()
            parsed.append(Source(str(path.relative_to(ROOT)), text, ast.parse(text)))
    return tuple(parsed)


def called_name(call: ast.Call) -> str:
    """Return `save` for `booking.save()` and for `save()`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def dotted(node: ast.expr) -> str:
    """Return `timezone.now` for that expression and an empty string for other expressions."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def keywords(call: ast.Call) -> set[str]:
    return {keyword.arg for keyword in call.keywords if keyword.arg}


def identifiers(tree: ast.Module) -> list[tuple[int, str]]:
    """Return each use of a name in a module with its line: names, attributes, parameters, keywords."""
    used: list[tuple[int, str | None]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            used.append((node.lineno, node.id))
        elif isinstance(node, ast.Attribute):
            used.append((node.lineno, node.attr))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            used.append((node.lineno, node.name))
        elif isinstance(node, ast.arg | ast.keyword):
            used.append((node.lineno, node.arg))
    return [(line, name) for line, name in used if name]


def statements_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return a function's length in lines, without its signature and docstring."""
    body = function.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    if not body:
        return 0
    return (body[-1].end_lineno or 0) - body[0].lineno + 1
