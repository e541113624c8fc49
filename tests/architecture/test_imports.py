"""No module imports itself through others. Imports inside functions count too."""

from graphlib import CycleError, TopologicalSorter
from typing import Any

import grimp
import pytest

from tests.architecture.sources import PACKAGES

FEWEST_MODULES = 300


@pytest.fixture
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, "benchmarks", cache_dir=None)


def cycle_in(imports: grimp.ImportGraph) -> list[str]:
    """The modules of one cycle, in the order in which they import each other; empty if there is none."""
    graph = {name: imports.find_modules_directly_imported_by(name) for name in imports.modules}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_itself_through_others(imports: Any) -> None:
    assert len(imports.modules) > FEWEST_MODULES
    assert cycle_in(imports) == []


def test_an_import_inside_a_function_counts(imports: Any) -> None:
    assert imports.direct_import_exists(importer="benchmarks.waiting_room", imported="core.clock")


def test_a_cycle_across_several_modules_is_reported(imports: Any) -> None:
    imports.add_import(importer="core.errors", imported="booking.bookings.views")
    assert {"core.errors", "booking.bookings.views"} <= set(cycle_in(imports))
