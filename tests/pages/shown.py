"""Reading a page as people do."""

import re
from html import unescape
from typing import Any


def text_of(answer: Any) -> str:
    """Return the text of a response without its markup; runs of white space count as one space."""
    plain = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", unescape(plain))
