"""Officers' screens, under /admin/."""

from privacy.requests import urls as requests_urls

app_name = "protection"
urlpatterns = [*requests_urls.officer_urlpatterns]
