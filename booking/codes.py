"""Generation and parsing of booking codes."""

import re
import secrets

# Without characters that are easily confused: 0 O, 1 I L, 5 S, 2 Z, 8 B.
CODE_ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
CODE_LENGTH = 10
SIGN_OF = CODE_ALPHABET * (256 // len(CODE_ALPHABET))
SEPARATORS = re.compile(r"[^A-Z0-9]+")


def new_code() -> str:
    """Return a random booking code of 10 characters (46 bits)."""
    signs = ""
    while len(signs) < CODE_LENGTH:
        # Bytes beyond the last whole multiple of the alphabet would favour its first characters.
        signs += "".join([SIGN_OF[byte] for byte in secrets.token_bytes(16) if byte < len(SIGN_OF)])
    return signs[:CODE_LENGTH]


def clean_code(text: str) -> str:
    """Normalise a typed or scanned booking code to its stored form."""
    return SEPARATORS.sub("", text.upper())
