"""The API of the office day."""

from counters.queue import urls as queue_urls

urlpatterns = [
    *queue_urls.api_urlpatterns,
]
