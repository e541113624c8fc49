"""Codes of bookings: how they are made and read."""

import re
import secrets

# No letter or digit that is misread at a counter: no 0 O, 1 I L, 5 S, 2 Z, 8 B.
CODE_ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
CODE_LENGTH = 10
SIGN_OF = CODE_ALPHABET * (256 // len(CODE_ALPHABET))
SEPARATORS = re.compile(r"[^A-Z0-9]+")


def new_code() -> str:
    """Return a booking code of 10 signs that cannot be guessed (46 bits)."""
    signs = ""
    while len(signs) < CODE_LENGTH:
        # What lies past the last whole alphabet would make its first signs likelier.
        signs += "".join([SIGN_OF[byte] for byte in secrets.token_bytes(16) if byte < len(SIGN_OF)])
    return signs[:CODE_LENGTH]


def clean_code(text: str) -> str:
    """Return a booking code as it is stored, however it was typed or scanned."""
    return SEPARATORS.sub("", text.upper())
