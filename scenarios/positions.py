"""The position of a mapping in a YAML file, and of each of its fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from scenarios.errors import ScenarioMistake

# A time of a span of a row of a section: one more than the sections need.
DEEPEST = 8


@dataclass(frozen=True)
class Position:
    """One mapping of a file, with the list to which its mistakes are added."""

    file: str
    path: str
    node: yaml.Node
    mistakes: list[ScenarioMistake]

    def inside(self, *keys: str | int) -> "Position":
        """Return the position of a mapping that the keys lead to."""
        node, path, _line = self._follow(keys)
        return Position(self.file, path, node, self.mistakes)

    def mistake(self, name: str, message: str) -> None:
        """Add a mistake in a field, or in the whole mapping when the field is absent."""
        self.mistake_at((name,), message)

    def mistake_at(self, keys: Sequence[str | int], message: str) -> None:
        """Add a mistake at the keys and (from 0) list positions that lead to a value."""
        self.mistakes.append(self.mistake_of(keys, message))

    def mistake_of(self, keys: Sequence[str | int], message: str) -> ScenarioMistake:
        _node, path, line = self._follow(keys)
        return ScenarioMistake(self.file, line + 1, path, message)

    def _follow(self, keys: Sequence[str | int]) -> tuple[yaml.Node, str, int]:
        """Return the node, path and line of a value; of what is around it if it is absent."""
        node, path, line = self.node, self.path, self.node.start_mark.line
        for key in keys:
            path += f"[{key + 1}]" if isinstance(key, int) else f".{key}"
            step = _step(node, key)
            if step is not None:
                line, node = step
        return node, path.lstrip("."), line


def _step(node: yaml.Node, key: str | int) -> tuple[int, yaml.Node] | None:
    """Return the line and the node of a key or list item; None if it is absent."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                return name.start_mark.line, value
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line, node.value[key]
    return None


def plain(node: yaml.Node, at: Position, depth: int = 0) -> Any:
    """Return a node as text, list or dict, and None for no value.

    A repeated key is a mistake, and so are values that are nested too deeply, such as an
    alias inside its own anchor.
    """
    if depth > DEEPEST:
        text = "is nested too deeply"
        at.mistakes.append(ScenarioMistake(at.file, node.start_mark.line + 1, "file", text))
        return None
    if isinstance(node, yaml.SequenceNode):
        return [plain(item, at, depth + 1) for item in node.value]
    if not isinstance(node, yaml.MappingNode):
        return None if node.tag == "tag:yaml.org,2002:null" else node.value
    values: dict[str, Any] = {}
    for key, value in node.value:
        name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
        if name in values:
            text = "is here twice; keep one of them"
            at.mistakes.append(ScenarioMistake(at.file, key.start_mark.line + 1, name, text))
        values[name] = plain(value, at, depth + 1)
    return values
