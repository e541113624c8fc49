"""The app's part of the API."""

from reports.load import urls as load_urls

urlpatterns = [
    *load_urls.api_urlpatterns,
]
