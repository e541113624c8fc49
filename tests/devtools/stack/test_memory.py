"""The memory settings of the embedded PostgreSQL on small and large machines and in containers."""

from pathlib import Path

import pytest

from devtools.stack.memory import memory_here, page_cache

GIGABYTE = 1024**3


@pytest.mark.parametrize(
    ("memory", "pages"),
    [
        (GIGABYTE // 2, "128MB"),
        (GIGABYTE, "128MB"),
        (2 * GIGABYTE, "256MB"),
        (24 * GIGABYTE, "3072MB"),
        (512 * GIGABYTE, "8192MB"),
    ],
)
def test_an_eighth_of_memory_is_used_within_limits(memory: int, pages: str) -> None:
    assert page_cache(memory) == pages


def test_a_lower_container_limit_is_used(tmp_path: Path) -> None:
    bound = tmp_path / "memory.max"
    bound.write_text(f"{GIGABYTE // 4}\n")
    assert memory_here([bound]) == GIGABYTE // 4


def test_without_a_container_limit_the_machines_memory_is_used(tmp_path: Path) -> None:
    unbound = tmp_path / "memory.max"
    unbound.write_text("max\n")
    assert memory_here([unbound, tmp_path / "absent"]) == memory_here([])
