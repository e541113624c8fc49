"""Distances between offices. Pure: no database, no request."""

import math
from collections.abc import Iterable
from typing import Final

from offices.directory.models import Office

EARTH_RADIUS_KM: Final = 6371.0
UNKNOWN: Final = math.inf


def kilometres(one: Office, other: Office) -> float:
    """Return the great-circle distance of two offices, UNKNOWN if one has no coordinates."""
    points = (one.latitude, one.longitude, other.latitude, other.longitude)
    if any(value is None for value in points):
        return UNKNOWN
    lat_1, long_1, lat_2, long_2 = (math.radians(value or 0.0) for value in points)
    half = (
        math.sin((lat_2 - lat_1) / 2) ** 2
        + math.cos(lat_1) * math.cos(lat_2) * math.sin((long_2 - long_1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, half)))


def nearest_first(offices: Iterable[Office], origin: Office) -> list[tuple[Office, float]]:
    """Return the offices with their distance from `origin`, nearest first; unknown ones last, by name."""
    pairs = [(office, kilometres(origin, office)) for office in offices]
    return sorted(pairs, key=lambda pair: (pair[1], pair[0].name))
