from quotas.services.closures import offer_what_goes_on, restore_places, withdraw_places
from quotas.services.decrees import apply_decree, end_roll_over, preview_decree
from quotas.services.draws import (
    lock_window,
    places_to_draw,
    release_undrawn,
    reserve_again,
    stamp_drawn,
    take_drawn,
)
from quotas.services.evening import add_evening_places
from quotas.services.openings import open_due_windows
from quotas.services.places import (
    BookedAt,
    look_first,
    seems_available,
    take_for_office,
    take_places,
)
from quotas.services.returns import (
    free_place,
    free_places,
    hand_over_places,
    rest_places,
    take_given_back,
)
from quotas.services.roll_over import roll_over_due
from quotas.services.rooms import check_let_in, ensure_room, join_room, keep_rooms
from quotas.services.rules import (
    add_places,
)
from quotas.services.scenarios import Loaded, find_mistakes, load_scenario
from quotas.services.watches import ask_to_be_told, confirm_watch, stop_watch
from quotas.services.windows import Prepared, prepare_windows

__all__ = [
    "BookedAt",
    "Loaded",
    "Prepared",
    "add_evening_places",
    "add_places",
    "apply_decree",
    "ask_to_be_told",
    "check_let_in",
    "confirm_watch",
    "end_roll_over",
    "ensure_room",
    "find_mistakes",
    "free_place",
    "free_places",
    "hand_over_places",
    "join_room",
    "keep_rooms",
    "load_scenario",
    "lock_window",
    "look_first",
    "offer_what_goes_on",
    "open_due_windows",
    "places_to_draw",
    "prepare_windows",
    "preview_decree",
    "release_undrawn",
    "reserve_again",
    "rest_places",
    "restore_places",
    "roll_over_due",
    "seems_available",
    "stamp_drawn",
    "stop_watch",
    "take_drawn",
    "take_for_office",
    "take_given_back",
    "take_places",
    "withdraw_places",
]
