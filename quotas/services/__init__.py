from quotas.services.openings import open_due_windows
from quotas.services.places import free_place, take_places
from quotas.services.windows import Prepared, prepare_windows

__all__ = ["Prepared", "free_place", "open_due_windows", "prepare_windows", "take_places"]
