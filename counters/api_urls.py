"""The API of the office day."""

from counters.display import urls as display_urls

urlpatterns = [
    *display_urls.api_urlpatterns,
]
