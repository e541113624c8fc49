"""Shared helpers of the API views."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

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
