"""Shared helpers of the API views."""

from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import serializer_fields as fields
from core.errors import DomainError

LARGEST_ID: Final = 2**63 - 1
ERROR: Final[dict[str, str]] = {"$ref": "#/components/schemas/Error"}


def conflict(codes: str) -> OpenApiResponse:
    """Return the OpenAPI response of a refusal with these codes."""
    return OpenApiResponse(ERROR, description=codes)


def valid_data(serializer: serializers.Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def rename_fields(error: DomainError, names: dict[str, str]) -> None:
    error.fields = {names.get(name, name): texts for name, texts in error.fields.items()}


MOST_A_PAGE: Final = 200
A_PAGE: Final = 100
FURTHEST: Final = 1_000_000
PAGE_PARAMETERS: Final = [
    OpenApiParameter(
        "limit",
        OpenApiTypes.INT,
        description=f"How many rows, 1 to {MOST_A_PAGE}; {A_PAGE} without it.",
    ),
    OpenApiParameter(
        "offset",
        OpenApiTypes.INT,
        description="How many rows to leave out. The header `Link` names the next page, `X-Total-Count` "
        "the number of rows.",
    ),
]


class PageInput(serializers.Serializer):
    limit = fields.IntegerField(min_value=1, max_value=MOST_A_PAGE, default=A_PAGE)
    offset = fields.IntegerField(min_value=0, max_value=FURTHEST, default=0)


def page_of(
    request: Request,
    rows: QuerySet[Any],
    output: type[serializers.Serializer],
    *,
    shown: Callable[[QuerySet[Any]], Iterable[Any]] = list,
) -> Response:
    """Return a part of the rows as a list. The headers `Link` and `X-Total-Count` say what follows.

    The body stays a plain list, as before lists had pages. `shown` turns the rows of the page into what
    `output` reads. Raises ValidationError.
    """
    typed = valid_data(PageInput(data=request.query_params))
    first, size, total = typed["offset"], typed["limit"], rows.count()
    answer = Response(output(list(shown(rows[first : first + size])), many=True).data)
    answer["X-Total-Count"] = str(total)
    if first + size < total:
        query = urlencode({"limit": size, "offset": first + size})
        answer["Link"] = f'<{request.build_absolute_uri(request.path)}?{query}>; rel="next"'
    return answer
