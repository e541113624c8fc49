"""API addresses of boards, kiosks and calls."""

from counters.display import urls as display_urls
from counters.queue import urls as queue_urls

urlpatterns = [
    *display_urls.api_urlpatterns,
    *queue_urls.api_urlpatterns,
]
