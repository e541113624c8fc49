"""Public pages of the office day: boards and kiosks."""

from counters.display import urls as display_urls

app_name = "display"
urlpatterns = [
    *display_urls.urlpatterns,
]
