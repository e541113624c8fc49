from quotas.services.draws import (
    lock_window,
    places_to_draw,
    release_undrawn,
    reserve_again,
    stamp_drawn,
    take_drawn,
)
from quotas.services.openings import open_due_windows
from quotas.services.places import BookedAt, free_place, look_first, take_places
from quotas.services.scenarios import Loaded, find_mistakes, load_scenario
from quotas.services.windows import Prepared, prepare_windows

__all__ = [
    "BookedAt",
    "Loaded",
    "Prepared",
    "find_mistakes",
    "free_place",
    "load_scenario",
    "lock_window",
    "look_first",
    "open_due_windows",
    "places_to_draw",
    "prepare_windows",
    "release_undrawn",
    "reserve_again",
    "stamp_drawn",
    "take_drawn",
    "take_places",
]
