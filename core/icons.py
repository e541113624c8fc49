"""The icons: our own, on a grid of 24, stroke 2, round ends. Always shown with a text."""

from typing import Final

_WAITING = '<path d="M5 12h.01M12 12h.01M19 12h.01" stroke-width="4"/>'
_CLOCK = '<circle cx="12" cy="12" r="9"/><path d="M12 6.5V12l3.5 2.5"/>'

ICONS: Final[dict[str, str]] = {
    # states of places
    "open": '<circle cx="12" cy="12" r="9"/><circle cx="12" cy="12" r="3" fill="currentColor"/>',
    "few": '<circle cx="12" cy="12" r="9"/><path d="M9 12h.01M15 12h.01" stroke-width="4"/>',
    "full": '<circle cx="12" cy="12" r="9"/><path d="M7.5 12h9"/>',
    "not_yet_open": _CLOCK,
    "closed": '<path d="M6 6l12 12M18 6L6 18"/>',
    "past": '<path d="M5 12h14"/>',
    # states of visits
    "waiting": _WAITING,
    "called": '<path d="M3 10v4h4l6 4.5v-13L7 10zM16.5 9a4.2 4.2 0 0 1 0 6M19 6a8.5 8.5 0 0 1 0 12"/>',
    "serving": '<circle cx="12" cy="7" r="3.5"/><path d="M5.5 17a6.5 6.5 0 0 1 13 0M3 21h18"/>',
    "done": '<path d="M4.5 12.5l5 5L20 7"/>',
    "risk": '<path d="M12 3.5L2 20.5h20zM12 10v4.5M12 17.5h.01"/>',
    "late": '<path d="M8 2.5h8l5.5 5.5v8L16 21.5H8L2.5 16V8zM12 7.5V13M12 16.5h.01"/>',
    # other
    "cal": '<path d="M4 5.5h16V20H4zM4 10h16M8 3v4M16 3v4M12 12.5v5M9.5 15h5"/>',
    "camera": '<path d="M3.5 8H7l1.5-3h7L17 8h3.5v11.5h-17z"/><circle cx="12" cy="13.5" r="3.5"/>',
    "car": '<path d="M3.5 17v-4.5L6 7h12l2.5 5.5V17zM3.5 12.5h17M6.5 17v2.5M17.5 17v2.5"/>',
    "clock": _CLOCK,
    "doc": '<path d="M5.5 3h8.5l4.5 4.5V21h-13zM14 3v4.5h4.5M9 12.5h6M9 16.5h6"/>',
    "door": '<path d="M6 21V3.5h12V21M3 21h18M14.5 12h.01"/>',
    "down": '<path d="M12 3.5v12M6.5 10.5L12 16l5.5-5.5M4 20.5h16"/>',
    "edit": '<path d="M4 20l1-4.5L16.5 4 20 7.5 8.5 19zM14 6.5l3.5 3.5"/>',
    "flag": '<path d="M5.5 21V3.5M5.5 4.5h13l-3 4.5 3 4.5h-13"/>',
    "fold": '<path d="M6 9.5l6 6 6-6"/>',
    "go": '<path d="M3 12h17M13 5l7 7-7 7"/>',
    "heart": '<path d="M12 20.5S3.5 15.5 3.5 9.4A4.4 4.4 0 0 1 12 7.3a4.4 4.4 0 0 1 8.5 2.1c0 6.1-8.5 11.1-8.5 11.1z"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.5h.01"/>',
    "key": '<circle cx="8" cy="15.5" r="4.5"/><path d="M11.5 12.5L20 4M16.5 7.5l3 3M14 10l2 2"/>',
    "mail": '<path d="M3.5 5.5h17v13h-17zM4 6l8 7 8-7"/>',
    "next": '<path d="M9 5l7 7-7 7"/>',
    "passport": '<path d="M5 3h11a3 3 0 0 1 3 3v12a3 3 0 0 1-3 3H5zM9 16.5h6"/><circle cx="12" cy="10" r="3"/>',
    "pause": '<path d="M8 5v14M16 5v14" stroke-width="3"/>',
    "people": (
        '<circle cx="8.5" cy="8" r="3.5"/>'
        '<path d="M2 20a6.5 6.5 0 0 1 13 0M16 5a3.5 3.5 0 0 1 0 6.5M18 14.2a6.5 6.5 0 0 1 4 5.8"/>'
    ),
    "phone": '<path d="M7.5 2.5h9v19h-9zM11 18.5h2"/>',
    "pin": '<path d="M12 21.5s7-6.4 7-11.8a7 7 0 0 0-14 0c0 5.4 7 11.8 7 11.8z"/><circle cx="12" cy="9.5" r="2.5"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "prev": '<path d="M15 5l-7 7 7 7"/>',
    "print": '<path d="M7 9V3.5h10V9M7 17H3.5V9h17v8H17M7 14h10v6.5H7z"/>',
    "scan": '<path d="M3.5 8V3.5H8M16 3.5h4.5V8M20.5 16v4.5H16M8 20.5H3.5V16M3.5 12h17"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5L21 21"/>',
    "temp": '<path d="M9.5 13V5a2.5 2.5 0 0 1 5 0v8a4.5 4.5 0 1 1-5 0zM12 9v8"/>',
    "theme": '<circle cx="12" cy="12" r="8.5"/><path d="M12 3.5a8.5 8.5 0 0 1 0 17z" fill="currentColor"/>',
    "trash": '<path d="M4 6.5h16M9.5 6V3.5h5V6M6 6.5l1 14h10l1-14M10 10.5v6M14 10.5v6"/>',
}
