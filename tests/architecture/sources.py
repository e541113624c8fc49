"""The project's own source files, parsed once."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("core", "notices", "accounts", "offices", "quotas", "booking", "counters", "reports")
PACKAGES = (*ROOMS, "passport_office")


@dataclass(frozen=True)
class Source:
    """One Python file of ours."""

    path: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        return self.path.split("/")[0]

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    def in_layer(self, *names: str) -> bool:
        """Tell whether this is the file, or in the folder, of one of these layers of its room."""
        layer = self.path.split("/")[1].removesuffix(".py")
        return layer in names

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
    """Return every file of our packages but the migrations."""
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" in path.parts or "__pycache__" in path.parts:
                continue
            text = path.read_text()
            found.append(Source(str(path.relative_to(ROOT)), text, ast.parse(text)))
    return tuple(found)


@cache
def sources_of_tests() -> tuple[Source, ...]:
    found = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        text = path.read_text()
        found.append(Source(str(path.relative_to(ROOT)), text, ast.parse(text)))
    return tuple(found)


def called_name(call: ast.Call) -> str:
    """Return `save` for `booking.save()` and for `save()`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def dotted(node: ast.expr) -> str:
    """Return `timezone.now` for that expression, and nothing for what is no plain name."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def keywords(call: ast.Call) -> set[str]:
    return {keyword.arg for keyword in call.keywords if keyword.arg}


def statements_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return a function's length in lines, without its signature and docstring."""
    body = function.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    if not body:
        return 0
    return (body[-1].end_lineno or 0) - body[0].lineno + 1
