"""The parser of API requests."""

from collections.abc import Mapping
from typing import Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError

from core.json_text import NOT_JSON, read_json


class JSONParser(parsers.JSONParser):
    """JSON in UTF-8 with bounded nesting and valid text."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Raise ParseError with the sentence to show."""
        try:
            return read_json(stream.read().decode("utf-8"))
        except UnicodeDecodeError:
            raise ParseError(NOT_JSON) from None
        except ValueError as error:
            raise ParseError(str(error)) from None
