"""What the tests of counters share: a small office."""

import pytest

from tests.counters.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()
