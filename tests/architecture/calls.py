"""Which project function calls which, read from the source: no code is run."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from tests.architecture.sources import PACKAGES, Source, dotted

Function = ast.FunctionDef | ast.AsyncFunctionDef
# Calls that write rows. `update` and `delete` also belong to dicts and files: see `_is_write`.
WRITES = {
    "bulk_create",
    "bulk_update",
    "create",
    "delete",
    "get_or_create",
    "put_in_force",
    "save",
    "update",
    "update_or_create",
}


def module_of(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


@dataclass(frozen=True)
class Calls:
    """The functions of some modules, by dotted name: `booking.bookings.changes.cancel_booking`."""

    sources: tuple[Source, ...]

    @cached_property
    def functions(self) -> dict[str, tuple[Source, Function]]:
        return {
            f"{module_of(source.path)}.{node.name}": (source, node)
            for source in self.sources
            for node in ast.walk(source.tree)
            if isinstance(node, Function)
        }

    @cached_property
    def _imports(self) -> dict[str, Mapping[str, str]]:
        return {source.path: imported_names(source.tree) for source in self.sources}

    @cached_property
    def _callees(self) -> dict[str, set[str]]:
        return {}

    def callees(self, name: str) -> set[str]:
        """Return the project functions that a function calls or passes on, inner functions included."""
        if name not in self._callees:
            self._callees[name] = self._read_callees(name)
        return self._callees[name]

    def _read_callees(self, name: str) -> set[str]:
        source, node = self.functions[name]
        imports, module = self._imports[source.path], module_of(source.path)
        reached = set()
        for child in ast.walk(node):
            if isinstance(child, ast.Attribute | ast.Name) and (text := dotted(child)):
                first, _dot, rest = text.partition(".")
                target = imports.get(first, f"{module}.{first}")
                full = f"{target}.{rest}" if rest else target
                if full in self.functions:
                    reached.add(full)
        return reached - {name}

    def reachable(self, name: str) -> set[str]:
        """Return the function and everything that it calls, directly or not."""
        done: set[str] = set()
        todo = [name]
        while todo:
            current = todo.pop()
            if current not in done:
                done.add(current)
                todo += self.callees(current)
        return done

    def writes(self, name: str) -> bool:
        """Return whether a function writes rows, directly or not."""
        return any(self._writes_itself(each) for each in self.reachable(name))

    def _writes_itself(self, name: str) -> bool:
        _source, node = self.functions[name]
        return any(_is_write(child) for child in ast.walk(node))


def _is_write(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
    if name not in WRITES:
        return False
    # A dict is updated with a positional argument, a query with keywords.
    return not (name == "update" and node.args)


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Return what each imported name of a module stands for, project packages only."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
            names |= {
                alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names
            }
        elif isinstance(node, ast.Import):
            names |= {
                alias.asname: alias.name
                for alias in node.names
                if alias.asname and alias.name.split(".")[0] in PACKAGES
            }
    return names


def decorated_with(functions: Iterable[Function], decorator: str) -> list[Function]:
    """Return the functions with this decorator, called or not."""
    return [
        node
        for node in functions
        if any(
            dotted(one.func if isinstance(one, ast.Call) else one).rpartition(".")[2] == decorator
            for one in node.decorator_list
        )
    ]
